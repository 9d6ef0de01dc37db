#include "session/shown_command.hpp"

#include "base/text.hpp"
#include "session/slow_log.hpp"
#include "supervision/secrets.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace saker::session {

namespace {

using word_list = std::vector<std::string_view>;

void hide_from(word_list& all, std::size_t first) {
  for (auto i = first; i < all.size(); ++i)
    all[i] = redacted;
}

void hide_login(word_list& hello) {
  for (std::size_t i = 2; i < hello.size(); ++i)
    if (equal_ignoring_case(hello[i], "AUTH")) {
      for (auto last = std::min(i + 3, hello.size()); ++i < last;)
        hello[i] = redacted;
      --i;
    } else if (equal_ignoring_case(hello[i], "SETNAME")) {
      ++i;
    }
}

void hide_secret_parameters(word_list& config_set) {
  constexpr std::string_view secret[]{"requirepass", "masterauth",
                                      "tls-key-file-pass",
                                      "tls-client-key-file-pass"};
  for (std::size_t i = 3; i < config_set.size(); i += 2)
    if (std::any_of(std::begin(secret), std::end(secret), [&](auto name) {
          return equal_ignoring_case(config_set[i - 1], name);
        }))
      config_set[i] = redacted;
}

} // namespace

word_list without_passwords(const resp::command_info* what,
                            std::span<const std::string_view> args) {
  word_list all{args.begin(), args.end()};
  auto name = what ? what->name : std::string_view{};
  if (name == "auth")
    hide_from(all, 1);
  else if (name == "hello")
    hide_login(all);
  else if (name == "acl|setuser")
    hide_from(all, 2);
  else if (name == "config|set")
    hide_secret_parameters(all);
  return all;
}

std::vector<std::string> shown_words(const resp::command_info* what,
                                     std::span<const std::string_view> args) {
  auto all = without_passwords(what, args);
  return supervision::without_secrets(
    std::vector<std::string>{all.begin(), all.end()});
}

std::vector<std::string> kept_words(const resp::command_info* what,
                                    std::span<const std::string_view> args) {
  return supervision::without_secrets(shortened(without_passwords(what, args)));
}

void append_quoted(std::string& out, std::string_view x) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (auto c : x) {
    switch (c) {
      case '\\':
      case '"': (out += '\\') += c; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      default:
        if (c >= ' ' && c <= '~') {
          out += c;
        } else {
          auto byte = static_cast<unsigned char>(c);
          const char text[] = {'\\', 'x', digits[byte / 16], digits[byte % 16]};
          out.append(text, sizeof(text));
        }
    }
  }
  out += '"';
}

std::string
monitor_line(moment now, std::int64_t database, std::string_view origin,
             std::span<const std::string_view> args) {
  using namespace std::chrono;
  auto all = duration_cast<microseconds>(now.wall.time_since_epoch()).count();
  char stamp[48];
  std::snprintf(stamp, sizeof(stamp), "+%lld.%06lld [%lld ",
                static_cast<long long>(all / 1'000'000),
                static_cast<long long>(all % 1'000'000),
                static_cast<long long>(database));
  std::string line = stamp;
  line.append(origin) += ']';
  for (auto x : args) {
    line += ' ';
    append_quoted(line, x);
  }
  return line += "\r\n";
}

} // namespace saker::session
