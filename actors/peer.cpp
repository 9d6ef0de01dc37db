#include "actors/peer.hpp"

#include "actors/far_audit.hpp"
#include "actors/reply_text.hpp"
#include "base/text.hpp"
#include "cluster/far_names.hpp"
#include "cluster/wire.hpp"
#include "messages/error.hpp"
#include "resp/command_table.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace saker {

namespace {

using namespace std::chrono_literals;

constexpr auto time_to_join = 5s;
constexpr auto time_to_leave = 1s;

/// Beats without an answer until the other side counts as suspect.
constexpr std::uint64_t beats_until_late = 2;

/// The side that was dialled asks so seldom while the other one asks: it wants
/// to know the time of an answer, not whether there is one.
constexpr std::uint64_t ticks_between_questions = 10;

/// Topics in one message.
constexpr std::size_t topics_at_once = 1000;

} // namespace

void peer_state::begin(peer_links with, const peer_beginning& how) {
  links = std::move(with);
  who_ = how;
  credit_ = cluster::credit{links.backlog};
  self->delayed_send(self, time_to_join, atom::expire_v);
  reach(how.socket);
}

/// The side that dialled finds the other CLUSTER, and its PEER through it.
void peer_state::reach(const handed_fd& socket) {
  if (!who_.dialled) {
    self->send(links.basp, atom::accept_v, socket,
               caf::actor_cast<caf::strong_actor_ptr>(links.cluster));
    return;
  }
  auto failed = [this](const caf::error& why) {
    give_up("it does not answer: " + to_failure(why).detail);
  };
  self->request(links.basp, time_to_join, atom::open_v, socket)
    .then(
      [this, failed](const caf::strong_actor_ptr& found) {
        if (leaving_)
          return;
        self
          ->request(caf::actor_cast<cluster_actor>(found), time_to_join,
                    atom::greet_v, links.node,
                    caf::actor_cast<caf::strong_actor_ptr>(self))
          .then([this](const caf::strong_actor_ptr& x) { attach(x); }, failed);
      },
      failed);
}

// -- here -----------------------------------------------------------------------

void peer_state::attach(const caf::strong_actor_ptr& who) {
  if (!who || far_ || leaving_)
    return;
  far_ = caf::actor_cast<far_peer_actor>(who);
  self->monitor(far_);
  self->send(links.cluster, atom::open_v, who_.link);
  self->send(links.broker, atom::attach_v, caf::actor_cast<mesh_actor>(self));
  tick();
}

void peer_state::announce(const pubsub::interest& what) {
  if (!far_ || leaving_)
    return;
  // In pieces, so that heartbeats come in between.
  pubsub::interest piece{what.anew, what.everything, {}};
  for (auto& x : what.topics) {
    if (piece.topics.size() == topics_at_once) {
      self->send(far_, atom::change_v, cluster::encode(piece));
      piece = {};
    }
    piece.topics.push_back(x);
  }
  self->send(far_, atom::change_v, cluster::encode(piece));
}

void peer_state::publish(const session::publish_batch& what) {
  if (!far_ || leaving_)
    return;
  auto text = cluster::encode(what);
  auto cost = cluster::credit::cost(text.size(), what.size());
  if (!credit_.take(cost)) {
    if (gap_ == 0)
      links.warn("node " + who_.name
                 + " does not keep up: messages for it are skipped");
    gap_ += what.size();
    self->send(links.cluster, atom::tell_v, who_.link,
               static_cast<std::uint64_t>(what.size()));
    return;
  }
  tell_gap();
  self->send(far_, atom::publish_v, std::move(text), cost);
}

caf::result<std::string>
peer_state::forward(const std::string& command, caf::timespan patience) {
  if (!far_ || leaving_)
    return caf::make_error(errc::no_such_node,
                           "node \"" + who_.name + "\" is not connected yet");
  auto cost = cluster::credit::cost(command.size(), 1);
  if (!credit_.take(cost))
    return caf::make_error(errc::busy, "too much is on its way to node \""
                                         + who_.name
                                         + "\"; try again in a moment");
  auto id = ++last_command_;
  auto answer = self->make_response_promise<std::string>();
  commands_.emplace(id, answer);
  // CAF forgets requests whose link is cut: `leave` answers them.
  auto done = [this, id, cost](auto result) {
    credit_.give_back(cost);
    if (auto i = commands_.find(id); i != commands_.end()) {
      i->second.deliver(std::move(result));
      commands_.erase(i);
    }
  };
  self->request(far_, patience, atom::call_v, command)
    .then([done](std::string& reply) { done(std::move(reply)); },
          [done, this](const caf::error& why) {
            auto x = to_failure(why);
            if (x.code == errc::timeout)
              x.detail = "node \"" + who_.name
                         + "\" has not answered in time; the command may "
                           "still be carried out there";
            done(to_error(x));
          });
  return answer;
}

void peer_state::say_goodbye() {
  if (far_ && !leaving_)
    self->send(far_, atom::finish_v);
}

void peer_state::closed(const std::string& why) {
  leave(why);
}

void peer_state::down() {
  if (leaving_)
    return self->quit();
  give_up("it closed the link");
  self->quit();
}

void peer_state::tick() {
  if (leaving_)
    return;
  self->delayed_send(self, links.heartbeat, atom::tick_v);
  // A question and its answer are a sign of life for both sides: two of each in
  // every heartbeat would only wake both nodes twice as often.
  if (std::exchange(asked_, false) && !who_.dialled && rtt_.count() > 0
      && ++skipped_ < ticks_between_questions) {
    self->send(links.cluster, atom::report_v, who_.link, rtt_);
    return;
  }
  skipped_ = 0;
  auto beat = ++beats_;
  auto sent = self->clock().now();
  // No timeout, which would be a timer for each: silence is the tunnel's affair.
  // It counts bytes and closes, and then all that is open ends.
  self->request(far_, caf::infinite, atom::ask_v)
    .then(
      [this, beat, sent](bool) {
        heard_ = std::max(heard_, beat);
        rtt_ = std::max<caf::timespan>(self->clock().now() - sent,
                                       caf::timespan{1});
        self->send(links.cluster, atom::report_v, who_.link, rtt_);
      },
      [](const caf::error&) {
        // The link is cut, as others tell.
      });
  if (beats_ - heard_ > beats_until_late)
    self->send(links.cluster, atom::report_v, who_.link, caf::timespan{0});
}

bool peer_state::asked() {
  asked_ = true;
  return true;
}

void peer_state::expire() {
  if (leaving_)
    return self->quit();
  if (!far_)
    give_up("it did not join in time");
}

// -- from over there --------------------------------------------------------------

void peer_state::announced(const std::string& text) {
  auto what = cluster::parse_interest(text);
  if (!what)
    return links.warn(who_.name + ": " + what.error().detail);
  self->send(links.broker, atom::change_v, caf::actor_cast<mesh_actor>(self),
             std::move(*what));
}

void peer_state::published(const std::string& text, std::uint64_t cost) {
  if (far_)
    self->send(far_, atom::report_v, cost);
  auto what = cluster::parse_batch(text);
  if (!what)
    return links.warn(who_.name + ": " + what.error().detail);
  self->send(links.broker, atom::deliver_v, std::move(*what));
}

void peer_state::acknowledged(std::uint64_t cost) {
  credit_.give_back(cost);
  tell_gap();
}

void peer_state::skipped(std::uint64_t count) {
  links.warn("node " + who_.name + " skipped " + std::to_string(count)
             + (count == 1 ? " message" : " messages")
             + " for this one: too much was on the way");
}

caf::result<std::string> peer_state::carry_out(const std::string& text) {
  auto command = cluster::parse_command(text);
  if (!command)
    return to_error(command.error());
  command_call call{};
  call.what.command = resp::find_command(command->args[0]);
  if (!call.what.command || !cluster::may_travel(command->args[0]))
    return caf::make_error(errc::unsupported,
                           "node \"" + links.node + "\" has no command "
                             + printable(command->args[0], 40));
  call.what.args = std::move(command->args);
  call.what.user = command->from.substr(0, command->from.find('@'));
  call.what.rights = command->rights;
  call.what.protocol = command->protocol;
  call.what.services = std::move(command->services);
  call.from = std::move(command->from);
  auto to = links.carrier(call.what);
  session::moment now{self->clock().now(), links.wall_clock()};
  if (!to) {
    tell_far_refusal(links.audit, call, to.error(), now);
    return to_error(to.error());
  }
  auto note = [audit = begin_far_audit(links.audit, call, now)](
                const resp::value& reply) {
    if (audit)
      audit->answered(0, reply);
  };
  auto answer = self->make_response_promise<std::string>();
  self->request(*to, caf::infinite, atom::call_v, std::move(call))
    .then(
      [answer, note](const resp::value& x) mutable {
        note(x);
        answer.deliver(cluster::encode_reply(x));
      },
      [answer, note](caf::error& why) mutable {
        note(to_reply(why));
        answer.deliver(std::move(why));
      });
  return answer;
}

void peer_state::said_goodbye() {
  self->send(links.cluster, atom::stop_v, who_.link);
}

// -- helpers ----------------------------------------------------------------------

/// Something on this side ends the link; the CLUSTER closes it.
void peer_state::give_up(const std::string& why) {
  self->send(links.cluster, atom::closed_v, who_.link, why);
  leave(why);
}

void peer_state::leave(const std::string& why) {
  if (std::exchange(leaving_, true))
    return;
  why_ = why;
  for (auto& [_, answer] : commands_)
    answer.deliver(caf::make_error(
      errc::no_such_node, "node \"" + who_.name + "\" is lost: " + why
                            + "; the command may have been carried out there"));
  commands_.clear();
  if (!far_)
    return self->quit();
  // Until CAF has forgotten the old link, a new one would be one too many.
  self->delayed_send(self, time_to_leave, atom::expire_v);
}

void peer_state::tell_gap() {
  if (gap_ > 0 && far_ && !leaving_)
    self->send(far_, atom::tell_v, std::exchange(gap_, 0));
}

// -- behavior ---------------------------------------------------------------------

peer_actor::behavior_type peer(peer_actor::stateful_pointer<peer_state> self,
                               peer_links links, peer_beginning how) {
  self->state.begin(std::move(links), how);
  self->set_down_handler([self](const caf::down_msg&) { self->state.down(); });
  return {
    [self](atom::change, const pubsub::interest& what) {
      self->state.announce(what);
    },
    [self](atom::publish, const session::publish_batch& what) {
      self->state.publish(what);
    },
    [self](atom::change, const std::string& text) {
      self->state.announced(text);
    },
    [self](atom::publish, const std::string& text, std::uint64_t cost) {
      self->state.published(text, cost);
    },
    [self](atom::report, std::uint64_t cost) {
      self->state.acknowledged(cost);
    },
    [self](atom::tell, std::uint64_t count) { self->state.skipped(count); },
    [self](atom::call, const std::string& text) {
      return self->state.carry_out(text);
    },
    [self](atom::ask) { return self->state.asked(); },
    [self](atom::finish) { self->state.said_goodbye(); },
    [self](atom::attach, const caf::strong_actor_ptr& who) {
      self->state.attach(who);
    },
    [self](atom::send, const std::string& command, caf::timespan patience) {
      return self->state.forward(command, patience);
    },
    [self](atom::stop) { self->state.say_goodbye(); },
    [self](atom::closed, const std::string& why) { self->state.closed(why); },
    [self](atom::tick) { self->state.tick(); },
    [self](atom::expire) { self->state.expire(); },
  };
}

} // namespace saker
