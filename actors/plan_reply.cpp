#include "actors/plan_reply.hpp"

#include "base/log_line.hpp"

namespace saker {

using namespace supervision;

namespace {

using action = plan::action;

resp::value strings(const std::vector<std::string>& all) {
  resp::array list;
  for (auto& x : all)
    list.items.emplace_back(x);
  return list;
}

bool is_bare(action x) {
  return x == action::add || x == action::remove;
}

char sign_of(action x) {
  switch (x) {
    case action::add: return '+';
    case action::live: return '~';
    case action::restart: return '!';
    case action::remove: return '-';
  }
  return ' ';
}

/// The bad news comes first: a file with an error counts as it did before.
std::string error_line(const plan_view& x) {
  auto n = x.from.errors.size();
  auto count = std::to_string(n) + (n == 1 ? " error" : " errors");
  if (!x.what.entries.empty())
    return count + ": files with errors count as before";
  return (x.dry ? "nothing would be applied: " : "nothing applied: ") + count;
}

} // namespace

resp::value plan_map(const plan_view& x) {
  resp::array lists[4];
  for (auto& y : x.what.entries)
    lists[static_cast<unsigned>(y.what)].items.emplace_back(
      is_bare(y.what) ? y.name : to_string(y));
  return resp::map{}
    .add("add", std::move(lists[0]))
    .add("live", std::move(lists[1]))
    .add("restart", std::move(lists[2]))
    .add("remove", std::move(lists[3]))
    .add("unchanged", x.what.unchanged)
    .add("errors", strings(x.from.errors))
    .add("warnings", strings(x.from.warnings))
    .add("running", x.effect.running)
    .add("ends", x.effect.ended)
    .add("needs_force", x.effect.needs_force());
}

std::vector<std::string> plan_text(const plan_view& x) {
  std::vector<std::string> lines;
  auto add = [&](const std::string& text) {
    lines.push_back(ascii_text(text));
  };
  if (!x.from.errors.empty())
    add(error_line(x));
  for (auto& y : x.what.entries) {
    auto where = y.what == action::remove ? "" : to_string(y.where);
    add(sign_of(y.what) + (' ' + to_string(y))
        + (where.empty() ? "" : "  " + where));
  }
  add(std::to_string(x.what.unchanged) + " unchanged; "
      + std::to_string(x.effect.ended) + " of "
      + std::to_string(x.effect.running) + " running processes end");
  for (auto& y : x.from.warnings)
    add("warning: " + y);
  for (auto& y : x.from.errors)
    add("error: " + y);
  if (x.effect.needs_force())
    add("SVAPPLY does this only with FORCE");
  return lines;
}

} // namespace saker
