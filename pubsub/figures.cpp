#include "pubsub/figures.hpp"

#include "base/text.hpp"
#include "pubsub/glob.hpp"

#include <algorithm>

namespace saker::pubsub {

namespace {

resp::value wrong(const std::string& word) {
  return resp::err("unknown subcommand or wrong number of arguments for '"
                   + printable(word, 128) + "'. Try PUBSUB HELP.");
}

resp::value channels(const index& from, subscription_kind kind,
                     const std::string* pattern, const channel_filter& told) {
  resp::array names;
  from.for_each_name(kind, [&](std::string_view name) {
    if ((!pattern || glob_match(*pattern, name)) && (!told || told(name)))
      names.items.emplace_back(name);
  });
  return names;
}

resp::value
counts(const index& from, subscription_kind kind,
       std::span<const std::string> names, const channel_filter& told) {
  resp::array flat;
  for (auto& name : names) {
    flat.items.emplace_back(name);
    flat.items.emplace_back(!told || told(name) ? from.channel_size(name, kind)
                                                : 0);
  }
  return flat;
}

} // namespace

resp::value pubsub_reply(const index& from, std::span<const std::string> args,
                         const channel_filter& told) {
  if (args.size() < 2)
    return resp::err("wrong number of arguments for 'pubsub' command");
  auto rest = args.subspan(2);
  auto pattern = rest.empty() ? nullptr : &rest[0];
  if (equal_ignoring_case(args[1], "CHANNELS") && rest.size() <= 1)
    return channels(from, subscription_kind::channel, pattern, told);
  if (equal_ignoring_case(args[1], "SHARDCHANNELS") && rest.size() <= 1)
    return channels(from, subscription_kind::shard, pattern, told);
  if (equal_ignoring_case(args[1], "NUMSUB"))
    return counts(from, subscription_kind::channel, rest, told);
  if (equal_ignoring_case(args[1], "SHARDNUMSUB"))
    return counts(from, subscription_kind::shard, rest, told);
  if (equal_ignoring_case(args[1], "NUMPAT") && rest.empty())
    return static_cast<std::int64_t>(from.pattern_count());
  return wrong(args[1]);
}

} // namespace saker::pubsub
