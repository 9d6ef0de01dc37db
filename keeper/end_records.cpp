#include "keeper/end_records.hpp"

#include "process/spawn_hint.hpp"

#include <string>

namespace saker::keeper {

namespace {

link::end_kind kind_of(process::exit_status::kind x) {
  switch (x) {
    case process::exit_status::kind::exited: return link::end_kind::exited;
    case process::exit_status::kind::signaled: return link::end_kind::signaled;
    case process::exit_status::kind::unknown: break;
  }
  return link::end_kind::unknown;
}

/// A row of the table has room for so much. Where a path is wrong is rather its
/// end.
std::string room_for(const std::string& path) {
  constexpr std::size_t most = 200;
  constexpr std::string_view dots = "...";
  if (path.size() <= most)
    return path;
  return std::string{dots} + path.substr(path.size() - (most - dots.size()));
}

} // namespace

link::end_record record_of(const process::exit_status& x) {
  link::end_record out;
  out.kind = kind_of(x.how);
  out.number = x.code;
  out.core = x.core;
  return out;
}

link::end_record
record_of(const process::spawn_failure& x, std::string_view step) {
  link::end_record out;
  out.kind = link::end_kind::failed;
  out.number = x.error;
  out.step = step.empty() ? process::to_string(x.step) : step;
  out.path = room_for(x.path);
  out.hint = x.hint.substr(0, process::max_hint);
  return out;
}

} // namespace saker::keeper
