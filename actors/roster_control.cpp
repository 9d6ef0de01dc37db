#include "actors/group_words.hpp"
#include "actors/reply_text.hpp"
#include "actors/roster_store.hpp"
#include "base/text.hpp"
#include "process/exit_status.hpp"
#include "supervision/control_options.hpp"

namespace saker {

using namespace supervision;

namespace {

using id = resp::command_id;

resp::value too_few(const resp::command_info& x) {
  return syntax_error("wrong number of arguments for '" + std::string{x.name}
                      + "' command");
}

/// The same command for masks, if it is one for groups.
id for_masks(id x) {
  switch (x) {
    case id::svgstart: return id::svstart;
    case id::svgstop: return id::svstop;
    case id::svgrestart: return id::svrestart;
    default: return x;
  }
}

bool restarts(id x) {
  return x == id::svrestart || x == id::svtryrestart;
}

/// What each of the instances is told.
any_event order(id what, const stamp& who, std::optional<duration> wait) {
  switch (what) {
    case id::svstart: return event::start{who, 0, wait};
    case id::svstop: return event::stop{who, 0, wait};
    case id::svrestart: return event::restart{who, 0, wait, false};
    case id::svtryrestart: return event::restart{who, 0, wait, true};
    case id::svreset: return event::reset{0, who};
    case id::svpause: return event::pause{who, 0};
    case id::svcont: return event::cont{0};
    case id::svreload: return event::reload{0, wait};
    case id::svdrop: return event::drop{who, 0};
    default: return event::check{0};
  }
}

} // namespace

stamp roster_state::stamp_of(const command_call& what) const {
  return {what.from, links.supervisors->unix_ms()};
}

result<std::vector<roster_state::place>>
roster_state::find_groups(arguments words, const session::request& asked,
                          purpose what) const {
  auto masks = as_groups(words);
  if (!masks)
    return masks.error();
  return find(*masks, asked, what);
}

caf::result<resp::value> roster_state::control(const command_call& what) {
  auto& command = *what.what.command;
  auto what_to_do = for_masks(command.id);
  auto args = arguments{what.what.args}.subspan(1);
  auto options = take_options(args, restarts(what_to_do));
  if (!options)
    return syntax_error(options.error().detail);
  if (args.empty() && command.id != id::svcheck)
    return too_few(command);
  if (ending_ && command.id != id::svcheck)
    return to_reply(fail(errc::loading, "Saker is shutting down"));
  auto aim = command.id == id::svcheck ? purpose::look : purpose::change;
  auto whom = what_to_do == command.id ? find(args, what.what, aim)
                                       : find_groups(args, what.what, aim);
  if (!whom)
    return to_reply(whom.error());
  auto who = stamp_of(what);
  if (command.id == id::svenable || command.id == id::svdisable)
    return set_autostart(*whom, command.id == id::svenable, who);
  if (options->rolling)
    return roll(std::move(*whom), *options, what_to_do, who);
  return ask_all(
    *whom,
    [what_to_do, who, wait = options->wait] {
      return order(what_to_do, who, wait);
    },
    wish(*whom, what_to_do, who));
}

/// Notes what is wanted from now on; returns what the journal must remember.
wanted_list
roster_state::wish(const std::vector<place>& whom, id what, const stamp& who) {
  wanted_list remember;
  auto up = what == id::svstart || what == id::svrestart;
  auto dropped = what == id::svdrop;
  if (!up && !dropped && what != id::svstop)
    return remember;
  for (auto& [name_, index] : whom) {
    wanted x{instance{name_, index, false}.key(), up, who.by, who.at, dropped};
    wanted_[x.name] = x;
    // Whoever asks next must see it, before the supervisor has told.
    auto& shown = members_.at({name_, index}).now;
    shown.wanted_up = up;
    shown.dropped = dropped;
    shown.wanted_by = who;
    links.supervisors->board->wish(name_, index, up, dropped, who);
    if (dropped)
      links.say(shown.who.display() + ": dropped by " + who.by
                + "; it is left alone until somebody starts or stops it");
    remember.push_back(std::move(x));
  }
  return remember;
}

caf::result<resp::value> roster_state::signal(const command_call& what) {
  auto args = arguments{what.what.args}.subspan(1);
  auto number = process::signal_number(args[0]);
  if (!number) {
    auto text = "\"" + printable(args[0], 40) + "\" is no signal";
    if (process::signal_number(args.back()))
      text += "; the signal comes first: SVSIGNAL " + printable(args.back(), 20)
              + ' ' + printable(args[0], 40);
    else
      text += "; write for example HUP, USR1 or 15";
    return syntax_error(text);
  }
  args = args.subspan(1);
  // There is nothing to wait for once a signal is sent.
  auto options = take_options(args, false);
  if (!options)
    return syntax_error(options.error().detail);
  if (args.empty())
    return too_few(*what.what.command);
  auto whom = find(args, what.what, purpose::change);
  if (!whom)
    return to_reply(whom.error());
  return ask_all(*whom,
                 [n = *number]() -> any_event {
                   return event::signal{n, kill_scope::leader, 0};
                 },
                 {});
}

caf::result<resp::value>
roster_state::set_autostart(const std::vector<place>& whom, bool on,
                            const stamp& who) {
  auto answer = self->make_response_promise<resp::value>();
  auto rows = std::make_shared<gathering>(answer, whom.size());
  setting_list remember;
  for (std::size_t i = 0; i < whom.size(); ++i) {
    auto& now = members_.at(whom[i]).now;
    auto key = now.who.key();
    autostart_[key] = on;
    remember.push_back(
      {setting::topic::autostart, key, on ? 1 : 0, 0, who.by, who.at});
    std::string text = on ? "starts when Saker starts"
                          : "does not start when Saker starts";
    if (auto w = wanted_.find(key); w != wanted_.end() && w->second.up != on)
      text += std::string{"; but first of all counts that "} + w->second.by
              + (w->second.dropped ? " dropped it"
                 : w->second.up    ? " started it"
                                   : " stopped it");
    rows->row(i, now.who.display(), {outcome::done, std::move(text)});
  }
  store(*this, std::move(remember), rows);
  return answer;
}

caf::result<resp::value>
roster_state::ask_all(const std::vector<place>& whom, const event_maker& what,
                      wanted_list remember) {
  auto answer = self->make_response_promise<resp::value>();
  auto rows = std::make_shared<gathering>(answer, whom.size());
  for (std::size_t i = 0; i < whom.size(); ++i) {
    auto& x = members_.at(whom[i]);
    auto shown = x.now.who.display();
    self->request(x.actor, caf::infinite, atom::call_v, what())
      .then([rows, i, shown](const verdict& v) { rows->row(i, shown, v); },
            [rows, i, shown](const caf::error& why) {
              rows->row(i, shown, {outcome::failed, to_failure(why).detail});
            });
  }
  store(*this, std::move(remember), rows);
  return answer;
}

} // namespace saker
