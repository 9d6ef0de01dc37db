#include "cluster/membership.hpp"

#include <algorithm>

namespace saker::cluster {

namespace {

using namespace std::chrono_literals;

supervision::backoff pauses() {
  supervision::backoff_rule rule;
  rule.first = 200ms;
  rule.cap = 5s;
  supervision::backoff x{rule};
  x.step(1); // never at once
  return x;
}

std::string_view host_of(std::string_view address) {
  return address.substr(0, address.rfind(':'));
}

} // namespace

std::string_view to_string(node_state x) noexcept {
  constexpr std::string_view names[] = {"up", "suspect", "dead", "left"};
  return names[static_cast<std::size_t>(x)];
}

bool is_named(std::string_view address) {
  auto host = host_of(address);
  return !host.starts_with('[')
         && host.find_first_not_of("0123456789.") != host.npos;
}

std::string
reachable_address(const std::string& advertised, const std::string& seen) {
  auto host = host_of(advertised);
  if (host != "0.0.0.0" && host != "[::]")
    return advertised;
  return std::string{host_of(seen)} + advertised.substr(host.size());
}

membership::membership(identity self, const std::vector<std::string>& seeds,
                       time_point now)
  : self_(std::move(self)) {
  for (auto& x : seeds) {
    aim_at(x, {}, now);
    targets_[x].seed = true;
    targets_[x].named = is_named(x);
  }
}

hello membership::greeting() const {
  hello x;
  x.name = self_.name;
  x.incarnation = self_.incarnation;
  x.address = self_.address;
  x.version = self_.version;
  x.pid = self_.pid;
  x.started = self_.started;
  for (auto& [name, node] : nodes_)
    if (node.joined)
      x.members.push_back({name, node.seen.address});
  return x;
}

// -- dialling -----------------------------------------------------------------

bool membership::wanted(const goal& x) const {
  if (x.self || x.dialling)
    return false;
  auto i = nodes_.find(x.name);
  if (i == nodes_.end())
    return true;
  if (!x.seed && found_by_name(x.name))
    return false;
  return !i->second.at && (x.seed || i->second.seen.state != node_state::left);
}

/// Where the name leads to need not be dialled as well, for two links at a time
/// are one too many; unless the name leads nowhere now.
bool membership::found_by_name(const std::string& node) const {
  return std::any_of(targets_.begin(), targets_.end(), [&](auto& x) {
    return x.second.named && x.second.name == node && x.second.reason.empty();
  });
}

std::vector<std::string> membership::due(time_point now) {
  std::vector<std::string> result;
  for (auto& [address, x] : targets_)
    if (wanted(x) && x.next <= now) {
      x.dialling = true;
      result.push_back(address);
    }
  return result;
}

std::optional<time_point> membership::next_due() const {
  std::optional<time_point> result;
  for (auto& [_, x] : targets_)
    if (wanted(x) && (!result || x.next < *result))
      result = x.next;
  return result;
}

bool membership::failed(const std::string& address, const std::string& why,
                        const instant& at) {
  auto i = targets_.find(address);
  if (i == targets_.end())
    return false;
  auto& x = i->second;
  x.dialling = false;
  put_off(x, at);
  auto node = nodes_.find(x.name);
  if (node != nodes_.end() && !node->second.at
      && node->second.seen.state == node_state::dead)
    node->second.seen.reason = why;
  return std::exchange(x.reason, why) != why;
}

void membership::put_off(goal& x, const instant& at) {
  x.next = at.now + x.pause.next(at.random);
}

void membership::aim_at(const std::string& address, const std::string& name,
                        time_point now) {
  auto [i, is_new] = targets_.try_emplace(address);
  auto& x = i->second;
  if (is_new) {
    x.next = now;
    x.pause = pauses();
  }
  if (!name.empty())
    x.name = name;
}

// -- links --------------------------------------------------------------------

verdict membership::greeted(link_id link, const hello& from, bool dialled,
                            const std::string& address, const instant& at,
                            const std::string& seen) {
  auto target = dialled ? targets_.find(address) : targets_.end();
  if (target != targets_.end()) {
    target->second.dialling = false;
    put_off(target->second, at);
  }
  auto refuse = [](std::string why) { return verdict{false, std::move(why)}; };
  if (from.protocol != protocol_version)
    return refuse("it speaks version " + std::to_string(from.protocol)
                  + " of the cluster's protocol, this node version "
                  + std::to_string(protocol_version)
                  + "; use the same Saker on all nodes");
  if (from.incarnation == self_.incarnation) {
    if (target != targets_.end())
      target->second.self = true;
    return {};
  }
  if (from.name == self_.name)
    return refuse("it is called \"" + from.name
                  + "\" too; give each node a name of its own (node = \"…\")");
  if (!nodes_.contains(from.name) && nodes_.size() + 1 >= most_nodes)
    return refuse("this cluster has " + std::to_string(most_nodes)
                  + " nodes, which is the most");
  auto& node = nodes_[from.name];
  if (target != targets_.end())
    target->second.name = from.name;
  auto& dialler = dialled ? self_.name : from.name;
  verdict result{true, {}, 0};
  if (node.at) {
    if (node.at->incarnation == from.incarnation && node.at->dialler < dialler)
      return {};
    result.instead_of = node.at->id;
  }
  node.at = {link, dialler, from.incarnation};
  node.joined = node.leaving = false;
  node.seen.name = from.name;
  node.seen.address = reachable_address(from.address,
                                        seen.empty() ? address : seen);
  node.seen.dialled = dialled;
  node.seen.version = from.version;
  node.seen.pid = from.pid;
  node.seen.started = from.started;
  // It may have moved: where it was before nobody needs to look any more.
  std::erase_if(targets_, [&](auto& x) {
    return x.second.name == from.name && !x.second.seed && !x.second.dialling
           && x.first != node.seen.address;
  });
  aim_at(node.seen.address, from.name, at.now);
  learn(from, at);
  return result;
}

void membership::learn(const hello& from, const instant& at) {
  for (auto& x : from.members) {
    if (x.name == self_.name || x.address == self_.address)
      continue;
    auto i = nodes_.find(x.name);
    if (i == nodes_.end()) {
      if (nodes_.size() + 1 >= most_nodes)
        continue;
      i = nodes_.try_emplace(x.name).first;
      auto& seen = i->second.seen;
      seen.name = x.name;
      seen.address = x.address;
      seen.since = at.unix_ms;
      seen.reason = "not reached yet";
    }
    if (i->second.at)
      continue;
    // Somebody has a link to it, so it is there.
    if (i->second.seen.state == node_state::left)
      i->second.seen.state = node_state::dead;
    aim_at(x.address, x.name, at.now);
  }
}

void membership::joined(link_id link, const instant& at) {
  auto* x = of(link);
  if (!x)
    return;
  x->joined = true;
  x->seen.state = node_state::up;
  x->seen.since = at.unix_ms;
  x->seen.reason.clear();
  for (auto& [_, target] : targets_)
    if (target.name == x->seen.name) {
      target.pause = pauses();
      target.reason.clear();
    }
}

void membership::answered(link_id link, duration rtt, time_point now) {
  if (auto* x = of(link)) {
    x->seen.rtt = rtt;
    x->seen.heard = now;
    if (x->seen.state == node_state::suspect)
      x->seen.state = node_state::up;
  }
}

void membership::late(link_id link) {
  auto* x = of(link);
  if (x && x->seen.state == node_state::up)
    x->seen.state = node_state::suspect;
}

void membership::said_goodbye(link_id link) {
  if (auto* x = of(link))
    x->leaving = true;
}

std::optional<std::string>
membership::lost(link_id link, const std::string& why, const instant& at) {
  auto* x = of(link);
  if (!x)
    return std::nullopt;
  auto was_up = std::exchange(x->joined, false);
  x->at.reset();
  if (x->leaving) {
    x->seen.state = node_state::left;
    x->seen.reason.clear();
  } else {
    x->seen.state = node_state::dead;
    x->seen.reason = why;
  }
  if (was_up || x->seen.since == 0)
    x->seen.since = at.unix_ms;
  x->seen.rtt.reset();
  x->seen.heard.reset();
  for (auto& [_, target] : targets_)
    if (target.name == x->seen.name)
      put_off(target, at);
  return x->seen.name;
}

result<void> membership::forget(const std::string& name) {
  auto i = nodes_.find(name);
  if (i == nodes_.end())
    return fail(errc::no_such_node, "no node \"" + name + "\" is known here");
  if (i->second.at)
    return fail(errc::refused,
                "node \"" + name + "\" is "
                  + std::string{to_string(i->second.seen.state)}
                  + " and would be back at once; only one that is dead or has "
                    "left can be forgotten");
  if (is_seed(name))
    return fail(errc::refused, "node \"" + name
                                 + "\" stands in join of [cluster] and is "
                                   "dialled for ever; take it out of the "
                                   "configuration and restart this node");
  nodes_.erase(i);
  std::erase_if(targets_, [&](auto& x) { return x.second.name == name; });
  return {};
}

// -- looking ------------------------------------------------------------------

std::vector<member> membership::members() const {
  std::vector<member> result;
  for (auto& [_, x] : nodes_)
    result.push_back(x.seen);
  return result;
}

const member* membership::find(std::string_view name) const {
  auto i = nodes_.find(name);
  return i == nodes_.end() ? nullptr : &i->second.seen;
}

membership::known_node* membership::of(link_id link) {
  for (auto& [_, x] : nodes_)
    if (x.at && x.at->id == link)
      return &x;
  return nullptr;
}

const member* membership::at_link(link_id link) const {
  auto* x = const_cast<membership*>(this)->of(link);
  return x ? &x->seen : nullptr;
}

bool membership::is_seed(std::string_view name) const {
  return std::any_of(targets_.begin(), targets_.end(), [&](auto& x) {
    return x.second.seed && x.second.name == name;
  });
}

link_id membership::link_to(std::string_view name) const {
  auto i = nodes_.find(name);
  return i == nodes_.end() || !i->second.at ? 0 : i->second.at->id;
}

} // namespace saker::cluster
