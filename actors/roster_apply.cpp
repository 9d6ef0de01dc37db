#include "acl/service_calls.hpp"
#include "actors/plan_reply.hpp"
#include "actors/reply_text.hpp"
#include "actors/roster.hpp"
#include "base/text.hpp"
#include "messages/error.hpp"

#include <set>

namespace saker {

using namespace supervision;

namespace {

memory::child presence(const link::row& x) {
  switch (x.state) {
    case link::row_state::idle: return memory::child::none;
    case link::row_state::queued:
    case link::row_state::seeking: // of a daemon: it is to be found
    case link::row_state::spawning: return memory::child::spawning;
    case link::row_state::running:
    case link::row_state::ending: return memory::child::running;
    case link::row_state::exited: return memory::child::ended;
  }
  return memory::child::none;
}

/// `(exec, env)`: what cannot be changed while it runs.
std::string keys_to_restart(const plan::entry& x) {
  std::string result;
  for (auto& key : x.keys)
    if (key.needs == change_class::restart)
      result += (result.empty() ? "(" : ", ") + std::string{key.key};
  return result + ')';
}

} // namespace

// -- SVAPPLY --------------------------------------------------------------------------

caf::result<resp::value> roster_state::apply(const command_call& what) {
  if (what.what.services)
    return to_reply(
      fail(errc::not_permitted, acl::definitions_refusal(what.what.services)));
  application next;
  next.by = what.from;
  next.dry = what.what.command->id == resp::command_id::svplan;
  next.in = what.what.protocol;
  auto args = arguments{what.what.args}.subspan(1);
  for (; !args.empty(); args = args.first(args.size() - 1))
    if (!next.dry && equal_ignoring_case(args.back(), "FORCE"))
      next.force = true;
    else if (equal_ignoring_case(args.back(), "TEXT"))
      next.text = true;
    else
      break;
  next.files.assign(args.begin(), args.end());
  auto answer = self->make_response_promise<resp::value>();
  next.answer = answer;
  applications_.push_back(std::move(next));
  if (applications_.size() == 1)
    next_apply();
  return answer;
}

void roster_state::next_apply() {
  if (applications_.empty())
    return;
  self
    ->request(links.definitions, std::chrono::seconds{60}, atom::load_v,
              applications_.front().files)
    .then([this](evaluation& what) { evaluated(what); },
          [this](const caf::error& why) { finish_apply(to_reply(why)); });
}

void roster_state::evaluated(evaluation& what) {
  auto next = with_ad_hoc(with_counts(what.services, counts_));
  auto shortage = short_of_descriptors(next);
  if (shortage)
    what.warnings.push_back(*shortage);
  auto plan = make_plan(services_, next);
  auto effect
    = weigh(plan, services_, [this](std::string_view n, std::uint32_t index) {
        auto i = members_.find({std::string{n}, index});
        return i != members_.end() && has_child(i->second.now.at);
      });
  if (ending_)
    return finish_apply(
      to_reply(fail(errc::loading, "Saker is shutting down")));
  auto& asked = applications_.front();
  plan_view view{plan, effect, what, asked.dry};
  if (!asked.dry && links.renew)
    links.renew();
  auto reply = asked.text ? text_reply(plan_text(view), asked.in)
                          : plan_map(view);
  if (asked.dry)
    return finish_apply(reply);
  if (effect.needs_force() && !asked.force)
    return finish_apply(resp::error{
      "ERR this would end " + std::to_string(effect.ended) + " of "
      + std::to_string(effect.running)
      + " running processes; nothing was done. Say SVAPPLY … FORCE to do it"});
  // Stored first: a node that dies in between comes back with the same plan.
  self
    ->request(links.definitions, std::chrono::seconds{60}, atom::apply_v, what)
    .then(
      [this, plan, after = std::move(next), written = what.services, reply,
       errors = what.errors, shortage](bool) {
        tell(plan, errors);
        if (shortage)
          links.supervisors->warn(*shortage);
        as_written_ = written;
        errors_ = errors;
        forget_counts(as_written_);
        give_up_ad_hoc(as_written_);
        carry_out(plan, after);
        finish_apply(reply);
      },
      [this](const caf::error& why) { finish_apply(to_reply(why)); });
}

std::optional<std::string>
roster_state::short_of_descriptors(const service_set& services) const {
  return saker::short_of_descriptors(
    services, links.descriptors ? links.descriptors() : descriptor_budget{});
}

/// Whether `x` as it is there may be started beside all others.
result<void>
roster_state::check_descriptors(const std::shared_ptr<const service>& x) const {
  auto all = services_;
  all[x->name] = x;
  if (auto why = short_of_descriptors(all))
    return fail(errc::limit, *why);
  return {};
}

/// For those who read the log later: who changed what.
void roster_state::tell(const plan& what,
                        const std::vector<std::string>& errors) const {
  auto& from = applications_.front();
  auto text = "definitions applied"
              + (from.by.empty() ? std::string{} : " by " + from.by) + ": ";
  std::string changes;
  for (auto& x : what.entries)
    changes += (changes.empty() ? "" : "; ") + to_string(x);
  links.say(text + (changes.empty() ? "no change" : changes));
  for (auto& x : errors)
    links.supervisors->warn("not applied: " + x);
}

void roster_state::finish_apply(const resp::value& reply) {
  auto& done = applications_.front();
  if (done.answer)
    done.answer->deliver(reply);
  else if (auto* why = std::get_if<resp::error>(&reply.data()))
    links.supervisors->warn("SIGHUP: " + why->text);
  applications_.pop_front();
  next_apply();
}

void roster_state::carry_out(const plan& what, const service_set& after) {
  auto before = std::exchange(services_, after);
  auto& from = applications_.front().by;
  auto by = from.empty() ? "" : " of " + from;
  for (auto& x : what.entries) {
    auto old = before.find(x.name);
    auto now = after.find(x.name);
    switch (x.what) {
      case plan::action::add:
        for (std::uint32_t i = 0; i < now->second->count; ++i)
          add(now->second, i, nullptr);
        break;
      case plan::action::remove:
        for (std::uint32_t i = 0; i < old->second->count; ++i)
          remove({x.name, i}, "apply");
        break;
      case plan::action::live:
      case plan::action::restart:
        change(*old->second, now->second, "apply",
               x.what == plan::action::restart
                 ? "replaced by an apply" + by + ' ' + keys_to_restart(x)
                 : "");
        break;
    }
    if (old != before.end())
      close_unused_sockets(*old->second);
  }
}

/// What it listened on before this apply, where nobody does afterwards.
void roster_state::close_unused_sockets(const service& before) {
  if (before.listen.empty())
    return;
  std::set<std::string> used;
  for (auto& [_, x] : services_)
    for (auto& address : addresses_of(*x))
      used.insert(address);
  for (auto& address : addresses_of(before))
    if (!used.contains(address))
      close_socket(address);
}

void roster_state::change(const service& before,
                          const std::shared_ptr<const service>& after,
                          const std::string& by, const std::string& restart) {
  for (std::uint32_t i = 0; i < std::max(before.count, after->count); ++i) {
    place where{after->name, i};
    if (i >= after->count)
      remove(where, by);
    else if (i >= before.count)
      add(after, i, nullptr);
    else if (auto m = members_.find(where); m != members_.end())
      self->send(m->second.actor, atom::change_v,
                 any_event{event::change{after, !restart.empty(), restart}});
  }
}

// -- members ----------------------------------------------------------------------------

void roster_state::add(const std::shared_ptr<const service>& what,
                       std::uint32_t index, const held_child* held) {
  place where{what->name, index};
  if (members_.contains(where))
    return; // still leaving: `forgotten` adds it again
  auto who = instance_of(*what, index);
  beginning how;
  how.definition = what;
  how.index = index;
  how.memory.wanted_up = what->autostart;
  if (auto set = autostart_.find(who.key()); set != autostart_.end())
    how.memory.wanted_up = set->second;
  if (auto w = wanted_.find(who.key()); w != wanted_.end()) {
    how.memory.wanted_up = w->second.up;
    how.memory.dropped = w->second.dropped;
    how.memory.wanted_by = {w->second.by, w->second.at};
  }
  if (held) {
    auto& row = held->row;
    if (!row.note.empty()) {
      if (auto kept = decode(row.note, links.supervisors->boot_offset)) {
        if (!wanted_known_ || ad_hoc_.contains(what->name)) {
          how.memory.wanted_up = kept->wanted_up;
          how.memory.dropped = kept->dropped;
        }
        how.memory.kept = std::move(*kept);
      } else
        links.say(who.display() + ": " + kept.error().detail
                  + "; its counters begin anew");
    }
    how.memory.present = presence(row);
    how.held = row.state;
    how.memory.spawn_id = row.spawn_id;
    how.memory.pid = static_cast<std::int32_t>(row.pid);
    if (row.started.count() != 0)
      how.memory.started
        = time_point{row.started - links.supervisors->boot_offset};
    how.memory.adopted = row.adopted;
    how.output = held->output;
    how.lost = row.lost;
    if (row.state == link::row_state::exited)
      how.end = link::ended{row.key, row.spawn_id, row.started, row.end};
  }
  member m;
  m.now.who = who;
  m.now.wanted_up = how.memory.wanted_up;
  m.now.dropped = how.memory.dropped;
  m.now.wanted_by = how.memory.wanted_by;
  links.supervisors->board->add(m.now);
  m.actor = links.supervise(caf::actor_cast<roster_actor>(self),
                            std::move(how));
  members_.emplace(where, std::move(m));
}

void roster_state::remove(const place& where, const std::string& by) {
  auto m = members_.find(where);
  if (m == members_.end())
    return;
  m->second.leaving = true;
  auto key = instance{where.first, where.second, false}.key();
  wanted_.erase(key);
  autostart_.erase(key);
  self
    ->request(links.journal, caf::infinite, atom::forget_v,
              std::vector<std::string>{key})
    .then([](bool) {}, [](const caf::error&) {});
  self->send(m->second.actor, atom::change_v,
             any_event{event::remove{{by, links.supervisors->unix_ms()}}});
}

void roster_state::remove_unknown(const held_child& x) {
  auto& row = x.row;
  auto who = parse_key(row.key);
  // Jobs die with the node that started them. An end without an owner is read
  // by nobody else, and the keeper waits for an answer to each.
  if (row.kind == link::child_class::job || !who) {
    if (row.state == link::row_state::exited)
      self->send(links.supervisors->keeper, atom::send_v,
                 link::request{link::ack{row.key, row.spawn_id}});
    return;
  }
  auto definition = std::make_shared<service>();
  definition->name = who->name;
  definition->exec = {"/bin/false"};
  definition->autostart = false;
  definition->count = who->index + 1;
  // Of what was stopped or has ended before there is nothing but its row.
  if (row.state != link::row_state::idle
      && row.state != link::row_state::exited)
    links.say(row.key
              + " is held by the keeper but no longer defined: it is "
                "stopped");
  add(definition, who->index, &x);
  remove({who->name, who->index}, "no longer defined");
}

} // namespace saker
