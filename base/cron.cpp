#include "base/cron.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <vector>

namespace saker {

namespace {

using namespace std::chrono;

constexpr auto longest_search = days{50 * 366};

// A clock that was put back by so much is one hour of winter time or a small
// correction; more is another time altogether.
constexpr auto small_step = hours{3};

/// What one of the five fields may hold.
struct field_info {
  const char* name;
  int low;
  int high;
  std::vector<std::string> words; ///< `words[i]` means `low + i`
};

const std::array<field_info, 5>& fields() {
  static const std::array<field_info, 5> all{
    {{"minute", 0, 59, {}},
     {"hour", 0, 23, {}},
     {"day of month", 1, 31, {}},
     {"month",
      1,
      12,
      {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
       "nov", "dec"}},
     {"day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}}};
  return all;
}

struct short_form {
  std::string_view name;
  std::string_view meaning;
};

constexpr short_form short_forms[] = {
  {"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},
  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
  {"@monthly", "0 0 1 * *"},  {"@yearly", "0 0 1 1 *"},
  {"@annually", "0 0 1 1 *"},
};

failure bad(std::string_view text, const std::string& why) {
  return fail(errc::syntax,
              "\"" + printable(text, 80) + "\" is no schedule: " + why
                + "; write for example \"*/5 * * * *\" (minute, hour, day of "
                  "month, month, day of week)");
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    auto begin = text.find_first_not_of(" \t", at);
    if (begin == text.npos)
      break;
    at = std::min(text.find_first_of(" \t", begin), text.size());
    out.push_back(text.substr(begin, at - begin));
  }
  return out;
}

result<int> number_in(std::string_view x, const field_info& field) {
  for (std::size_t i = 0; i < field.words.size(); ++i)
    if (equal_ignoring_case(x, field.words[i]))
      return field.low + static_cast<int>(i);
  auto digits = !x.empty() && x.find_first_not_of("0123456789") == x.npos;
  auto number = digits ? parse_integer(x) : std::nullopt;
  if (number && *number >= field.low && *number <= field.high)
    return static_cast<int>(*number);
  return fail(errc::syntax, std::string{field.name} + " \"" + printable(x, 20)
                              + "\" is not within " + std::to_string(field.low)
                              + " and " + std::to_string(field.high)
                              + did_you_mean(x, field.words));
}

struct part {
  int first = 0;
  int last = 0;
  int step = 1;
};

/// `*`, `5`, `1-5`, each with `/n`.
result<part> parse_part(std::string_view x, const field_info& field) {
  part out{field.low, field.high, 1};
  auto slash = x.find('/');
  auto range = x.substr(0, slash);
  if (slash != x.npos) {
    auto step = parse_integer(x.substr(slash + 1));
    if (!step || *step < 1 || *step > field.high)
      return fail(errc::syntax, std::string{field.name} + ": the step of \""
                                  + printable(x, 20) + "\" must be 1 to "
                                  + std::to_string(field.high));
    out.step = static_cast<int>(*step);
  }
  if (range == "*")
    return out;
  auto dash = range.find('-');
  auto first = number_in(range.substr(0, dash), field);
  if (!first)
    return first.error();
  out.first = *first;
  if (dash == range.npos) {
    out.last = slash == x.npos ? *first : field.high;
    return out;
  }
  auto last = number_in(range.substr(dash + 1), field);
  if (!last)
    return last.error();
  out.last = *last;
  if (out.first > out.last)
    return fail(errc::syntax, std::string{field.name} + ": the range \""
                                + printable(x, 20) + "\" is upside down");
  return out;
}

template <std::size_t N>
result<void> parse_field(std::string_view text, const field_info& field,
                         std::bitset<N>& into) {
  for (auto x : split(text, ',')) {
    auto range = parse_part(x, field);
    if (!range)
      return range.error();
    for (int i = range->first; i <= range->last; i += range->step)
      into.set(static_cast<std::size_t>(i) % N);
  }
  return {};
}

/// A moment as the clocks on the wall show it.
sys_seconds wall(sys_seconds at, const utc_offset& zone) {
  return at + zone(at);
}

/// The moment at which the clocks on the wall show `local` for the first time;
/// if they never do, the end of the gap.
sys_seconds moment_of(sys_seconds local, const utc_offset& zone) {
  auto before = zone(local - zone(local) - days{1});
  if (auto x = local - before; zone(x) == before)
    return x;
  auto after = zone(local - before + days{1});
  if (auto x = local - after; zone(x) == after)
    return x;
  auto low = local - before - days{1};
  auto high = local - before + days{1};
  while (high - low > seconds{1}) {
    auto middle = low + (high - low) / 2;
    (zone(middle) == before ? low : high) = middle;
  }
  return high;
}

} // namespace

seconds local_offset(sys_seconds at) {
  auto when = system_clock::to_time_t(at);
  std::tm parts{};
  if (!::localtime_r(&when, &parts))
    return seconds{0};
  return seconds{parts.tm_gmtoff};
}

result<cron> cron::parse(std::string_view text) {
  auto meaning = trim(text);
  if (meaning.starts_with('@')) {
    auto form = std::find_if(
      std::begin(short_forms), std::end(short_forms),
      [&](auto& x) { return equal_ignoring_case(x.name, meaning); });
    if (form == std::end(short_forms)) {
      std::vector<std::string> known;
      for (auto& x : short_forms)
        known.emplace_back(x.name);
      return bad(text,
                 "this short form is unknown" + did_you_mean(meaning, known));
    }
    meaning = form->meaning;
  }
  auto words = words_of(meaning);
  if (words.size() != fields().size())
    return bad(text, "it has " + std::to_string(words.size())
                       + " fields instead of 5");
  cron out;
  auto& info = fields();
  for (auto& parsed : {parse_field(words[0], info[0], out.minutes_),
                       parse_field(words[1], info[1], out.hours_),
                       parse_field(words[2], info[2], out.days_),
                       parse_field(words[3], info[3], out.months_),
                       parse_field(words[4], info[4], out.weekdays_)})
    if (!parsed)
      return bad(text, parsed.error().detail);
  out.wildcard_ = words[0].front() == '*' || words[1].front() == '*';
  out.any_day_ = words[2].front() == '*';
  out.any_weekday_ = words[4].front() == '*';
  if (!out.month_is_possible())
    return bad(text, "that day never comes");
  return out;
}

bool cron::month_is_possible() const {
  // In a list, a day of the week alone may be enough.
  if (!any_day_ && !any_weekday_)
    return true;
  for (unsigned m = 1; m <= 12; ++m) {
    // 2024 has the longest February.
    auto last = unsigned{(year{2024} / month{m} / std::chrono::last).day()};
    for (unsigned d = 1; d <= last && months_.test(m); ++d)
      if (days_.test(d))
        return true;
  }
  return false;
}

bool cron::matches(year_month_day day) const {
  auto by_day = days_.test(unsigned{day.day()});
  auto by_weekday = weekdays_.test(weekday{sys_days{day}}.c_encoding());
  // As in crontab(5): two restrictions are alternatives.
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

/// The first matching time of a day, not before `from`.
std::optional<minutes> cron::first_at(minutes from) const {
  for (auto x = from; x < days{1}; ++x) {
    auto hour = static_cast<std::size_t>(x / hours{1});
    if (!hours_.test(hour))
      x = hours{hour + 1} - minutes{1};
    else if (minutes_.test(static_cast<std::size_t>(x % hours{1} / minutes{1})))
      return x;
  }
  return std::nullopt;
}

std::optional<cron::time_point>
cron::next(time_point after, const utc_offset& zone) const {
  return wildcard_ ? next_by_elapsed(after, zone) : next_by_clock(after, zone);
}

/// Follows elapsed time: what the clocks show twice counts twice.
std::optional<cron::time_point>
cron::next_by_elapsed(time_point after, const utc_offset& zone) const {
  // Clocks may be put on by so much before the day is over.
  constexpr auto margin = hours{3};
  auto end = after + longest_search;
  auto at = after;
  while (at < end) {
    at += minutes{1} - wall(at, zone).time_since_epoch() % minutes{1};
    auto local = wall(at, zone);
    auto day = floor<days>(local);
    auto date = year_month_day{day};
    if (!months_.test(unsigned{date.month()}) || !matches(date)) {
      at += std::max<seconds>(day + days{1} - local - margin, seconds{0});
      continue;
    }
    auto time = floor<minutes>(local - day);
    if (first_at(time) == time)
      return at;
  }
  return std::nullopt;
}

std::optional<cron::time_point>
cron::next_by_clock(time_point after, const utc_offset& zone) const {
  auto now = wall(after, zone);
  auto day = floor<days>(now);
  auto from = floor<minutes>(now - day);
  auto end = day + longest_search;
  for (; day < end; day += days{1}, from = minutes{0}) {
    auto date = year_month_day{day};
    if (!months_.test(unsigned{date.month()}) || !matches(date))
      continue;
    for (auto time = first_at(from); time; time = first_at(*time + minutes{1}))
      if (auto x = moment_of(day + *time, zone); x > after)
        return x;
  }
  return std::nullopt;
}

// -- the watch over it -----------------------------------------------------------

cron_clock::cron_clock(cron when, cron::time_point now, utc_offset zone)
  : when_(std::move(when)), zone_(std::move(zone)),
    next_(when_.next(now, zone_)), looked_(now) {
  // nop
}

bool cron_clock::due(cron::time_point now) {
  auto before = std::exchange(looked_, now);
  if (!next_ || now < *next_) {
    if (before - now > small_step)
      next_ = when_.next(now, zone_);
    return false;
  }
  next_ = when_.next(now, zone_);
  return true;
}

seconds cron_clock::wait(cron::time_point now) const noexcept {
  constexpr seconds longest = minutes{1};
  if (!next_)
    return longest;
  return std::clamp<seconds>(*next_ - now, seconds{0}, longest);
}

} // namespace saker
