#include "actors/drift.hpp"
#include "actors/group_words.hpp"
#include "actors/reply_text.hpp"
#include "actors/roster.hpp"
#include "base/text.hpp"
#include "messages/error.hpp"
#include "pubsub/glob.hpp"

#include <algorithm>

namespace saker {

using namespace supervision;

caf::result<resp::value> roster_state::call(command_call& what) {
  auto& args = what.what.args;
  auto rest = arguments{args}.subspan(1);
  switch (what.what.command->id) {
    case resp::command_id::svstatus: return status(rest, what.what);
    case resp::command_id::svgmember: return members(rest);
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
    case resp::command_id::svwait: return wait(rest, what.client);
    case resp::command_id::svapply:
    case resp::command_id::svplan: return apply(what);
    case resp::command_id::svconfig: return config(rest, what.what);
    case resp::command_id::svlife: return life(rest, what.what);
    case resp::command_id::svwhy: return why(rest, what.what);
    case resp::command_id::svlog: return log(rest, what.what);
    case resp::command_id::shutdown: return shutdown(rest);
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
roster_state::find(arguments masks) const {
  std::vector<mask> wanted;
  for (auto& text : masks) {
    auto x = parse_mask(text);
    if (!x)
      return x.error();
    if (auto ok = check_node(*x); !ok)
      return ok.error();
    wanted.push_back(std::move(*x));
  }
  std::vector<known_instance> known;
  for (auto& [where, x] : members_) {
    auto service = services_.find(where.first);
    known.push_back({x.now.who, {}});
    if (service != services_.end())
      known.back().groups = service->second->groups;
  }
  auto found = resolve(wanted, known, &pubsub::glob_match);
  if (!found)
    return found.error();
  std::vector<place> result;
  for (auto& x : *found)
    result.emplace_back(x.name, x.index);
  return result;
}

/// The names of the services, each once.
caf::result<resp::value> roster_state::members(arguments groups) const {
  auto whom = find_groups(groups);
  if (!whom)
    return to_reply(whom.error());
  resp::array names;
  for (auto& [name_, _] : *whom)
    if (names.items.empty() || names.items.back().text() != name_)
      names.items.emplace_back(name_);
  return resp::value{std::move(names)};
}

// -- SVSTATUS -----------------------------------------------------------------------

caf::result<resp::value>
roster_state::status(arguments args, const session::request& asked) {
  // Whoever may only look gets no output: it may hold secrets.
  auto output = asked.rights.has(resp::right::control);
  enum class form { rows, json, text } how = form::rows;
  auto utf8 = args.size() > 1 && equal_ignoring_case(args.back(), "UTF8")
              && equal_ignoring_case(args[args.size() - 2], "TEXT");
  if (utf8)
    args = args.first(args.size() - 1);
  if (!args.empty() && equal_ignoring_case(args.back(), "JSON"))
    how = form::json;
  else if (!args.empty() && equal_ignoring_case(args.back(), "TEXT"))
    how = form::text;
  if (how != form::rows)
    args = args.first(args.size() - 1);
  auto whom = find(args);
  if (!whom)
    return to_reply(whom.error());
  std::vector<supervision::status> all;
  for (auto& where : *whom)
    all.push_back(members_.at(where).now);
  auto answer = self->make_response_promise<resp::value>();
  auto show = [this, answer, how, output, utf8, in = asked.protocol](
                const std::vector<supervision::status>& rows,
                const viewpoint& from) mutable {
    if (how == form::text) {
      status_text(rows, from, {output, utf8, in}, answer);
    } else if (how == form::json) {
      answer.deliver(resp::value{status_json(rows, from)});
    } else {
      resp::array list;
      for (auto& x : rows)
        list.items.push_back(status_row(x, from));
      answer.deliver(resp::value{std::move(list)});
    }
  };
  with_usage(std::move(all), std::move(show));
  return answer;
}

/// Goes on at once where figures are fresh or nobody has any.
void roster_state::with_usage(
  std::vector<supervision::status> all,
  std::function<void(const std::vector<supervision::status>&, const viewpoint&)>
    then) {
  auto now = self->clock().now();
  auto from = here();
  from.usage = usage_;
  auto known = usage_ && std::all_of(all.begin(), all.end(), [this](auto& x) {
                 return x.pid == 0 || usage_->contains(x.pid);
               });
  if (!links.sampler || (known && now - used_at_ < usage_fresh))
    return then(all, from);
  pid_list roots;
  for (auto& [_, x] : members_)
    if (x.now.pid != 0)
      roots.push_back(x.now.pid);
  auto go_on = [then, from, all](shared_usage usage) mutable {
    from.usage = std::move(usage);
    then(all, from);
  };
  self->request(links.sampler, usage_patience, atom::query_v, std::move(roots))
    .then(
      [this, go_on](const shared_usage& usage) mutable {
        usage_ = usage;
        used_at_ = self->clock().now();
        go_on(usage);
      },
      [go_on](const caf::error&) mutable { go_on(nullptr); });
}

void roster_state::status_text(const std::vector<supervision::status>& all,
                               viewpoint from, text_form how, promise answer) {
  // The last words of those in trouble come from their log files.
  struct collection {
    std::vector<supervision::status> all;
    viewpoint from;
    std::vector<failure_note> notes;
    std::size_t missing = 1;
  };
  auto c = std::make_shared<collection>();
  c->all = all;
  c->from = std::move(from);
  auto one_less = [this, c, answer, how]() mutable {
    if (--c->missing > 0)
      return;
    auto heading = links.heading;
    heading.insert(heading.end(), drift_.begin(), drift_.end());
    answer.deliver(
      text_reply(status_table(c->all, c->notes, heading, c->from, how.utf8),
                 how.in, how.utf8));
  };
  for (auto& x : c->all) {
    auto definition = services_.find(x.who.name);
    auto troubled = x.at == state::failed || x.at == state::resting
                    || x.at == state::backoff;
    if (!troubled || definition == services_.end() || c->notes.size() >= 50)
      continue;
    c->notes.push_back(
      {x.who.key(),
       log_file(*definition->second, x.who.index, links.supervisors->state_dir),
       {}});
    if (c->notes.back().log_file.empty())
      continue;
    ++c->missing;
    self
      ->request(links.supervisors->writer, std::chrono::seconds{2},
                atom::tail_v, c->notes.back().log_file,
                supervision::lines_for_last_words)
      .then(
        [c, one_less, output = how.output,
         i = c->notes.size() - 1](const std::string& end) mutable {
          if (output)
            c->notes[i].last_line = supervision::last_words(end);
          one_less();
        },
        [c, one_less, i = c->notes.size() - 1](const caf::error& why) mutable {
          // It has never run: nobody needs to look into that file.
          if (to_failure(why).code == errc::not_found)
            c->notes[i].log_file.clear();
          one_less();
        });
  }
  // A disk that hangs must not keep anybody from looking.
  if (links.drift) {
    ++c->missing;
    self->request(links.drift, std::chrono::milliseconds{300}, atom::status_v)
      .then(
        [this, one_less](const drift_report& x) mutable {
          auto lines = to_lines(x, errors_);
          drift_ = std::move(lines.errors);
          drift_.insert(drift_.end(), lines.others.begin(), lines.others.end());
          one_less();
        },
        [one_less](const caf::error&) mutable { one_less(); });
  }
  one_less();
}

// -- SVWAIT, SHUTDOWN -------------------------------------------------------------------

caf::result<resp::value>
roster_state::wait(arguments args, std::uint64_t client) {
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
  auto whom = find(args.first(1));
  if (!whom)
    return to_reply(whom.error());
  std::vector<wait_list::place> places;
  for (auto& [name_, index] : *whom)
    places.emplace_back(instance{name_, index, false}.key(),
                        members_.at({name_, index}).now.at);
  auto who = ++last_waiter_;
  auto added = waits_.add(who, client, places, *until,
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
  for (auto& x : args) {
    if (equal_ignoring_case(x, "KEEP"))
      keep_ = keep_ || !ending_;
    else if (!equal_ignoring_case(x, "NOSAVE")
             && !equal_ignoring_case(x, "SAVE")
             && !equal_ignoring_case(x, "NOW")
             && !equal_ignoring_case(x, "FORCE"))
      return syntax_error("syntax error; SHUTDOWN takes KEEP or nothing");
  }
  // As in Redis there is no reply: the connection ends with the node.
  auto never = self->make_response_promise<resp::value>();
  stop_all(0);
  return never;
}

} // namespace saker
