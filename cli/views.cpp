#include "cli/views.hpp"

#include "cli/printed_text.hpp"
#include "cli/status_rows.hpp"

#include <utility>

namespace saker::cli {

namespace {

result<void> show(work& with, const words& command) {
  auto told = ask(with, command, short_patience);
  if (!told)
    return told.error();
  for (auto& line : lines_of(*told))
    with.out << shown(line) << '\n';
  with.out << std::flush;
  return {};
}

} // namespace

result<int> show_life(work& with) {
  auto count = std::to_string(with.asked.lines);
  if (auto done = show(
        with, command_of("SVLIFE", with.asked.names, {"COUNT", count, "TEXT"}));
      !done)
    return done.error();
  return fine;
}

result<int> show_config(work& with) {
  auto first = true;
  for (auto& name : with.asked.names) {
    if (!std::exchange(first, false))
      with.out << '\n';
    if (auto done = show(with, {"SVCONFIG", name, "TEXT"}); !done)
      return done.error();
  }
  return fine;
}

result<int> change_logs(work& with) {
  auto verb = with.asked.rotate ? "ROTATE" : "CLEAR";
  auto text = with.asked.rotate ? ": new log files\n" : ": empty log files\n";
  for (auto& name : with.asked.names) {
    auto done = ask(with, {"SVLOG", name, verb}, short_patience);
    if (!done)
      return done.error();
    with.out << name << text << std::flush;
  }
  return fine;
}

} // namespace saker::cli
