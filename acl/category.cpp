#include "acl/category.hpp"

#include "base/text.hpp"

namespace saker::acl {

namespace {

using resp::command_info;

bool is_listed(const command_info& what, std::string_view name) noexcept {
  auto rest = what.categories;
  while (!rest.empty()) {
    auto end = rest.find(' ');
    auto word = rest.substr(0, end);
    if (word.size() == name.size() + 1 && word.substr(1) == name)
      return true;
    rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
  }
  return false;
}

constexpr std::size_t longest = 16;

/// The name of a category of Redis, as a type.
struct literal {
  char text[longest]{};

  constexpr literal(std::string_view x) {
    for (std::size_t i = 0; i < x.size(); ++i)
      text[i] = x[i];
  }
};

template <literal Name>
bool listed(const command_info& what) {
  return is_listed(what, Name.text);
}

template <resp::right Right>
bool needs(const command_info& what) {
  return what.right == Right;
}

/// Redis and we mean the same: what only an administrator may do.
bool administers(const command_info& what) {
  return what.right == resp::right::admin || is_listed(what, "admin");
}

constexpr category all_categories[]{
  {"keyspace", listed<literal{"keyspace"}>},
  {"read", listed<literal{"read"}>},
  {"write", listed<literal{"write"}>},
  {"set", listed<literal{"set"}>},
  {"sortedset", listed<literal{"sortedset"}>},
  {"list", listed<literal{"list"}>},
  {"hash", listed<literal{"hash"}>},
  {"string", listed<literal{"string"}>},
  {"bitmap", listed<literal{"bitmap"}>},
  {"hyperloglog", listed<literal{"hyperloglog"}>},
  {"geo", listed<literal{"geo"}>},
  {"stream", listed<literal{"stream"}>},
  {"pubsub", listed<literal{"pubsub"}>},
  {"admin", administers},
  {"fast", listed<literal{"fast"}>},
  {"slow", listed<literal{"slow"}>},
  {"blocking", listed<literal{"blocking"}>},
  {"dangerous", listed<literal{"dangerous"}>},
  {"connection", listed<literal{"connection"}>},
  {"transaction", listed<literal{"transaction"}>},
  {"scripting", listed<literal{"scripting"}>},
  {"supervision", listed<literal{"supervision"}>},
  {"basic", needs<resp::right::none>},
  {"status", needs<resp::right::status>},
  {"events", needs<resp::right::events>},
  {"control", needs<resp::right::control>},
  {"script", needs<resp::right::script>},
};

} // namespace

std::span<const category> categories() noexcept {
  return all_categories;
}

const category* find_category(std::string_view name) noexcept {
  for (auto& x : all_categories)
    if (equal_ignoring_case(x.name, name))
      return &x;
  return nullptr;
}

} // namespace saker::acl
