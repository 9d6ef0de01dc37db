#include "actors/system_info.hpp"

#include "actors/reply_text.hpp"
#include "actors/stopwatch.hpp"
#include "process/sysinfo.hpp"
#include "supervision/secrets.hpp"

namespace saker {

namespace {

using namespace std::chrono_literals;

/// The threads are there for scripts too.
constexpr std::size_t at_once = 2;
constexpr auto time_between_looks = 1s;

/// Without its arguments; some processes write all of them into one word.
std::vector<std::string>
only_the_program(const std::vector<std::string>& command_line) {
  if (command_line.empty())
    return {};
  auto& first = command_line[0];
  return {first.substr(0, first.find(' '))};
}

} // namespace

system_info_state::~system_info_state() {
  for (auto& [id, asker] : askers_)
    asker.deliver(to_reply(fail(errc::closed, "Saker is shutting down")));
}

void system_info_state::begin(system_info_links with) {
  links = std::move(with);
  chores_.emplace(links.chores, at_once);
}

caf::result<resp::value> system_info_state::call(command_call& what) {
  if (askers_.size() >= links.most_waiting)
    return to_reply(fail(errc::busy, std::to_string(askers_.size())
                                       + " questions wait already; try again "
                                         "later"));
  std::vector<std::string> words{what.what.args.begin() + 1,
                                 what.what.args.end()};
  auto answer = self->make_response_promise<resp::value>();
  auto id = ++last_;
  askers_.emplace(id, answer);
  lua::chore chore{[ask = links.ask, words = std::move(words),
                    who = sysinfo_asker{what.what.rights, !what.what.services}](
                     const std::atomic<bool>&) -> result<lua::chore_result> {
                     auto value = ask(words, who);
                     if (!value)
                       return value.error();
                     return lua::chore_result{std::move(*value)};
                   },
                   links.patience};
  chores_->add(id, std::move(chore), links.now(),
               [me = caf::actor_cast<system_actor>(self), id](chore_answer x) {
                 caf::anon_send(me, atom::ended_v, id, std::move(x));
               });
  want_look();
  return answer;
}

void system_info_state::ended(std::uint64_t id, const chore_answer& answer) {
  chores_->ended(id);
  if (*answer)
    reply(id, std::move((*answer)->front()));
  else
    reply(id, to_reply(answer->error()));
}

void system_info_state::look() {
  looking_ = false;
  for (auto id : chores_->give_up_late(links.now()))
    reply(id, to_reply(fail(errc::timeout, "the system does not answer; is a "
                                           "file system away?")));
  if (!chores_->empty())
    want_look();
}

void system_info_state::want_look() {
  if (!std::exchange(looking_, true))
    self->delayed_send(self, time_between_looks, atom::wait_v);
}

void system_info_state::reply(std::uint64_t id, resp::value what) {
  auto i = askers_.find(id);
  if (i == askers_.end())
    return;
  i->second.deliver(std::move(what));
  askers_.erase(i);
}

result<resp::value> answer_sysinfo(const std::vector<std::string>& words,
                                   const sysinfo_asker& who) {
  auto arguments = std::span{words}.subspan(1);
  auto view = process::system_view::current();
  view.any_path = who.rights.has(resp::right::control);
  if (!who.every_service)
    view.told = only_the_program;
  else if (!who.rights.has(resp::right::admin))
    view.told = [](const std::vector<std::string>& x) {
      return supervision::without_secrets(x);
    };
  auto value = process::sysinfo(words[0], arguments, view);
  if (!value)
    return value.error();
  return std::visit([](auto& x) { return resp::value{std::move(x)}; }, *value);
}

system_actor::behavior_type
system_info(system_actor::stateful_pointer<system_info_state> self,
            system_info_links links) {
  self->state.begin(std::move(links));
  return {
    [self](atom::call, command_call& what) {
      stopwatch time{what};
      return self->state.call(what);
    },
    [self](atom::ended, std::uint64_t id, const chore_answer& answer) {
      self->state.ended(id, answer);
    },
    [self](atom::wait) { self->state.look(); },
  };
}

} // namespace saker
