#include "supervision/control_options.hpp"

#include "base/text.hpp"

namespace saker::supervision {

namespace {

constexpr std::int64_t longest_wait = 86'400'000;
constexpr std::int64_t most_at_a_time = 10'000;

result<std::int64_t> number_of(const std::string& word, const char* what,
                               std::int64_t least, std::int64_t most) {
  auto x = parse_integer(word);
  if (x && *x >= least && *x <= most)
    return *x;
  return fail(errc::syntax, std::string{what} + " from " + std::to_string(least)
                              + " to " + std::to_string(most) + ", not \""
                              + printable(word, 40) + '"');
}

} // namespace

result<control_options>
take_options(std::span<const std::string>& args, bool may_roll) {
  control_options found;
  auto twice = [](const char* word) {
    return fail(errc::syntax, std::string{word} + " is there twice");
  };
  while (args.size() >= 2) {
    auto& word = args[args.size() - 2];
    if (equal_ignoring_case(word, "WAIT")) {
      if (found.wait)
        return twice("WAIT");
      auto ms = number_of(args.back(), "WAIT needs milliseconds", 0,
                          longest_wait);
      if (!ms)
        return ms.error();
      found.wait = std::chrono::milliseconds{*ms};
    } else if (equal_ignoring_case(word, "ROLLING")) {
      if (!may_roll)
        return fail(errc::syntax, "ROLLING is for restarts only");
      if (found.rolling)
        return twice("ROLLING");
      auto n = number_of(args.back(), "ROLLING needs a number of instances", 1,
                         most_at_a_time);
      if (!n)
        return n.error();
      found.rolling = static_cast<std::uint32_t>(*n);
    } else {
      break;
    }
    args = args.first(args.size() - 2);
  }
  return found;
}

} // namespace saker::supervision
