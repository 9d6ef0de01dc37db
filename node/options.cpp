#include "node/options.hpp"

#include "base/text.hpp"

namespace saker::node {

namespace {

result<options> read_check(const std::vector<std::string>& args) {
  options x;
  x.as = options::role::check;
  for (std::size_t i = 1; i < args.size(); ++i)
    if (args[i] == "--config" && i + 1 < args.size())
      x.settings.file = args[++i];
    else if (args[i] == "--runtime-dir" && i + 1 < args.size())
      x.settings.set.push_back("runtime-dir=" + args[++i]);
    else if (args[i] == "--state-dir" && i + 1 < args.size())
      x.settings.set.push_back("state-dir=" + args[++i]);
    else
      x.files.emplace_back(args[i]);
  return x;
}

} // namespace

result<options> read_options(const std::vector<std::string>& args) {
  if (!args.empty() && args[0] == "check")
    return read_check(args);
  options x;
  if (args.size() == 1 && args[0] == "manual") {
    x.as = options::role::manual;
    return x;
  }
  if (args.size() == 2 && args[0] == "manual" && args[1] == "definitions") {
    x.as = options::role::definitions;
    return x;
  }
  for (std::size_t i = 0; i < args.size(); ++i) {
    auto& word = args[i];
    if (word == "--demo") {
      x.demo = true;
      continue;
    }
    if (i + 1 == args.size())
      return fail(errc::invalid_argument,
                  "unknown or incomplete option " + printable(word)
                    + "; saker-node is started by `saker run`");
    auto& value = args[++i];
    if (word == "--link-fd")
      x.link_fd = static_cast<int>(parse_integer(value).value_or(-1));
    else if (word == "--config")
      x.settings.file = value;
    else if (word == "--runtime-dir")
      x.settings.set.push_back("runtime-dir=" + value);
    else if (word == "--state-dir")
      x.settings.set.push_back("state-dir=" + value);
    else if (word == "--set")
      x.settings.set.push_back(value);
    else if (word == "--listen")
      x.settings.listen.push_back(value);
    else
      return fail(errc::invalid_argument, "unknown option " + printable(word));
  }
  if (x.link_fd < 0)
    return fail(errc::invalid_argument,
                "--link-fd is missing; saker-node is started by `saker run`");
  return x;
}

} // namespace saker::node
