#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace saker::cli {

/// Shows Unix milliseconds as a time of the day where the reader is.
using time_text = std::function<std::string(std::int64_t)>;

/// An event as one line: `13:14:31.204 web:0 exit SIGKILL, pid 4711, up 4s`.
/// One of another node than `own` says so: `web:0@n2`; nobody is another one if
/// `own` is empty. What is no event of Saker's form is shown as channel and
/// message.
std::string
event_line(std::string_view channel, std::string_view payload,
           const time_text& when, bool colour, std::string_view own = {});

} // namespace saker::cli
