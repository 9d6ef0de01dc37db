#include "actors/cluster.hpp"

#include "actors/stopwatch.hpp"
#include "cluster/wire.hpp"
#include "messages/error.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>

namespace saker {

using cluster::link_id;
using cluster::node_state;

namespace {

using namespace std::chrono_literals;

constexpr auto time_for_goodbyes = 100ms;

/// Connections that have not said who they are. More are closed at once:
/// whoever scans ports costs a moment, and no memory.
constexpr std::size_t most_strangers = 64;

} // namespace

cluster_state::~cluster_state() {
  if (listener_)
    listener_->close();
  for (auto& [_, x] : links_)
    x.tunnel->close();
}

void cluster_state::begin(cluster_links with) {
  links = std::move(with);
  since_ = links.unix_ms();
  links.self.started = since_;
  members_.emplace(links.self, links.seeds, self->clock().now());
}

// -- links ----------------------------------------------------------------------

void cluster_state::start() {
  if (std::exchange(started_, true) || !links.listen)
    return;
  tick();
}

void cluster_state::tick() {
  next_tick_.reset();
  if (ending_)
    return;
  if (!listener_) {
    auto me = caf::actor_cast<cluster_actor>(self);
    auto x = links.listen({[me](unique_fd client) {
                             caf::anon_send(me, atom::accept_v,
                                            hand(std::move(client)));
                           },
                           [warn = links.warn](int error) {
                             warn("accept other nodes: " + errno_text(error)
                                  + ": they wait; raise LimitNOFILE");
                           }});
    if (x) {
      listener_ = std::move(*x);
      links.say("other nodes reach this one on " + links.self.address);
    } else if (!std::exchange(deaf_, true)) {
      links.warn(x.error().detail
                 + "; other nodes cannot reach this one yet, tried again every "
                   "second");
    }
  }
  auto at = self->clock().now();
  for (auto& address : members_->due(at))
    dial(address);
  wait_again([at](auto& x) { return x.next <= at; });
  arm();
}

void cluster_state::dial(const std::string& address) {
  auto id = ++last_link_;
  auto& x = links_[id];
  x.dialled = true;
  x.address = address;
  x.tunnel = links.dial(address, cluster::encode(members_->greeting()),
                        events_of(id));
}

void cluster_state::accept(const handed_fd& socket) {
  auto strangers = std::count_if(links_.begin(), links_.end(), [](auto& x) {
    return !x.second.dialled && x.second.name.empty();
  });
  if (ending_ || static_cast<std::size_t>(strangers) >= most_strangers)
    return;
  auto id = ++last_link_;
  auto& x = links_[id];
  x.tunnel = links.answer(std::move(*socket),
                          cluster::encode(members_->greeting()), events_of(id));
  x.address = x.tunnel->address();
}

io::tunnel_events cluster_state::events_of(link_id id) const {
  auto me = caf::actor_cast<cluster_actor>(self);
  return {[me, id](std::string hello) {
            caf::anon_send(me, atom::greet_v, id, std::move(hello));
          },
          [me, id](const failure& why) {
            caf::anon_send(me, atom::closed_v, id, why.detail);
          }};
}

void cluster_state::greeted(link_id id, const std::string& text) {
  auto i = links_.find(id);
  if (i == links_.end())
    return;
  auto& x = i->second;
  auto hello = cluster::parse_hello(text);
  if (!hello)
    return closed(id, x.address + ": " + hello.error().detail);
  auto how = members_->greeted(id, *hello, x.dialled, x.address, now(),
                               x.tunnel->address());
  if (!how.welcome) {
    if (!how.reason.empty())
      return closed(id, x.address + ": " + how.reason);
    x.tunnel->close();
    links_.erase(i);
    return arm();
  }
  x.name = hello->name;
  auto old = links_.find(how.instead_of);
  if (old == links_.end())
    return join(id);
  // CAF has to forget the old link before it takes the new one.
  if (old->second.peer)
    successors_[old->second.peer.address()] = id;
  auto waits = static_cast<bool>(old->second.peer);
  close(how.instead_of, "a later link takes its place");
  if (!waits)
    join(id);
}

void cluster_state::join(link_id id) {
  auto i = links_.find(id);
  if (i == links_.end())
    return;
  auto& x = i->second;
  auto socket = x.tunnel->join();
  if (!socket)
    return closed(id, socket.error().detail);
  x.peer = links.peer(caf::actor_cast<cluster_actor>(self),
                      {id, x.name, x.dialled, hand(std::move(*socket))});
  self->monitor(x.peer);
}

void cluster_state::closed(link_id id, const std::string& why) {
  auto i = links_.find(id);
  if (i == links_.end())
    return;
  auto x = i->second;
  auto at = now();
  close(id, why);
  if (auto lost = members_->lost(id, why, at)) {
    auto left = members_->find(*lost)->state == node_state::left;
    if (left)
      links.say("node " + *lost + " left");
    else if (x.peer)
      links.warn("node " + *lost + " is lost: " + why);
  }
  if (x.dialled && x.name.empty() && members_->failed(x.address, why, at))
    links.warn("node at " + x.address + ": " + why + "; tried again and again");
  if (!x.dialled && x.name.empty())
    report_stranger(why);
  arm();
}

/// A port scan must not fill the log.
void cluster_state::report_stranger(const std::string& why) {
  if (!stranger_warnings_.is_due(self->clock().now()))
    return;
  links.warn("refused a connection to the address of the cluster: " + why);
}

void cluster_state::close(link_id id, const std::string& why) {
  auto i = links_.find(id);
  i->second.tunnel->close();
  if (i->second.peer)
    self->send(i->second.peer, atom::closed_v, why);
  links_.erase(i);
}

caf::result<caf::strong_actor_ptr>
cluster_state::introduce(const std::string& node,
                         const caf::strong_actor_ptr& who) {
  auto i = links_.find(members_->link_to(node));
  if (i == links_.end() || i->second.dialled || !i->second.peer)
    return caf::make_error(errc::no_such_node,
                           "there is no link from node " + node);
  self->send(i->second.peer, atom::attach_v, who);
  return caf::actor_cast<caf::strong_actor_ptr>(i->second.peer);
}

void cluster_state::joined(link_id id) {
  members_->joined(id, now());
  if (auto* x = members_->at_link(id)) {
    links.say("node " + x->name + " (" + x->address + ") is up");
    wait_again([name = x->name](auto& y) { return y.part.node == name; });
  }
  arm();
}

void cluster_state::answered(link_id id, caf::timespan rtt) {
  if (rtt.count() > 0)
    members_->answered(id, rtt, self->clock().now());
  else
    members_->late(id);
}

void cluster_state::skipped(link_id id, std::uint64_t messages) {
  if (auto* x = members_->at_link(id))
    missed_[x->name] += messages;
}

void cluster_state::said_goodbye(link_id id) {
  members_->said_goodbye(id);
}

void cluster_state::finish() {
  if (std::exchange(ending_, true))
    return;
  auto some = false;
  for (auto& [_, x] : links_)
    if (x.peer) {
      self->send(x.peer, atom::stop_v);
      some = true;
    }
  if (some)
    self->delayed_send(self, time_for_goodbyes, atom::expire_v);
  else
    links.leave();
}

void cluster_state::down(const caf::actor_addr& who) {
  if (auto i = successors_.extract(who); !i.empty())
    return join(i.mapped());
  for (auto& [id, x] : links_)
    if (x.peer && x.peer.address() == who) {
      x.peer = nullptr;
      return closed(id, "its peer has ended");
    }
}

// -- helpers --------------------------------------------------------------------

cluster::instant cluster_state::now() const {
  return {self->clock().now(), links.unix_ms(), links.random()};
}

void cluster_state::arm() {
  if (ending_ || !started_ || !links.listen)
    return;
  auto at = self->clock().now();
  auto next = members_->next_due();
  if (!listener_)
    next = std::min(next.value_or(at + 1s), at + 1s);
  for (auto& x : absent_)
    next = std::min(next.value_or(x.next), x.next);
  if (!next || (next_tick_ && *next_tick_ <= *next))
    return;
  next_tick_ = next;
  self->delayed_send(self, *next > at ? *next - at : cluster::duration{0},
                     atom::tick_v);
}

// -- behavior -------------------------------------------------------------------

cluster_actor::behavior_type
cluster_of_nodes(cluster_actor::stateful_pointer<cluster_state> self,
                 cluster_links links) {
  self->state.begin(std::move(links));
  self->set_down_handler(
    [self](const caf::down_msg& x) { self->state.down(x.source); });
  return {
    [self](atom::call, command_call& what) {
      stopwatch time{what};
      return self->state.call(what);
    },
    [self](atom::greet, const std::string& node,
           const caf::strong_actor_ptr& who) {
      return self->state.introduce(node, who);
    },
    [self](atom::start) { self->state.start(); },
    [self](atom::accept, const handed_fd& fd) { self->state.accept(fd); },
    [self](atom::greet, std::uint64_t link, const std::string& hello) {
      self->state.greeted(link, hello);
    },
    [self](atom::closed, std::uint64_t link, const std::string& why) {
      self->state.closed(link, why);
    },
    [self](atom::open, std::uint64_t link) { self->state.joined(link); },
    [self](atom::report, std::uint64_t link, caf::timespan rtt) {
      self->state.answered(link, rtt);
    },
    [self](atom::tell, std::uint64_t link, std::uint64_t count) {
      self->state.skipped(link, count);
    },
    [self](atom::stop, std::uint64_t link) { self->state.said_goodbye(link); },
    [self](atom::withdraw, std::uint64_t client) {
      self->state.withdraw(client);
    },
    [self](atom::finish) { self->state.finish(); },
    [self](atom::expire) { self->state.links.leave(); },
    [self](atom::tick) { self->state.tick(); },
  };
}

} // namespace saker
