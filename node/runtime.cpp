#include "node/runtime.hpp"

#include "actors/drift.hpp"
#include "actors/starter.hpp"
#include "io/pinned.hpp"
#include "node/clocks.hpp"

#include <caf/send.hpp>

#include <chrono>

extern char** environ;

namespace saker::node {

namespace {

using namespace std::chrono_literals;

/// While the disk hangs; what comes then pushes out the oldest.
constexpr std::size_t audits_on_their_way = 10'000;

std::vector<std::string> own_environment() {
  std::vector<std::string> all;
  for (auto x = environ; *x; ++x)
    all.emplace_back(*x);
  return all;
}

} // namespace

runtime::runtime(boot from, const node::log& log)
  : boot_(std::move(from)),
    keeper_pid_(static_cast<pid_t>(boot_.held.welcome.keeper_pid)), log_(log),
    cfg_(boot_.settings.cluster.listen.has_value()), sys_(cfg_),
    io_(sys_, io::loop::time_per_turn,
        boot_.settings.io_uring ? io::loop::sends_together : 0),
    writer_threads_(sys_),
    script_threads_(sys_, boot_.settings.scripts.threads),
    chore_threads_(sys_, boot_.settings.scripts.blocking_threads),
    board_(std::make_shared<status_board>(boot_.settings.node)),
    environment_(own_environment()) {
  numbers_.at_least(boot_.held.welcome.last_spawn_id);
  sequencer_ = std::make_shared<supervision::sequencer>(
    boot_.ids_found, boot_.ids_held,
    [this](const supervision::reservation& x) {
      caf::anon_send(journal_, atom::reserve_v, x);
    },
    since_boot_ms);
  history_ = std::make_shared<supervision::history_queue>(
    supervision::history_queue::usual_size,
    [this] { caf::anon_send(journal_, atom::pump_v); });
  audits_ = std::make_shared<supervision::history_queue>(
    audits_on_their_way, [this] { caf::anon_send(journal_, atom::pump_v); });
}

int runtime::run() {
  spawn_actors();
  begin();
  io_.run();
  writer_threads_.abandon(2s);
  return status_;
}

/// All but those of services, which begin once the addresses are ours.
void runtime::spawn_actors() {
  drift_ = sys_.spawn<caf::detached>(drift, boot_.drift);
  journal_ = vital("journal", spawn_journal());
  keeper_ = vital("link to the keeper", spawn_keeper_link());
  writers_ = vital("writers", spawn_writers());
  broker_ = vital("broker", spawn_broker());
  log_interest_ = spawn_log_interest();
  trail_ = make_trail();
  auditor_ = vital("auditor", spawn_auditor());
  links_ = make_links();
  gateway_ = vital("gateway", spawn_gateway());
  links_->gateway = caf::actor_cast<command_actor>(gateway_);
  librarian_ = vital("librarian", spawn_librarian());
  links_->librarian = caf::actor_cast<command_actor>(librarian_);
  cluster_ = vital("cluster", spawn_cluster());
  links_->cluster = caf::actor_cast<command_actor>(cluster_);
}

void runtime::begin() {
  starter_links x;
  x.keeper = keeper_;
  x.gateway = gateway_;
  x.librarian = librarian_;
  x.listen = boot_.settings.listen;
  auto& tls = boot_.settings.tls.listen;
  x.listen.insert(x.listen.end(), tls.begin(), tls.end());
  x.socket_mode = boot_.settings.socket_mode;
  x.socket_group = boot_.settings.socket_group;
  x.safe_mode = boot_.held.welcome.safe_mode;
  x.children = boot_.children;
  x.loading = [this](bool services, bool scripts) {
    figures_.loading_services.set(services ? 1 : 0);
    figures_.loading_scripts.set(scripts ? 1 : 0);
  };
  x.listening = [this] { return begin_services(); };
  x.say = say_;
  x.warn = warn_;
  x.ready = [this](const std::vector<std::string>& addresses) {
    ready(addresses);
  };
  x.give_up = [this](int status, const std::string& why) {
    log_.error(why);
    leave(status);
  };
  caf::anon_send(io::spawn_on(&io_, sys_, starter, std::move(x)),
                 atom::start_v);
}

void runtime::ready(const std::vector<std::string>& addresses) {
  caf::anon_send(cluster_, atom::start_v);
  std::string text = "ready on";
  for (auto& x : addresses)
    text += ' ' + x;
  log_.info(text);
  for (auto& x : boot_.settings.listen)
    if (x.is_tcp())
      return log_.info("try: redis-cli -3 -p " + std::to_string(x.port)
                       + " svstatus text");
}

/// Any thread.
void runtime::leave(int status) {
  status_ = status;
  io_.stop();
}

void runtime::ended_by_fault(const char* who) {
  log_.error(std::string{"the "} + who
             + " of this node ended by a fault, which the lines before name; "
               "the node ends too, and the keeper starts it again. This is an "
               "error of Saker: please report it");
  leave(70);
}

} // namespace saker::node
