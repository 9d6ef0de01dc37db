#include "actors/cluster.hpp"
#include "actors/reply_text.hpp"

#include <algorithm>

// NODES and NODE: what is known of the nodes.

namespace saker {

namespace {

double milliseconds(cluster::duration x) {
  return std::chrono::duration<double, std::milli>(x).count();
}

template <class T>
resp::value null_unless(bool known, T x) {
  return known ? resp::value{std::move(x)} : resp::value{};
}

resp::value time_or_null(const std::optional<cluster::duration>& x) {
  return x ? resp::value{milliseconds(*x)} : resp::value{};
}

std::int64_t whole(std::uint64_t x) {
  return static_cast<std::int64_t>(x);
}

} // namespace

resp::map cluster_state::own_row() const {
  return resp::map{}
    .add("name", links.self.name)
    .add("address", or_null(links.self.address))
    .add("state", "up")
    .add("since", since_)
    .add("rtt", nullptr)
    .add("reason", nullptr)
    .add("missed", 0);
}

resp::map cluster_state::row(const cluster::member& x) const {
  auto missed = missed_.find(x.name);
  return resp::map{}
    .add("name", x.name)
    .add("address", x.address)
    .add("state", cluster::to_string(x.state))
    .add("since", x.since)
    .add("rtt", time_or_null(x.rtt))
    .add("reason", or_null(x.reason))
    .add("missed", missed == missed_.end() ? 0 : whole(missed->second));
}

resp::value cluster_state::rows() const {
  resp::array all;
  all.items.emplace_back(own_row());
  for (auto& x : members_->members())
    all.items.emplace_back(row(x));
  return all;
}

std::vector<std::string> cluster_state::names() const {
  std::vector<std::string> result{links.self.name};
  for (auto& x : members_->members())
    result.push_back(x.name);
  std::sort(result.begin(), result.end());
  return result;
}

resp::value cluster_state::particulars(const std::string& node) const {
  auto* x = members_->find(node);
  if (!x && node != links.self.name)
    return to_reply(cluster::no_such_node(node, links.self.name, names()));
  auto& self_ = links.self;
  auto result = x ? row(*x) : own_row();
  result.add("version", or_null(x ? x->version : self_.version));
  auto pid = x ? x->pid : self_.pid;
  auto started = x ? x->started : self_.started;
  result.add("pid", null_unless(pid > 0, pid));
  result.add("started", null_unless(started > 0, started));
  result.add("join", x ? members_->is_seed(node) : false);
  auto i = x ? links_.find(members_->link_to(node)) : links_.end();
  auto linked = i != links_.end();
  auto carried = linked ? i->second.tunnel->figures() : io::tunnel_figures{};
  result.add("link", or_null(linked ? i->second.address : std::string{}));
  result.add("dialled", null_unless(linked, linked && i->second.dialled));
  std::optional<cluster::duration> silent;
  if (x && x->heard)
    silent = self->clock().now() - *x->heard;
  result.add("heartbeat_age", time_or_null(silent));
  result.add("received", null_unless(linked, whole(carried.received)));
  result.add("sent", null_unless(linked, whole(carried.sent)));
  return result;
}

resp::value
cluster_state::forget(const std::string& node, const std::string& by) {
  if (node == links.self.name)
    return to_reply(fail(errc::refused, "node \"" + node
                                          + "\" is this one; it cannot forget "
                                            "itself"));
  if (!members_->find(node))
    return to_reply(cluster::no_such_node(node, links.self.name, names()));
  if (auto done = members_->forget(node); !done)
    return to_reply(done.error());
  missed_.erase(node);
  links.say("node " + node + " is forgotten by " + by);
  wait_again([&node](auto& x) { return x.part.node == node; });
  return resp::ok();
}

} // namespace saker
