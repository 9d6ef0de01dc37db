// What a parameter may be, in the words of Redis.
#include "base/text.hpp"
#include "resp/number.hpp"
#include "session/listen_parameters.hpp"
#include "session/parameter_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <vector>

namespace saker::session {

namespace {

using kind = parameter_info::kind;

failure refuse(std::string why) {
  return fail(errc::invalid_argument, std::move(why));
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> all;
  for (auto word : split(text, ' '))
    if (!word.empty())
      all.push_back(word);
  return all;
}

failure out_of_range(const parameter_info& what) {
  return refuse("argument must be between " + std::to_string(what.least)
                + " and " + std::to_string(what.most) + " inclusive");
}

result<std::string> integer(const parameter_info& what, std::string_view text) {
  auto x = resp::strict_integer(text);
  if (!x)
    return refuse("argument couldn't be parsed into an integer");
  if (*x < what.least || *x > what.most)
    return out_of_range(what);
  // Redis keeps its own bounds to itself here.
  if (what.name == "hz")
    x = std::clamp<std::int64_t>(*x, 1, 500);
  return std::to_string(*x);
}

result<std::string> memory(const parameter_info& what, std::string_view text) {
  auto x = parse_memory(text);
  if (!x)
    return refuse("argument must be a memory value");
  if (*x < static_cast<std::uint64_t>(what.least)
      || *x > static_cast<std::uint64_t>(what.most))
    return out_of_range(what);
  return std::to_string(*x);
}

result<std::string> memory_or_percent(std::string_view text) {
  if (text.ends_with('%')) {
    auto x = resp::strict_integer(text.substr(0, text.size() - 1));
    if (x && *x > 100)
      return refuse("percentage argument must be less or equal to 100");
    if (x && *x >= 0)
      return std::string{text};
  } else if (auto x = parse_memory(text)) {
    return std::to_string(*x);
  }
  return refuse("argument must be a memory or percent value");
}

result<std::string> yes_no(std::string_view text) {
  for (auto word : {"yes", "no"})
    if (equal_ignoring_case(text, word))
      return std::string{word};
  return refuse("argument must be 'yes' or 'no'");
}

result<std::string> choice(const parameter_info& what, std::string_view text) {
  for (auto word : split(what.words, ','))
    if (equal_ignoring_case(trim(word), text))
      return std::string{trim(word)};
  return refuse("argument(s) must be one of the following: "
                + std::string{what.words});
}

/// Of each class that is named the limits change.
result<std::string>
output_limits(std::string_view text, std::string_view present) {
  constexpr std::array<std::string_view, 3> classes{"normal", "slave",
                                                    "pubsub"};
  auto now = words_of(present);
  auto next = std::vector<std::string>{now.begin(), now.end()};
  auto words = words_of(text);
  if (words.size() % 4 != 0)
    return refuse("Wrong number of arguments in buffer limit configuration.");
  for (std::size_t i = 0; i < words.size(); i += 4) {
    auto name = equal_ignoring_case(words[i], "replica") ? "slave" : words[i];
    auto hit = std::find_if(classes.begin(), classes.end(), [&](auto x) {
      return equal_ignoring_case(x, name);
    });
    if (hit == classes.end())
      return refuse("Invalid client class specified in buffer limit "
                    "configuration.");
    auto hard = parse_memory(words[i + 1]);
    auto soft = parse_memory(words[i + 2]);
    auto time = resp::strict_integer(words[i + 3]);
    if (!hard || !soft || !time || *time < 0)
      return refuse("Error in hard, soft or soft_seconds setting in buffer "
                    "limit configuration.");
    auto at = static_cast<std::size_t>(hit - classes.begin()) * 4;
    next[at + 1] = std::to_string(*hard);
    next[at + 2] = std::to_string(*soft);
    next[at + 3] = std::to_string(*time);
  }
  std::string all;
  for (auto& word : next)
    all += (all.empty() ? "" : " ") + word;
  return all;
}

result<std::string> save_points(std::string_view text) {
  auto words = words_of(text);
  std::string all;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto x = resp::strict_integer(words[i]);
    if (words.size() % 2 != 0 || !x || *x < (i % 2 == 0 ? 1 : 0))
      return refuse("Invalid save parameters");
    all.append(all.empty() ? "" : " ").append(words[i]);
  }
  return all;
}

/// In the order in which Redis shows them.
result<std::string> event_classes(std::string_view text) {
  constexpr std::string_view all_of_them = "g$lshzxetd";
  auto has = [&text](char c) { return text.find(c) != text.npos; };
  if (text.find_first_not_of("Ag$lshzxeKEtmdn") != text.npos)
    return refuse("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
  auto all = has('A')
             || std::all_of(all_of_them.begin(), all_of_them.end(), has);
  std::string out = all ? "A" : "";
  for (auto c : std::string_view{all ? "KEm" : "g$lshzxetdnKEm"})
    if (has(c))
      out += c;
  return out;
}

result<std::string> percentiles(std::string_view text) {
  std::string all;
  for (auto word : words_of(text)) {
    double x = -1;
    auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), x);
    if (ec != std::errc{} || end != word.data() + word.size())
      return refuse("Invalid latency-tracking-info-percentiles parameters");
    if (!(x >= 0 && x <= 100))
      return refuse("latency-tracking-info-percentiles parameters should sit "
                    "between [0.0,100.0]");
    all += all.empty() ? "" : " ";
    resp::append_double(all, x);
  }
  return all;
}

result<std::string> three_integers(std::string_view text) {
  auto words = words_of(text);
  if (words.size() != 3)
    return refuse("wrong number of arguments");
  for (auto word : words)
    if (auto x = resp::strict_integer(word); !x || *x < -2000 || *x > 2000)
      return refuse("Invalid oom-score-adj-values, elements must be between "
                    "-2000 and 2000.");
  return std::string{text};
}

result<std::string> host_name(std::string_view text) {
  auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
  };
  if (!std::all_of(text.begin(), text.end(), plain))
    return refuse("Hostnames may only contain alphanumeric characters, "
                  "hyphens or dots");
  return std::string{text};
}

result<std::string> hosts(std::string_view text) {
  constexpr std::uint16_t any_port = 1;
  if (auto ok = bound_addresses(text, any_port); !ok)
    return refuse(ok.error().code == errc::limit
                    ? ok.error().detail
                    : "Failed to bind to specified addresses. "
                        + ok.error().detail);
  std::string all;
  for (auto word : words_of(text))
    all.append(all.empty() ? "" : " ").append(word);
  return all;
}

result<std::string> socket_path(std::string_view text) {
  if (text.empty())
    return std::string{};
  if (text.front() != '/')
    return refuse("Unable to listen on this socket. The path must be absolute");
  auto x = config::parse_listen_address("unix:" + std::string{text}, "/");
  if (!x)
    return refuse("Unable to listen on this socket. " + x.error().detail);
  return x->path;
}

} // namespace

result<std::uint64_t> parse_memory(std::string_view text) {
  struct unit {
    std::string_view name;
    std::uint64_t bytes;
  };
  constexpr unit units[] = {
    {"", 1},          {"b", 1},        {"k", 1000},          {"kb", 1024},
    {"m", 1'000'000}, {"mb", 1 << 20}, {"g", 1'000'000'000}, {"gb", 1 << 30}};
  auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  std::uint64_t n = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + digits, n);
  for (auto& x : units)
    if (digits > 0 && ec == std::errc{}
        && equal_ignoring_case(x.name, text.substr(digits))
        && n <= std::numeric_limits<std::int64_t>::max() / x.bytes)
      return n * x.bytes;
  return refuse("argument must be a memory value");
}

result<std::string>
normal_form(const parameter_info& what, std::string_view text,
            std::string_view present) {
  switch (what.type) {
    case kind::text: break;
    case kind::yes_no: return yes_no(text);
    case kind::integer: return integer(what, text);
    case kind::memory: return memory(what, text);
    case kind::memory_or_percent: return memory_or_percent(text);
    case kind::choice: return choice(what, text);
    case kind::output_limits: return output_limits(text, present);
    case kind::save_points: return save_points(text);
    case kind::event_classes: return event_classes(text);
    case kind::percentiles: return percentiles(text);
    case kind::three_integers: return three_integers(text);
    case kind::host_name: return host_name(text);
    case kind::hosts: return hosts(text);
    case kind::socket_path: return socket_path(text);
    case kind::tls:
      if (text != present)
        return refuse("Unable to update TLS configuration: [tls] listen of "
                      "saker.toml names the addresses, and a start takes "
                      "them");
      break;
    case kind::fixed: return refuse("can't set immutable config");
    case kind::guarded: return refuse("can't set protected config");
  }
  return std::string{text};
}

} // namespace saker::session
