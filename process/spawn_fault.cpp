#include "process/spawn_fault.hpp"

#include "base/text.hpp"
#include "process/identity.hpp"

#include <cstring>

namespace saker::process {

namespace {

std::optional<int> errno_number(std::string_view name) {
  if (auto number = parse_integer(name))
    return *number > 0 && *number < 4096
             ? std::optional{static_cast<int>(*number)}
             : std::nullopt;
  for (auto number = 1; number < 256; ++number)
    if (auto known = strerrorname_np(number))
      if (name == known)
        return number;
  return std::nullopt;
}

std::optional<std::string_view> instance_in(const spec& what) {
  std::string prefix{instance_variable};
  prefix += '=';
  for (std::string_view x : what.env)
    if (x.starts_with(prefix))
      return x.substr(prefix.size());
  return std::nullopt;
}

} // namespace

std::optional<spawn_fault> parse_spawn_fault(std::string_view text) {
  auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto step = parse_spawn_step(text.substr(0, colon));
  auto what = text.substr(colon + 1);
  if (!step || *step == spawn_step::none)
    return std::nullopt;
  if (what == "bad_alloc")
    return spawn_fault{*step, spawn_fault::kind::bad_alloc, 0};
  if (what == "hang")
    return spawn_fault{*step, spawn_fault::kind::hang, 0};
  if (what == "die")
    return spawn_fault{*step, spawn_fault::kind::die, 0};
  if (auto number = errno_number(what))
    return spawn_fault{*step, spawn_fault::kind::fail, *number};
  return std::nullopt;
}

std::optional<spawn_fault>
spawn_fault_for(const spec& what, std::string_view text) {
  auto instance = instance_in(what);
  if (text.empty() || !instance)
    return std::nullopt;
  auto at = text.find('@');
  if (at != std::string_view::npos
      && !instance->starts_with(text.substr(at + 1)))
    return std::nullopt;
  return parse_spawn_fault(text.substr(0, at));
}

} // namespace saker::process
