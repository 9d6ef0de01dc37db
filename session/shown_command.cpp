#include "session/shown_command.hpp"

#include "session/slow_log.hpp"
#include "supervision/secrets.hpp"

#include <cstdio>

namespace saker::session {

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
