#include "actors/job.hpp"

#include "messages/error.hpp"
#include "process/exit_status.hpp"
#include "process/posix.hpp"
#include "process/spawn.hpp"
#include "process/spawn_step.hpp"

#include <algorithm>
#include <csignal>

namespace saker {

namespace {

/// Saker's environment with what the spec adds.
std::vector<std::string>
merged(const std::vector<std::string>& base,
       const std::map<std::string, std::string>& more) {
  std::vector<std::string> result;
  for (auto& x : base)
    if (!more.contains(x.substr(0, x.find('='))))
      result.push_back(x);
  for (auto& [name, value] : more)
    result.push_back(name + '=' + value);
  return result;
}

} // namespace

job_state::~job_state() {
  for (auto& x : sources_)
    if (x.watch)
      x.watch->close();
  if (!key_.empty())
    caf::anon_send(links.keeper, atom::withdraw_v, key_);
}

caf::result<lua::exec_result> job_state::call(lua::exec_spec& what) {
  link::spawn order;
  order.output = link::output_mode::split;
  order.what.argv = std::move(what.argv);
  order.what.dir = what.dir.empty() ? "/" : what.dir;
  order.what.env = merged(links.environment, what.env);
  order.what.input_text = std::move(what.input);
  return begin("exec", std::move(order), what.timeout);
}

caf::result<lua::exec_result> job_state::call(job_order& what) {
  only_tail_ = true;
  log_ = std::move(what.log);
  lines_.emplace(what.name);
  link::spawn order;
  order.output = link::output_mode::merged;
  order.what = std::move(what.what);
  return begin(what.name, std::move(order), what.timeout);
}

caf::result<lua::exec_result>
job_state::begin(const std::string& prefix, link::spawn order,
                 std::chrono::milliseconds timeout) {
  spawn_id_ = links.numbers->next();
  key_ = prefix + ":" + std::to_string(spawn_id_) + "#0";
  order.key = key_;
  order.spawn_id = spawn_id_;
  order.kind = link::child_class::job;
  order.stop = "KILL";
  asker_ = self->make_response_promise<lua::exec_result>();
  self->send(links.keeper, atom::enroll_v, key_,
             caf::actor_cast<keeper_client_actor>(self));
  self
    ->request(links.keeper, caf::infinite, atom::ask_v,
              link::request{std::move(order)})
    .then([](bool) {},
          [this](const caf::error& why) { fail_with(to_failure(why)); });
  if (timeout.count() > 0)
    self->delayed_send(self, timeout, atom::expire_v);
  return *asker_;
}

void job_state::spawned(const handed_fds& output) {
  for (std::size_t i = 0; i < sources_.size() && i < output->size(); ++i) {
    sources_[i].fd = std::move((*output)[i]);
    sources_[i].watch = links.watch(sources_[i].fd.get());
  }
  wait_for_output();
}

void job_state::ended(const link::ended& what) {
  self->send(links.keeper, atom::send_v,
             link::request{link::ack{key_, what.spawn_id}});
  self->send(links.keeper, atom::send_v, link::request{link::forget{key_}});
  read_all();
  if (lines_)
    log(lines_->finish());
  if (what.how.kind == link::end_kind::failed) {
    auto text = process::failure_text(what.how.step, what.how.number,
                                      what.how.path, what.how.hint);
    auto step = process::parse_spawn_step(what.how.step);
    auto shortage
      = step && process::is_shortage({*step, what.how.number, what.how.path});
    return fail_with(
      fail(shortage ? errc::busy : errc::spawn_failed, std::move(text)));
  }
  if (failure_)
    return fail_with(*failure_);
  if (what.how.kind == link::end_kind::exited)
    result_.code = what.how.number;
  else
    result_.signal = what.how.number;
  if (asker_)
    asker_->deliver(std::move(result_));
  asker_.reset();
  self->quit();
}

void job_state::readable() {
  read_all();
  if (failure_)
    return;
  if (more_)
    self->send(self, atom::readable_v);
  else
    wait_for_output();
}

void job_state::expire() {
  if (!asker_ || failure_)
    return;
  failure_ = fail(errc::timeout, "it took too long and was killed");
  kill();
}

void job_state::finish() {
  asker_.reset();
  failure_ = fail(errc::closed, "nobody waits");
  kill();
}

void job_state::read_all() {
  more_ = false;
  auto fits = read(sources_[0], result_.out);
  fits = read(sources_[1], result_.err) && fits;
  if (!fits && !failure_) {
    failure_ = fail(errc::limit, "it wrote more than "
                                   + std::to_string(links.output_limit)
                                   + " bytes and was killed");
    kill();
  }
}

bool job_state::read(source& from, std::string& into) {
  if (!from.fd)
    return true;
  char buffer[16 * 1024];
  for (auto left = most_reads; left > 0; --left) {
    auto n = process::retry(
      [&] { return ::read(from.fd.get(), buffer, sizeof(buffer)); });
    if (n <= 0)
      return true;
    auto more = static_cast<std::size_t>(n);
    if (lines_)
      log(lines_->feed({buffer, more}));
    if (only_tail_ && into.size() + more > 2 * tail_limit)
      into.erase(0, into.size() - std::min(into.size(), tail_limit));
    if (into.size() + more > links.output_limit)
      return false;
    into.append(buffer, more);
  }
  more_ = true;
  return true;
}

void job_state::log(std::string lines) {
  if (lines.empty() || log_.key.empty())
    return;
  auto what = log_;
  what.text = std::move(lines);
  self->send(links.writer, atom::emit_v, std::move(what));
}

void job_state::wait_for_output() {
  auto me = caf::actor_cast<job_actor>(self);
  for (auto& x : sources_)
    if (x.watch)
      x.watch->when_readable([me] { caf::anon_send(me, atom::readable_v); });
}

void job_state::kill() {
  self->send(links.keeper, atom::send_v,
             link::request{link::signal{key_, SIGKILL, true}});
}

void job_state::fail_with(failure why) {
  if (asker_)
    asker_->deliver(to_error(why));
  asker_.reset();
  self->quit();
}

job_actor::behavior_type
job(job_actor::stateful_pointer<job_state> self, job_links links) {
  self->state.links = std::move(links);
  return {
    [self](atom::tell, const link::spawned&, const handed_fds& output) {
      self->state.spawned(output);
    },
    [self](atom::tell, const link::ended& what) { self->state.ended(what); },
    [](atom::tell, const link::left&) {}, // no job is a daemon
    [](atom::tell, const link::orphan&) {},
    [self](atom::call, lua::exec_spec& what) { return self->state.call(what); },
    [self](atom::call, job_order& what) { return self->state.call(what); },
    [self](atom::readable) { self->state.readable(); },
    [self](atom::expire) { self->state.expire(); },
    [self](atom::finish) { self->state.finish(); },
  };
}

} // namespace saker
