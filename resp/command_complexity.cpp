#include "resp/command_complexity.hpp"

#include <algorithm>
#include <iterator>

namespace saker::resp {

namespace {

struct growth {
  std::string_view name;
  std::string_view text;
};

constexpr std::string_view instances = "O(N), N = instances that are meant";

// All others take the same time whatever there is.
constexpr growth growths[]{
  {"acl|deluser", "O(N), N = users"},
  {"acl|getuser", "O(N), N = passwords and rules of the user"},
  {"acl|list", "O(N), N = users"},
  {"acl|load", "O(N), N = users"},
  {"acl|log", "O(N), N = entries"},
  {"acl|save", "O(N), N = users"},
  {"acl|setuser", "O(N), N = rules"},
  {"acl|users", "O(N), N = users"},
  {"auth", "O(N), N = passwords of the user"},
  {"call", complexity_of_scripts},
  {"client|kill", "O(N), N = clients"},
  {"client|list", "O(N), N = clients"},
  {"client|unpause", "O(N), N = paused clients"},
  {"command", "O(N), N = commands"},
  {"command|docs", "O(N), N = commands that are asked for"},
  {"command|getkeys", "O(N), N = words"},
  {"command|getkeysandflags", "O(N), N = words"},
  {"command|info", "O(N), N = commands that are asked for"},
  {"command|list", "O(N), N = commands"},
  {"config|get", "O(N), N = parameters"},
  {"config|rewrite", "O(N), N = parameters"},
  {"config|set", "O(N), N = parameters"},
  {"discard", "O(N), N = queued commands"},
  {"exec", "Depends on the queued commands."},
  {"help", "O(N), N = commands"},
  {"latency|histogram", "O(N), N = commands that are asked for"},
  {"load", "Depends on the scripts."},
  {"nodes", "O(N), N = nodes"},
  {"psubscribe", "O(N), N = patterns"},
  {"publish", "O(N+M), N = subscribers, M = patterns that may match"},
  {"pubsub|channels", "O(N), N = channels"},
  {"pubsub|numsub", "O(N), N = channels that are asked for"},
  {"pubsub|shardchannels", "O(N), N = channels"},
  {"pubsub|shardnumsub", "O(N), N = channels that are asked for"},
  {"punsubscribe", "O(N), N = patterns"},
  {"script|exists", "O(N), N = digests"},
  {"shutdown", "O(N), N = instances"},
  {"slowlog|get", "O(N), N = entries"},
  {"slowlog|reset", "O(N), N = entries"},
  {"spublish", "O(N), N = subscribers"},
  {"ssubscribe", "O(N), N = channels"},
  {"subscribe", "O(N), N = channels"},
  {"sunsubscribe", "O(N), N = channels"},
  {"svapply", "O(N), N = services that are defined"},
  {"svaudit", "O(N), N = entries that are returned"},
  {"svcheck", instances},
  {"svcont", instances},
  {"svdisable", instances},
  {"svdrop", instances},
  {"svenable", instances},
  {"svgmember", "O(N), N = services that are defined"},
  {"svgrestart", instances},
  {"svgstart", instances},
  {"svgstatus", instances},
  {"svgstop", instances},
  {"svlife", "O(N), N = events that are kept"},
  {"svlog", "O(N), N = bytes of the lines"},
  {"svpause", instances},
  {"svplan", "O(N), N = services that are defined"},
  {"svreload", instances},
  {"svreset", instances},
  {"svrestart", instances},
  {"svscale", "O(N), N = instances that come or go"},
  {"svsignal", instances},
  {"svstart", instances},
  {"svstatus", instances},
  {"svstop", instances},
  {"svtryrestart", instances},
  {"svwait", instances},
  {"sysinfo", "Depends on the key."},
  {"tasks", "O(N), N = tasks"},
  {"unload", "Depends on the scripts."},
  {"unsubscribe", "O(N), N = channels"},
};

constexpr bool is_sorted() {
  for (std::size_t i = 1; i < std::size(growths); ++i)
    if (!(growths[i - 1].name < growths[i].name))
      return false;
  return true;
}

static_assert(is_sorted(), "commands in alphabetical order");

} // namespace

std::string_view complexity_of(const command_info& x) noexcept {
  if (!x.subcommands.empty())
    return "Depends on the subcommand.";
  auto i = std::lower_bound(
    std::begin(growths), std::end(growths), x.name,
    [](const growth& y, std::string_view name) { return y.name < name; });
  return i != std::end(growths) && i->name == x.name ? i->text : "O(1)";
}

} // namespace saker::resp
