#include "cli/event_history.hpp"

#include "cli/since.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace saker::cli {

namespace {

/// Events that are asked for at once.
constexpr std::size_t page = 1'000;

struct event_head {
  std::string node;
  std::string id;
  std::int64_t time = 0;
};

event_head head_of(std::string_view payload) {
  event_head result;
  auto x = nlohmann::json::parse(payload, nullptr, false);
  if (!x.is_object())
    return result;
  auto text = [&](const char* key) {
    auto i = x.find(key);
    return i != x.end() && i->is_string() ? i->get<std::string>()
                                          : std::string{};
  };
  result.node = text("node");
  result.id = text("id");
  if (auto i = x.find("ts"); i != x.end() && i->is_number_integer())
    result.time = i->get<std::int64_t>();
  return result;
}

/// Names, the one that answers first, and whether each is up. A Saker without
/// a cluster is one.
result<std::vector<std::pair<std::string, bool>>> all_nodes(work& with) {
  std::vector<std::pair<std::string, bool>> result;
  auto reply = ask(with, {"NODES"}, short_patience);
  if (!reply && status_of(reply.error()) == no_connection)
    return reply.error();
  if (reply)
    for (auto& x : reply->items()) {
      auto name = x.find("name");
      auto state = x.find("state");
      if (name)
        result.emplace_back(name->text(),
                            result.empty() || !state || state->text() == "up");
    }
  if (result.empty())
    result.emplace_back(std::string{}, true);
  return result;
}

} // namespace

result<void> event_history::begin(work& with) {
  auto now = server_time(with);
  if (!now)
    return now.error();
  auto since = since_argument(*with.asked.since, now->count());
  if (!since)
    return since.error();
  since_ = *since;
  return {};
}

result<std::vector<std::string>> event_history::read(work& with) {
  auto nodes = all_nodes(with);
  if (!nodes)
    return nodes.error();
  std::vector<entry> found;
  auto own = true;
  for (auto& [name, up] : *nodes) {
    auto done = up ? read_node(with, name, own, found)
                   : fail(errc::no_such_node, "it cannot be reached");
    if (!done && (own || status_of(done.error()) == no_connection))
      return done.error();
    if (!done) {
      complete_ = false;
      complain(with, fail(done.error().code,
                          "what happened on node \"" + name
                            + "\" cannot be shown: " + done.error().detail));
    }
    own = false;
  }
  std::stable_sort(found.begin(), found.end(),
                   [](auto& x, auto& y) { return x.time < y.time; });
  std::vector<std::string> result;
  for (auto& x : found)
    result.push_back(std::move(x.payload));
  return result;
}

result<void> event_history::read_node(work& with, const std::string& node,
                                      bool own, std::vector<entry>& into) {
  auto mask = own ? std::string{"*"} : "*@" + node;
  auto& behind = behind_.emplace(node, since_).first->second;
  // That we listen is on its way to another node when PSUBSCRIBE is answered; a
  // question comes behind it. What is read once more after that is complete.
  auto rest = own || !with.asked.follow ? 1 : 2;
  while (rest > 0) {
    auto count = read_page(with, mask, behind, into);
    if (!count)
      return count.error();
    if (*count < page)
      --rest;
  }
  return {};
}

result<std::size_t>
event_history::read_page(work& with, const std::string& mask,
                         std::string& behind, std::vector<entry>& into) {
  auto reply = ask(
    with,
    {"SVLIFE", mask, "COUNT", std::to_string(page), "SINCE", behind, "JSON"},
    short_patience);
  if (!reply)
    return reply.error();
  auto count = reply->items().size();
  for (auto& x : reply->items()) {
    auto payload = std::string{x.text()};
    auto head = head_of(payload);
    if (head.id.empty()) // a node that is lost, or an event that is damaged
      return std::size_t{0};
    behind = head.id;
    if (seen_.emplace(head.node, head.id).second)
      into.push_back({head.time, std::move(payload)});
  }
  return count;
}

bool event_history::has(std::string_view payload) const {
  auto head = head_of(payload);
  return seen_.contains({head.node, head.id});
}

} // namespace saker::cli
