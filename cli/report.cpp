#include "cli/report.hpp"

#include "cli/printed_text.hpp"
#include "cli/server_error.hpp"

#include <utility>

namespace saker::cli {

namespace {

std::string words_at(const resp::value& x, std::string_view key) {
  auto found = x.find(key);
  return found ? in_words_of_cli(shown(found->text())) : std::string{};
}

std::span<const resp::value>
list_at(const resp::value& x, std::string_view key) {
  auto found = x.find(key);
  return found ? found->items() : std::span<const resp::value>{};
}

/// What the code means, for a server that gives no text.
std::string_view meaning(std::int64_t code) {
  switch (code) {
    case 0: return "done";
    case 2: return "not within the time";
    case 3: return "refused";
    default: return "failed";
  }
}

report not_understood(const resp::value& reply) {
  return {{}, {"the reply makes no sense: " + resp::to_string(reply)}, not_so};
}

} // namespace

report outcome_report(const resp::value& reply) {
  if (!reply.is<resp::array>())
    return not_understood(reply);
  report result;
  for (auto& row : reply.items()) {
    auto name = words_at(row, "name");
    auto found = row.find("code");
    auto code = found ? found->integer() : std::nullopt;
    if (name.empty() || !code)
      return not_understood(reply);
    auto text = words_at(row, "desc");
    auto line = name + ": "
                + (text.empty() ? std::string{meaning(*code)} : text);
    if (*code != 0)
      result.status = not_so;
    (*code == 0 ? result.lines : result.problems).push_back(std::move(line));
  }
  return result;
}

report plan_report(const resp::value& reply) {
  if (!reply.find("add") || !reply.find("errors"))
    return not_understood(reply);
  report result;
  // Those that change come as sentences, the others as bare names.
  for (auto [key, verb] : {std::pair{"add", "add "},
                           {"live", ""},
                           {"restart", ""},
                           {"remove", "remove "}})
    for (auto& x : list_at(reply, key))
      result.lines.push_back(verb + shown(x.text()));
  auto unchanged = reply.find("unchanged");
  auto count = unchanged ? unchanged->integer().value_or(0) : 0;
  result.lines.push_back(std::to_string(count) + " unchanged");
  for (auto& x : list_at(reply, "warnings"))
    result.problems.push_back("warning: " + shown(x.text()));
  for (auto& x : list_at(reply, "errors")) {
    result.problems.push_back(shown(x.text()));
    result.status = not_so;
  }
  return result;
}

} // namespace saker::cli
