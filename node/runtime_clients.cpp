#include "actors/auditor.hpp"
#include "actors/command_route.hpp"
#include "actors/overrides.hpp"
#include "actors/system_info.hpp"
#include "actors/user_file.hpp"
#include "base/version.hpp"
#include "config/users.hpp"
#include "io/pinned.hpp"
#include "node/random_hex.hpp"
#include "node/runtime.hpp"
#include "session/slow_log.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace saker::node {

namespace {

using namespace std::chrono_literals;

session::shared_settings
session_settings(const config::settings& from, const acl::user_list& users,
                 std::shared_ptr<command_directory> directory,
                 const node_figures& figures, session::shared_trail trail,
                 std::shared_ptr<const std::atomic<bool>> monitored,
                 std::shared_ptr<status_board> board) {
  auto x = std::make_shared<session::settings>();
  x->users = std::make_shared<const acl::user_list>(users);
  x->auth_delay = 100ms;
  x->denials = std::make_shared<acl::denial_log>();
  x->requests.bulk = from.limits.bulk;
  x->query_buffer = from.limits.query_buffer;
  x->open_commands = from.limits.open_commands;
  x->channel_name = from.limits.channel_name;
  x->subscriptions = from.limits.subscriptions;
  x->guest_subscriptions = from.limits.guest_subscriptions;
  x->reply_pause = from.limits.reply_pause;
  x->started = std::chrono::system_clock::now();
  x->slow = std::make_shared<session::slow_log>(10ms, 128);
  x->audit = std::move(trail);
  x->monitored = std::move(monitored);
  x->status = [board](std::string_view name, const session::moment& now,
                      resp::writer out) { return board->tell(name, now, out); };
  x->aliases = [directory] { return directory->aliases(); };
  x->loading = [&figures](resp::target what) {
    return (what == resp::target::roster ? figures.loading_services
                                         : figures.loading_scripts)
             .get()
           != 0;
  };
  return x;
}

} // namespace

std::shared_ptr<connection_links> runtime::make_links() {
  auto x = std::make_shared<connection_links>();
  x->settings = session_settings(boot_.settings, boot_.users, directory_,
                                 figures_, trail_, monitored_, board_);
  // They have it already, or what ACL made of `default`, which counts for more.
  x->live->password_hash = boot_.parameters.password_hash();
  x->live->limits = boot_.settings.limits;
  x->broker = broker_;
  x->script = [d = directory_](const std::string& name) {
    return d->script(name);
  };
  x->figures = &figures_;
  x->refusals = std::make_shared<refusal_log>(warn_);
  x->system = spawn_system_info();
  return x;
}

/// Sessions of scripts use it on any thread.
session::shared_trail runtime::make_trail() {
  if (boot_.settings.audit.commands == config::audited_commands::none)
    return nullptr;
  return std::make_shared<session::audit_trail>(
    boot_.settings.audit,
    [this](session::audit_entry x) {
      caf::anon_send(auditor_, atom::tell_v, std::move(x));
    },
    [this] { caf::anon_send(auditor_, atom::wait_v); });
}

auditor_actor runtime::spawn_auditor() {
  auditor_links x;
  x.node = boot_.settings.node;
  x.trail = trail_;
  x.broker = broker_;
  x.journal = audits_;
  x.say = [this](const std::string& text, const std::string& event) {
    log_.audit(text, event);
  };
  return io::spawn_on(&io_, sys_, auditor, std::move(x));
}

command_actor runtime::spawn_system_info() {
  system_info_links x;
  x.chores = &chore_threads_;
  x.ask = answer_sysinfo;
  return caf::actor_cast<command_actor>(
    io::spawn_on(&io_, sys_, system_info, std::move(x)));
}

gateway_actor runtime::spawn_gateway() {
  auto& settings = boot_.settings;
  gateway_links x;
  x.connections = links_;
  x.who = identity();
  x.parameters = boot_.parameters;
  x.listen = [this](unique_fd socket, io::listener_events events) {
    return io::listen_on(io_, std::move(socket), std::move(events));
  };
  x.connect = [this](session::peer who, std::uint64_t id, unique_fd socket) {
    return connect(std::move(who), id, std::move(socket));
  };
  x.warn = warn_;
  x.drift = drift_;
  x.overrides = sys_.spawn<caf::detached>(
    overrides, config::overrides_file(settings.state_dir),
    config::live_file(settings.runtime_dir));
  x.users = sys_.spawn<caf::detached>(user_file,
                                      config::users_file(settings.state_dir),
                                      config::users_file(settings.runtime_dir));
  x.configured = boot_.configured;
  x.changed = [this](const session::parameters& now) { use(now); };
  x.tls = make_tls();
  x.keeper = keeper_;
  x.socket_mode = settings.socket_mode;
  x.socket_group = settings.socket_group;
  return io::spawn_on(&io_, sys_, gateway, std::move(x));
}

connection_actor
runtime::connect(session::peer who, std::uint64_t id, unique_fd socket) {
  auto fd = std::make_shared<unique_fd>(std::move(socket));
  return io::spawn_on(
    &io_, sys_, connection, shared_links{links_}, std::move(who), id,
    stream_factory{[this, fd](io::stream_events events) {
      return io::open_stream(io_, std::move(*fd), std::move(events));
    }});
}

node_identity runtime::identity() const {
  node_identity x;
  x.name = boot_.settings.node;
  x.saker_version = version;
  x.redis_version = links_->settings->version;
  x.run_id = random_hex(40);
  x.config_file = boot_.settings.file.string();
  for (auto& where : boot_.settings.listen)
    if (where.is_tcp() && x.tcp_port == 0)
      x.tcp_port = where.port;
  x.keeper_pid = keeper_pid_;
  x.node_restarts = boot_.held.welcome.restarts;
  x.safe_mode = boot_.held.welcome.safe_mode;
  x.io_uring = io_.sends().has_ring();
  x.started = std::chrono::steady_clock::now();
  return x;
}

/// What CONFIG SET changed, apart from clients.
void runtime::use(const session::parameters& x) {
  boot_.addresses->set(x.listen());
  // As long as nobody says anything else, the configuration counts: it knows
  // more levels than Redis.
  if (log_level_.empty())
    log_level_ = session::parameters{boot_.settings}.text("loglevel");
  if (x.text("loglevel") != std::exchange(log_level_, x.text("loglevel")))
    log_.level(x.log_level());
}

} // namespace saker::node
