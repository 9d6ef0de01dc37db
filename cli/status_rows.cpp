#include "cli/status_rows.hpp"

#include "base/text.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace saker::cli {

namespace {

using json = nlohmann::json;

std::string text_at(const resp::value& row, std::string_view key) {
  auto x = row.find(key);
  return x ? std::string{x->text()} : std::string{};
}

std::int64_t integer_at(const resp::value& row, std::string_view key) {
  auto x = row.find(key);
  return x ? x->integer().value_or(0) : 0;
}

std::optional<double> real_at(const resp::value& row, std::string_view key) {
  auto x = row.find(key);
  if (!x || x->is_null())
    return std::nullopt;
  if (auto real = x->get_if<double>())
    return *real;
  auto whole = x->integer();
  return whole ? std::optional<double>{static_cast<double>(*whole)}
               : std::nullopt;
}

service_row row_of(const resp::value& x) {
  service_row row;
  row.name = text_at(x, "name");
  row.node = text_at(x, "node");
  row.state = text_at(x, "state");
  row.ready = integer_at(x, "ready") != 0;
  row.wanted_up = text_at(x, "intent") == "up";
  row.wanted_by = text_at(x, "intent_by");
  row.pid = integer_at(x, "pid");
  row.since = std::chrono::milliseconds{integer_at(x, "since")};
  row.restarts = integer_at(x, "restarts");
  row.restarts_1h = integer_at(x, "restarts_1h");
  row.last_exit = text_at(x, "last_exit");
  row.next = text_at(x, "next");
  row.reason = text_at(x, "reason");
  row.cpu = real_at(x, "cpu");
  if (auto rss = x.find("rss"); rss && rss->integer().value_or(-1) >= 0)
    row.rss = static_cast<std::uint64_t>(*rss->integer());
  row.where = text_at(x, "where");
  return row;
}

/// The same tree as a RESP value, as far as SVSTATUS goes.
resp::value to_value(const json& x) {
  if (x.is_string())
    return x.get<std::string>();
  if (x.is_boolean())
    return x.get<bool>();
  if (x.is_number_integer())
    return x.get<std::int64_t>();
  if (x.is_number())
    return x.get<double>();
  if (x.is_object()) {
    resp::map all;
    for (auto& [key, item] : x.items())
      all.add(key, to_value(item));
    return all;
  }
  if (x.is_array()) {
    resp::array all;
    for (auto& item : x)
      all.items.push_back(to_value(item));
    return all;
  }
  return nullptr;
}

/// `node n2`, `node n3  lost  why`: here begins what one node told. The row of
/// a service called "node" has more than one blank there.
std::optional<std::string> part_of_node(std::string_view line) {
  constexpr std::string_view begin = "node ";
  if (!line.starts_with(begin))
    return std::nullopt;
  line.remove_prefix(begin.size());
  auto end = line.find(' ');
  if (end == 0
      || (end != std::string_view::npos
          && !line.substr(end).starts_with("  lost  ")))
    return std::nullopt;
  return std::string{line.substr(0, end)};
}

} // namespace

result<std::vector<service_row>> service_rows(const resp::value& reply) {
  std::vector<service_row> rows;
  if (!reply.is<resp::array>())
    return fail(errc::syntax,
                "the reply to SVSTATUS is no array: " + resp::to_string(reply));
  for (auto& x : reply.items()) {
    auto row = row_of(x);
    if (row.name.empty() || row.state.empty())
      return fail(errc::syntax, "a row of SVSTATUS has no name or no state: "
                                  + resp::to_string(x));
    rows.push_back(std::move(row));
  }
  return rows;
}

result<std::vector<service_row>> service_rows_of_json(std::string_view text) {
  auto x = json::parse(text, nullptr, false);
  if (x.is_discarded())
    return fail(errc::syntax,
                "SVSTATUS did not answer with JSON: " + printable(text, 80));
  return service_rows(to_value(x));
}

bool is_up(const service_row& x) {
  return x.state == "running" || x.state == "adopted" || x.state == "sick";
}

bool is_broken(const service_row& x) {
  return x.state == "failed" || x.state == "stuck" || x.state == "lost";
}

bool is_lost_node(const service_row& x) {
  return x.name == "*" && x.state == "lost";
}

bool as_wanted(const service_row& x) {
  if (is_broken(x))
    return false;
  return !x.wanted_up || x.state == "running" || x.state == "adopted"
         || x.state == "done"
         || (x.state == "waiting" && x.next.starts_with("run in "));
}

const std::vector<std::string>& status_notes::of(const service_row& x) const {
  static const std::vector<std::string> none;
  auto found = below.find(x.name + '@' + x.node);
  if (found == below.end())
    found = below.find(x.name);
  return found == below.end() ? none : found->second;
}

status_notes notes_of(const resp::value& reply) {
  status_notes result;
  auto in_table = false;
  std::string node;
  std::string name;
  for (auto& line : lines_of(reply)) {
    if (auto next = part_of_node(line)) {
      node = std::move(*next);
      in_table = false;
    } else if (line.starts_with("NAME ") || line.starts_with("(no services")) {
      in_table = true;
    } else if (!in_table) {
      result.heading.push_back(node.empty() ? line : node + ": " + line);
    } else if (!line.starts_with(' ')) {
      name = line.substr(0, line.find(' '));
    } else {
      auto key = node.empty() ? name : name + '@' + node;
      result.below[key].emplace_back(trim(line));
    }
  }
  return result;
}

std::vector<std::string> lines_of(const resp::value& reply) {
  std::vector<std::string> result;
  if (reply.is<resp::array>()) {
    for (auto& x : reply.items())
      result.emplace_back(x.text());
    return result;
  }
  auto text = reply.text();
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  if (!text.empty())
    for (auto line : split(text, '\n'))
      result.emplace_back(line);
  return result;
}

} // namespace saker::cli
