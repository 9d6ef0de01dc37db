#include "cluster/far_names.hpp"

#include "base/text.hpp"
#include "pubsub/glob.hpp"
#include "supervision/command_masks.hpp"

#include <algorithm>

namespace saker::cluster {

using supervision::form_of;
using supervision::masks_of;

namespace {

bool is_pattern(std::string_view x) {
  return x.find_first_of("*?[\\") != std::string_view::npos;
}

} // namespace

failure no_such_node(std::string_view name, const std::string& self,
                     const std::vector<std::string>& all) {
  auto hint = did_you_mean(name, all);
  if (hint.empty())
    hint = all.size() == 1
             ? "; this node is \"" + self + "\" and knows no other"
             : "; NODES lists all";
  return fail(errc::no_such_node,
              "no node \"" + printable(name, 60) + "\" is known here" + hint);
}

bool may_travel(std::string_view command) {
  return form_of(command) != nullptr;
}

bool names_nodes(std::span<const std::string> args) {
  auto masks = masks_of(args);
  return std::any_of(masks.begin(), masks.end(),
                     [](auto& x) { return x.find('@') != std::string::npos; });
}

result<std::vector<node_part>>
split(std::span<const std::string> args, const std::string& self,
      const std::vector<std::string>& all) {
  auto masks = masks_of(args);
  auto first = static_cast<std::size_t>(masks.data() - args.data());
  auto head = args.first(first);
  auto tail = args.subspan(first + masks.size());
  std::vector<node_part> result;
  auto part_of = [&](const std::string& node) -> node_part& {
    for (auto& x : result)
      if (x.node == node)
        return x;
    result.push_back(
      {node, false, {head.begin(), head.end()}, first, {}, std::nullopt});
    return result.back();
  };
  for (std::size_t i = 0; i < masks.size(); ++i) {
    auto& mask = masks[i];
    auto at = mask.rfind('@');
    if (at == std::string::npos) {
      auto& mine = part_of(self);
      mine.args.push_back(mask);
      mine.origins.push_back(i);
      continue;
    }
    auto name = at == 0 ? std::string{"*"} : mask.substr(0, at);
    auto where = std::string_view{mask}.substr(at + 1);
    if (where.empty())
      return fail(errc::syntax, "\"" + printable(mask, 80)
                                  + "\" names no node: nothing stands after "
                                    "\"@\"");
    if (at == 0 && !form_of(args[0])->service)
      return fail(errc::syntax, "\"" + printable(mask, 80)
                                  + "\" names only a node; what it is asked "
                                    "for stands before \"@\"");
    auto found = false;
    for (auto& node : all)
      if (pubsub::glob_match(where, node)) {
        auto& x = part_of(node);
        x.args.push_back(name);
        x.origins.push_back(i);
        x.by_name = x.by_name || !is_pattern(where);
        found = true;
      }
    if (!found)
      return no_such_node(where, self, all);
  }
  for (auto& x : result)
    x.args.insert(x.args.end(), tail.begin(), tail.end());
  return result;
}

long long patience_of(std::span<const std::string> args) {
  auto* x = args.empty() ? nullptr : form_of(args[0]);
  if (args.size() < 3 || (x && !x->service))
    return 0;
  auto has_time = equal_ignoring_case(args[0], "svwait")
                  || equal_ignoring_case(args[args.size() - 2], "WAIT");
  auto ms = parse_integer(args.back());
  return has_time && ms && *ms > 0 ? std::min(*ms, 86'400'000LL) : 0;
}

} // namespace saker::cluster
