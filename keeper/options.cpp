#include "keeper/options.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace saker::keeper {

namespace {

constexpr std::array<std::string_view, 6> with_value
  = {"--node", "--runtime-dir", "--state-dir", "--config", "--listen", "--set"};

bool takes_value(std::string_view x) {
  return std::find(with_value.begin(), with_value.end(), x) != with_value.end();
}

failure wrong(std::string why) {
  return fail(errc::invalid_argument, std::move(why));
}

} // namespace

result<options> parse_options(const std::vector<std::string>& arguments) {
  options x;
  for (auto i = arguments.begin(); i != arguments.end(); ++i) {
    if (*i == "--demo") {
      x.pass_on.push_back(*i);
      continue;
    }
    if (!takes_value(*i))
      return wrong("unknown argument " + printable(*i, 64)
                   + "; this program is started by \"saker run\"");
    if (i + 1 == arguments.end())
      return wrong(*i + " needs a value");
    auto& name = *i;
    auto& value = *++i;
    if (name == "--node") {
      x.node = value;
      continue;
    }
    if (name == "--runtime-dir")
      x.runtime_dir = value;
    if (name == "--state-dir")
      x.state_dir = value;
    x.pass_on.push_back(name);
    x.pass_on.push_back(value);
  }
  if (!x.node.starts_with('/') || !x.runtime_dir.starts_with('/'))
    return wrong("--node and --runtime-dir must be absolute paths; this "
                 "program is started by \"saker run\"");
  return x;
}

} // namespace saker::keeper
