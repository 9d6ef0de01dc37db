#include "actors/cluster.hpp"
#include "actors/far_audit.hpp"
#include "actors/reply_text.hpp"
#include "base/units.hpp"
#include "cluster/resolution.hpp"
#include "cluster/wire.hpp"
#include "messages/error.hpp"
#include "resp/command_table.hpp"

#include <algorithm>

namespace saker {

using cluster::node_state;

namespace {

using namespace std::chrono_literals;

/// For commands of other nodes, beside what they themselves wait for.
constexpr auto time_to_answer = 10s;

/// For scripts of other nodes, which may wait for much.
constexpr auto time_for_scripts = 60s;

/// Until a node that has just come back has loaded its services.
constexpr auto time_to_load = 200ms;

/// Clients that wait for nodes without a link; more are told at once.
constexpr std::size_t most_absent = 256;

/// For ACL LOG: one answer made of all does not say who refused.
void note_refusals(const std::vector<cluster::node_answer>& all,
                   const std::shared_ptr<session::refused_parts>& into) {
  if (!into)
    return;
  for (auto& x : all) {
    auto reply = x.lost ? to_reply(*x.lost) : x.reply;
    if (reply.is_error() && reply.text().starts_with("NOPERM "))
      into->push_back({x.self ? "" : x.node, std::string{reply.text()}});
  }
}

} // namespace

caf::result<resp::value> cluster_state::call(command_call& what) {
  using resp::command_id;
  auto& args = what.what.args;
  if (!what.what.command)
    return ask_nodes(what);
  switch (what.what.command->id) {
    case command_id::nodes: return rows();
    case command_id::node_info:
      if (args.size() > 3)
        return syntax_error("NODE INFO takes the name of one node, or nothing");
      return particulars(args.size() > 2 ? args[2] : links.self.name);
    case command_id::node_forget: return forget(args[2], what.from);
    default: return ask_nodes(what);
  }
}

failure cluster_state::unreachable(const std::string& node) const {
  auto* x = members_->find(node);
  if (!x)
    return fail(errc::no_such_node, "node \"" + node + "\" was forgotten");
  auto why = x->reason.empty() ? "" : ": " + x->reason;
  return fail(errc::no_such_node, "node \"" + node + "\" is "
                                    + std::string{cluster::to_string(x->state)}
                                    + why);
}

// -- commands that name nodes ---------------------------------------------------

caf::result<resp::value> cluster_state::ask_nodes(const command_call& what) {
  auto parts = cluster::split(what.what.args, links.self.name, names());
  if (!parts)
    return to_reply(parts.error());
  // Who left on purpose is missed by nobody who did not ask for it.
  std::erase_if(*parts, [this](auto& x) {
    auto* node = members_->find(x.node);
    return node && node->state == node_state::left && !x.by_name;
  });
  if (parts->empty())
    return resp::value{resp::array{}};
  auto answer = self->make_response_promise<resp::value>();
  if (cluster::resolution::needed(*parts))
    resolve(what, std::move(*parts), answer);
  else
    carry_out(what, std::move(*parts), answer);
  return answer;
}

void cluster_state::resolve(const command_call& what,
                            std::vector<cluster::node_part> parts,
                            promise answer) {
  struct inquiry {
    cluster::resolution found;
    std::size_t missing;
  };
  cluster::resolution found{std::move(parts), what.what.args[0]};
  auto all = found.rest();
  auto questions = found.questions();
  auto x
    = std::make_shared<inquiry>(inquiry{std::move(found), questions.size()});
  auto look = what;
  look.what.command = resp::find_command("svstatus");
  for (auto& q : questions) {
    auto done = [this, what, x, q, answer](const std::optional<failure>& lost,
                                           const resp::value& reply) mutable {
      x->found.answered(q, lost, reply);
      if (--x->missing > 0)
        return;
      if (auto refused = x->found.refusal())
        answer.deliver(std::move(*refused));
      else
        carry_out(what, x->found.rest(), answer);
    };
    auto part = all[q.part];
    part.args = look.what.args = q.args;
    ask(look, part, done);
  }
}

void cluster_state::carry_out(const command_call& what,
                              std::vector<cluster::node_part> parts,
                              promise answer) {
  struct collection {
    std::vector<std::string> args;
    std::shared_ptr<session::refused_parts> refused;
    std::vector<cluster::node_answer> all;
    std::size_t missing;
    promise answer;

    void one_less() {
      if (--missing > 0)
        return;
      note_refusals(all, refused);
      answer.deliver(
        cluster::merge(args, std::move(all),
                       [](const failure& why) { return to_reply(why); }));
    }
  };
  auto c = std::make_shared<collection>(collection{
    what.what.args, what.what.refused, {}, parts.size(), std::move(answer)});
  for (auto& x : parts)
    c->all.push_back({x.node, x.node == links.self.name, std::nullopt, {}});
  for (std::size_t i = 0; i < parts.size(); ++i)
    ask(what, parts[i], [c, i](std::optional<failure> lost, resp::value reply) {
      c->all[i].lost = std::move(lost);
      c->all[i].reply = std::move(reply);
      c->one_less();
    });
}

void cluster_state::ask(const command_call& what,
                        const cluster::node_part& part, const receiver& done) {
  if (part.lost)
    return done(part.lost, {});
  if (part.node == links.self.name)
    return ask_here(what, part.args, done);
  if (what.what.command->id == resp::command_id::svwait)
    begin_wait(what, part, done);
  else
    ask_there(what, part, done);
}

void cluster_state::ask_here(const command_call& what,
                             std::vector<std::string> args,
                             const receiver& done) {
  auto mine = what;
  mine.what.args = std::move(args);
  // Of CALL the session does not know what the script asks for.
  auto trail = mine.what.command->id == resp::command_id::call ? links.audit
                                                               : nullptr;
  session::moment now{self->clock().now(), links.wall_clock()};
  auto to = links.carrier(mine.what);
  if (!to) {
    tell_far_refusal(trail, mine, to.error(), now);
    return done(to.error(), {});
  }
  auto audit = begin_far_audit(trail, mine, now);
  auto end = [done, audit](std::optional<failure> lost, resp::value reply) {
    if (audit)
      audit->answered(0, lost ? to_reply(*lost) : reply);
    done(std::move(lost), std::move(reply));
  };
  self->request(*to, caf::infinite, atom::call_v, std::move(mine))
    .then([end](resp::value& x) { end(std::nullopt, std::move(x)); },
          [end](const caf::error& why) { end(to_failure(why), {}); });
}

void cluster_state::ask_there(const command_call& what,
                              const cluster::node_part& part,
                              const receiver& done) {
  auto i = links_.find(members_->link_to(part.node));
  if (i == links_.end() || !i->second.peer)
    return done(unreachable(part.node), {});
  cluster::far_command far{part.args, what.from + " via " + links.self.name,
                           what.what.rights, what.what.protocol,
                           what.what.services};
  auto patience
    = (what.what.command->id == resp::command_id::call ? time_for_scripts
                                                       : time_to_answer)
      + std::chrono::milliseconds{cluster::patience_of(what.what.args)};
  self
    ->request(i->second.peer, caf::infinite, atom::send_v, cluster::encode(far),
              caf::timespan{patience})
    .then(
      [done](const std::string& text) {
        auto x = cluster::parse_reply(text);
        if (x)
          done(std::nullopt, std::move(*x));
        else
          done(x.error(), {});
      },
      [done](const caf::error& why) { done(to_failure(why), {}); });
}

// -- SVWAIT ---------------------------------------------------------------------

void cluster_state::begin_wait(const command_call& what,
                               const cluster::node_part& part,
                               const receiver& done) {
  auto ms = std::chrono::milliseconds{cluster::patience_of(part.args)};
  auto number = ++last_wait_;
  auto once = [this, number, done](std::optional<failure> lost,
                                   resp::value reply) {
    if (far_waits_.erase(number) > 0)
      done(std::move(lost), std::move(reply));
  };
  absent_wait x{what, part, self->clock().now() + ms, once, number};
  far_waits_.emplace(number, x);
  wait_there(std::move(x));
}

/// The other node is asked again, how it is now. What it was asked before ends
/// there with its time, and is heard by nobody.
void cluster_state::withdraw(std::uint64_t client) {
  std::vector<absent_wait> ended;
  for (auto& [_, x] : far_waits_)
    if (x.what.client == client)
      ended.push_back(x);
  for (auto& x : ended) {
    std::erase_if(absent_, [&](auto& y) { return y.number == x.number; });
    x.part.args.back() = "0";
    ask_there(x.what, x.part, x.done);
  }
}

/// Nobody knows how many of its services are as they should be: that is no
/// number until it is back.
void cluster_state::wait_there(absent_wait x) {
  auto i = links_.find(members_->link_to(x.part.node));
  if (i == links_.end() || !i->second.peer)
    return keep_waiting(x, x.until);
  auto left = in_milliseconds(x.until - self->clock().now());
  auto part = x.part;
  part.args.back() = std::to_string(std::max<std::int64_t>(left, 0));
  ask_there(x.what, part,
            [this, x](const std::optional<failure>& lost, resp::value reply) {
              auto code = lost ? lost->code : errc::none;
              if (code == errc::loading)
                return keep_waiting(x, self->clock().now() + time_to_load);
              if (code == errc::no_such_node || code == errc::closed)
                return keep_waiting(x, x.until);
              x.done(lost, std::move(reply));
            });
}

/// Looks again when the node is back, or at `next`.
void cluster_state::keep_waiting(absent_wait x, cluster::time_point next) {
  auto has_link = links_.contains(members_->link_to(x.part.node));
  auto forgotten = !members_->find(x.part.node);
  if (forgotten || x.until <= self->clock().now()
      || absent_.size() >= most_absent)
    return x.done(has_link ? fail(errc::no_such_node,
                                  "node \"" + x.part.node
                                    + "\" has not loaded its services yet")
                           : unreachable(x.part.node),
                  {});
  if (!far_waits_.contains(x.number))
    return; // withdrawn meanwhile
  x.next = std::min(next, x.until);
  absent_.push_back(std::move(x));
  arm();
}

void cluster_state::wait_again(
  const std::function<bool(const absent_wait&)>& due) {
  auto first = std::stable_partition(absent_.begin(), absent_.end(),
                                     [&](auto& x) { return !due(x); });
  std::vector<absent_wait> again{std::make_move_iterator(first),
                                 std::make_move_iterator(absent_.end())};
  absent_.erase(first, absent_.end());
  for (auto& x : again)
    wait_there(std::move(x));
}

} // namespace saker
