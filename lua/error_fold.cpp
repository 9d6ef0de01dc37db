#include "lua/error_fold.hpp"

#include "base/units.hpp"

namespace saker::lua {

std::vector<std::string>
error_fold::failed(std::string_view text, time_point now) {
  std::vector<std::string> lines;
  auto kind = text.substr(0, text.find('\n'));
  if (said_ > 0 && kind == kind_) {
    ++again_;
    if (now - since_ >= pause)
      tell(lines, now);
    return lines;
  }
  if (said_ == 0 || now - window_ >= pause) {
    window_ = now;
    said_ = 0;
  }
  if (said_ == most_lines) {
    ++others_;
    return lines;
  }
  tell(lines, now);
  begin(kind, now);
  lines.emplace_back(text);
  return lines;
}

std::vector<std::string> error_fold::succeeded(time_point now) {
  std::vector<std::string> lines;
  if (now - since_ >= pause)
    tell(lines, now);
  return lines;
}

void error_fold::begin(std::string_view kind, time_point now) {
  kind_ = kind;
  since_ = now;
  ++said_;
}

void error_fold::tell(std::vector<std::string>& lines, time_point now) {
  using std::chrono::seconds;
  auto count = [&](std::uint64_t n) {
    return std::to_string(n) + (n == 1 ? " time" : " times") + " more in "
           + format_duration(std::chrono::ceil<seconds>(now - since_));
  };
  if (again_ > 0)
    lines.push_back(kind_ + " (" + count(again_) + ")");
  if (others_ > 0)
    lines.push_back("other errors (" + count(others_) + ")");
  if (!lines.empty())
    since_ = now;
  again_ = others_ = 0;
}

} // namespace saker::lua
