#include "pubsub/output_limit.hpp"

#include "base/text.hpp"
#include "base/units.hpp"

#include <vector>

namespace saker::pubsub {

result<output_rule> parse_output_rule(std::string_view text) {
  auto words = split(trim(text), ' ');
  std::erase(words, std::string_view{});
  if (words.size() != 1 && words.size() != 3)
    return fail(errc::syntax, "output limit \"" + printable(text)
                                + "\": expected \"hard soft time\", for "
                                  "example \"32mb 8mb 60s\", or one size");
  output_rule rule;
  auto hard = parse_size(words[0]);
  if (!hard)
    return hard.error();
  rule.hard = *hard;
  if (words.size() == 1)
    return rule;
  auto soft = parse_size(words[1]);
  if (!soft)
    return soft.error();
  rule.soft = *soft;
  auto patience = parse_duration(words[2]);
  if (!patience)
    return patience.error();
  rule.patience = *patience;
  return rule;
}

bool output_limit::exceeded(const output_rule& rule, std::uint64_t unsent,
                            time_point now) noexcept {
  if (rule.soft == 0 || unsent < rule.soft)
    above_since_.reset();
  else if (!above_since_)
    above_since_ = now;
  if (rule.hard != 0 && unsent >= rule.hard)
    return true;
  return above_since_ && now - *above_since_ > rule.patience;
}

std::optional<output_limit::time_point>
output_limit::deadline(const output_rule& rule) const noexcept {
  if (!above_since_)
    return std::nullopt;
  // The first moment at which `exceeded` says yes.
  return *above_since_
         + std::chrono::duration_cast<time_point::duration>(rule.patience)
         + time_point::duration{1};
}

} // namespace saker::pubsub
