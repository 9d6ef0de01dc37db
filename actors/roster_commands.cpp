#include "actors/group_words.hpp"
#include "actors/reply_text.hpp"
#include "actors/roster.hpp"
#include "base/text.hpp"
#include "messages/error.hpp"
#include "pubsub/glob.hpp"
#include "session/shutdown_words.hpp"

#include <algorithm>

namespace saker {

using namespace supervision;

caf::result<resp::value> roster_state::call(const command_call& what) {
  auto& args = what.what.args;
  auto rest = arguments{args}.subspan(1);
  switch (what.what.command->id) {
    case resp::command_id::svstatus: return status(rest, what.what);
    case resp::command_id::svgmember: return members(rest, what.what);
    case resp::command_id::svgstatus: {
      auto masks = as_groups(rest);
      return masks ? status(*masks, what.what) : to_reply(masks.error());
    }
    case resp::command_id::svscale: return scale(what);
    case resp::command_id::svrun: return run(what);
    case resp::command_id::svsignal: return signal(what);
    case resp::command_id::svcheck:
    case resp::command_id::svcont:
    case resp::command_id::svdisable:
    case resp::command_id::svdrop:
    case resp::command_id::svenable:
    case resp::command_id::svgrestart:
    case resp::command_id::svgstart:
    case resp::command_id::svgstop:
    case resp::command_id::svpause:
    case resp::command_id::svreload:
    case resp::command_id::svreset:
    case resp::command_id::svrestart:
    case resp::command_id::svstart:
    case resp::command_id::svstop:
    case resp::command_id::svtryrestart: return control(what);
    case resp::command_id::svwait: return wait(rest, what);
    case resp::command_id::svapply:
    case resp::command_id::svplan: return apply(what);
    case resp::command_id::svconfig: return config(rest, what.what);
    case resp::command_id::svaudit: return audits(rest);
    case resp::command_id::svlife: return life(rest, what.what);
    case resp::command_id::svwhy: return why(rest, what.what);
    case resp::command_id::svlog: return log(rest, what.what);
    case resp::command_id::shutdown: return shutdown(rest);
    case resp::command_id::acl_dryrun: return dry_run(what.what);
    default: return syntax_error("this command is not available yet");
  }
}

viewpoint roster_state::here() const {
  return {links.supervisors->node, self->clock().now(),
          links.supervisors->unix_ms()};
}

result<void> roster_state::check_node(const mask& x) const {
  auto& own = links.supervisors->node;
  if (x.node.empty() || matches_node(x, own, true, &pubsub::glob_match))
    return {};
  return fail(errc::no_such_node, "no node \"" + printable(x.node, 60)
                                    + "\" is known here; this node is \"" + own
                                    + '"');
}

result<std::vector<roster_state::place>>
roster_state::find(arguments masks, const session::request& asked,
                   purpose what) const {
  std::vector<mask> wanted;
  for (auto& text : masks) {
    auto x = parse_mask(text);
    if (!x)
      return x.error();
    if (auto ok = check_node(*x); !ok)
      return ok.error();
    wanted.push_back(std::move(*x));
  }
  if (wanted.size() == 1 && wanted.front().plain())
    if (auto own = instances_of(wanted.front(), asked, what); !own.empty())
      return checked(std::move(own), asked, what);
  std::vector<known_instance> known;
  auto hidden = false; // whoever only looks does not learn of these
  for (auto& [where, x] : members_) {
    if (what == purpose::look && !is_visible(where, asked))
      hidden = true;
    else
      known.push_back({x.now.who, known_as(where).groups});
  }
  auto found = resolve(wanted, known, &pubsub::glob_match);
  if (!found && what == purpose::change && asked.services)
    return find(masks, asked, purpose::look); // near names are hidden too
  if (!found)
    return fail(found.error().code,
                found.error().detail
                  + (hidden ? ", of those that this user may look at" : ""));
  std::vector<place> result;
  for (auto& x : *found)
    result.emplace_back(x.name, x.index);
  return checked(std::move(result), asked, what);
}

/// Those of the service that has just this name, without a look at the others.
/// Nothing if whoever asks cannot see them: then they are not there.
std::vector<roster_state::place>
roster_state::instances_of(const mask& plain, const session::request& asked,
                           purpose what) const {
  std::vector<place> own;
  for (auto i = members_.lower_bound({plain.name, 0});
       i != members_.end() && i->first.first == plain.name; ++i)
    if (what != purpose::look || is_visible(i->first, asked))
      own.push_back(i->first);
  return own;
}

result<std::vector<roster_state::place>>
roster_state::checked(std::vector<place> found, const session::request& asked,
                      purpose what) const {
  if (what == purpose::change)
    if (auto ok = may_change(found, asked); !ok)
      return ok.error();
  return found;
}

/// The names of the services, each once.
caf::result<resp::value>
roster_state::members(arguments groups, const session::request& asked) const {
  auto whom = find_groups(groups, asked, purpose::look);
  if (!whom)
    return to_reply(whom.error());
  resp::array names;
  for (auto& [name_, _] : *whom)
    if (names.items.empty() || names.items.back().text() != name_)
      names.items.emplace_back(name_);
  return resp::value{std::move(names)};
}

// -- SVWAIT, SHUTDOWN -------------------------------------------------------------------

caf::result<resp::value>
roster_state::wait(arguments args, const command_call& what) {
  auto until = parse_state(args[1]);
  if (!until)
    return syntax_error(
      "\"" + printable(args[1], 40)
      + "\" is no state; states are stopped waiting starting "
        "running sick stopping backoff resting done failed stuck "
        "lost adopted");
  auto ms = parse_integer(args[2]);
  if (!ms || *ms < 0 || *ms > 86'400'000)
    return syntax_error(
      "a time in milliseconds from 0 to 86400000 is needed, not \""
      + printable(args[2], 40) + '"');
  auto whom = find(args.first(1), what.what, purpose::look);
  if (!whom)
    return to_reply(whom.error());
  std::vector<wait_list::place> places;
  for (auto& [name_, index] : *whom)
    places.emplace_back(instance{name_, index, false}.key(),
                        members_.at({name_, index}).now.at);
  auto who = ++last_waiter_;
  auto added = waits_.add(who, what.client, places, *until,
                          self->clock().now() + std::chrono::milliseconds{*ms});
  switch (added.what) {
    case wait_list::outcome::over:
      return resp::value{static_cast<std::int64_t>(added.reached)};
    case wait_list::outcome::full:
      return to_reply(fail(errc::busy, "too many clients wait for services; "
                                       "try again later"));
    case wait_list::outcome::waiting: break;
  }
  auto answer = self->make_response_promise<resp::value>();
  waiters_.emplace(who, answer);
  arm_waits();
  return answer;
}

caf::result<resp::value> roster_state::shutdown(arguments args) {
  auto keep = session::keeps_services(args);
  if (!keep)
    return syntax_error(std::string{session::no_words_of_shutdown});
  keep_ = keep_ || (*keep && !ending_);
  // As in Redis there is no reply: the connection ends with the node.
  auto never = self->make_response_promise<resp::value>();
  stop_all(0);
  return never;
}

} // namespace saker
