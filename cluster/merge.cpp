#include "cluster/merge.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace saker::cluster {

namespace {

bool knows_no_such_service(const node_answer& x) {
  return x.reply.is_error() && x.reply.text().starts_with("NOSERVICE");
}

/// Why there is nothing to show of a node; empty if there is something.
std::string trouble(const node_answer& x) {
  if (x.lost)
    return x.lost->detail.empty() ? std::string{to_string(x.lost->code)}
                                  : x.lost->detail;
  return x.reply.is_error() ? std::string{x.reply.text()} : std::string{};
}

std::string json_text(std::string_view x) {
  std::string result;
  append_json(result, x);
  return result;
}

// -- rows ---------------------------------------------------------------------

resp::value lost_row(bool status, const node_answer& x) {
  if (status)
    return resp::map{}
      .add("name", "*")
      .add("node", x.node)
      .add("state", "lost")
      .add("reason", trouble(x));
  return resp::map{}
    .add("name", "*@" + x.node)
    .add("code", 1)
    .add("desc", trouble(x));
}

/// Rows that name no node get it behind their name.
void add_node(resp::value& row, const std::string& node) {
  auto* map = row.get_if<resp::map>();
  if (!map || row.find("node"))
    return;
  for (auto& entry : map->entries)
    if (entry.key.text() == "name")
      entry.item = resp::value{std::string{entry.item.text()} + '@' + node};
}

resp::value merge_rows(bool status, std::vector<node_answer>& all) {
  resp::array rows;
  for (auto& x : all) {
    if (!trouble(x).empty()) {
      rows.items.push_back(lost_row(status, x));
      continue;
    }
    auto* list = x.reply.get_if<resp::array>();
    if (!list) {
      rows.items.push_back(std::move(x.reply));
      continue;
    }
    for (auto& row : list->items) {
      if (!x.self)
        add_node(row, x.node);
      rows.items.push_back(std::move(row));
    }
  }
  return rows;
}

/// The answer of one node: rows are named as if others had answered too.
resp::value alone(node_answer x, bool is_theirs) {
  if (auto* list = x.reply.get_if<resp::array>(); list && !x.self && !is_theirs)
    for (auto& row : list->items)
      add_node(row, x.node);
  return std::move(x.reply);
}

// -- other forms --------------------------------------------------------------

resp::value merge_json(const std::vector<node_answer>& all) {
  std::string list;
  auto add = [&list](std::string_view item) {
    if (!item.empty())
      (list += list.empty() ? "" : ",") += item;
  };
  for (auto& x : all) {
    auto why = trouble(x);
    auto text = x.reply.text();
    if (!why.empty())
      add("{\"name\":\"*\",\"node\":" + json_text(x.node)
          + ",\"state\":\"lost\",\"reason\":" + json_text(why) + '}');
    else if (text.size() >= 2 && text.front() == '[')
      add(text.substr(1, text.size() - 2));
    else
      add(text);
  }
  return resp::value{'[' + list + ']'};
}

void append_lines(const node_answer& x, std::vector<std::string>& to) {
  auto why = trouble(x);
  to.push_back("node " + x.node + (why.empty() ? "" : "  lost  " + why));
  if (!why.empty())
    return;
  if (x.reply.is<resp::array>()) {
    for (auto& line : x.reply.items())
      to.emplace_back(line.text());
    return;
  }
  auto lines = saker::split(x.reply.text(), '\n');
  if (!lines.empty() && lines.back().empty())
    lines.pop_back();
  to.insert(to.end(), lines.begin(), lines.end());
}

resp::value merge_text(const std::vector<node_answer>& all, bool verbatim) {
  std::vector<std::string> lines;
  for (auto& x : all)
    append_lines(x, lines);
  if (!verbatim) {
    resp::array list;
    for (auto& x : lines)
      list.items.emplace_back(resp::simple{std::move(x)});
    return list;
  }
  std::string text;
  for (auto& x : lines)
    text += x + '\n';
  return resp::verbatim{std::move(text)};
}

/// A number cannot say that some of it is missing, so an error does.
resp::value
merge_numbers(std::span<const std::string> args,
              const std::vector<node_answer>& all, error_writer error) {
  std::int64_t sum = 0;
  std::string missing;
  for (auto& x : all) {
    auto why = trouble(x);
    if (why.empty())
      sum += x.reply.integer().value_or(0);
    else
      missing += (missing.empty() ? "" : "; ")
                 + (x.lost ? why : "node \"" + x.node + "\": " + why);
  }
  if (missing.empty())
    return sum;
  return error(fail(errc::no_such_node,
                    "\"" + printable(args[1], 80) + "\": " + std::to_string(sum)
                      + " reached it, but not all nodes tell: " + missing));
}

/// Whatever else commands answer: each node's reply under its name.
resp::value merge_by_node(std::vector<node_answer>& all) {
  resp::map result;
  for (auto& x : all) {
    auto why = trouble(x);
    result.add(x.node, why.empty() ? std::move(x.reply)
                                   : resp::value{resp::error{why}});
  }
  return result;
}

} // namespace

resp::value merge(std::span<const std::string> args,
                  std::vector<node_answer> all, error_writer error) {
  if (!std::all_of(all.begin(), all.end(), knows_no_such_service))
    std::erase_if(all, knows_no_such_service);
  auto good = [](const node_answer& x) { return trouble(x).empty(); };
  auto some = std::any_of(all.begin(), all.end(), good);
  // Figures of nodes make no sum, and what scripts say is theirs.
  auto is = [&](std::string_view x) { return equal_ignoring_case(args[0], x); };
  auto is_theirs = is("sysinfo") || is("call");
  if (!some || all.size() == 1)
    return all[0].lost ? error(*all[0].lost)
                       : alone(std::move(all[0]), is_theirs);
  auto& one = std::find_if(all.begin(), all.end(), good)->reply;
  if (is_theirs)
    return merge_by_node(all);
  // The last word of SVRUN belongs to somebody else's command.
  auto form = is("svrun") ? std::string_view{} : std::string_view{args.back()};
  if (equal_ignoring_case(form, "JSON"))
    return merge_json(all);
  if (equal_ignoring_case(form, "TEXT") || equal_ignoring_case(form, "UTF8"))
    return merge_text(all, one.is<resp::verbatim>());
  if (one.is<resp::array>() && !is("svgmember"))
    return merge_rows(is("svstatus") || is("svgstatus"), all);
  if (one.is<std::int64_t>())
    return merge_numbers(args, all, error);
  return merge_by_node(all);
}

} // namespace saker::cluster
