#include "session/help.hpp"

#include "base/text.hpp"

#include <string>
#include <vector>

namespace saker::session {

namespace {

using resp::command_info;

void append_lines(resp::writer out, const std::vector<std::string>& lines) {
  out.array(lines.size());
  for (auto& line : lines)
    out.simple(line);
}

void add_overview(std::vector<std::string>& lines, const command_info& x) {
  if (x.subcommands.empty() || x.arity == -1)
    lines.push_back("  " + resp::usage(x) + " - " + std::string{x.summary});
  for (auto& part : x.subcommands)
    if (part.last_name() != "help")
      lines.push_back("  " + resp::usage(part) + " - "
                      + std::string{part.summary});
}

std::vector<std::string> overview(const alias_table* scripts) {
  std::vector<std::string> lines;
  for (std::string_view group : {"supervision", "pubsub", "scripting",
                                 "transactions", "connection", "server"}) {
    lines.push_back(std::string{group} + ":");
    for (auto& x : resp::commands())
      if (x.group == group)
        add_overview(lines, x);
  }
  if (scripts && !scripts->all().empty()) {
    lines.emplace_back("commands of scripts:");
    for (auto& x : scripts->all())
      lines.push_back("  " + x.name + (x.help.empty() ? "" : " - " + x.help));
  }
  lines.emplace_back("HELP <command> tells more about one.");
  return lines;
}

std::vector<std::string> description(const command_info& x) {
  std::vector<std::string> lines{resp::usage(x), std::string{x.summary}};
  if (x.right != resp::right::none)
    lines.push_back("Needs the right: " + std::string{to_string(x.right)});
  for (auto& part : x.subcommands)
    lines.push_back(resp::usage(part) + " - " + std::string{part.summary});
  return lines;
}

std::vector<std::string> description(const alias& x) {
  return {x.name, x.help.empty() ? "No help was registered." : x.help,
          "A command of " + x.script
            + ". Needs the right: " + std::string{to_string(x.right)}};
}

std::vector<std::string> known_names(const alias_table* scripts) {
  std::vector<std::string> result;
  for (auto& x : resp::commands())
    result.emplace_back(x.name);
  if (scripts)
    for (auto& x : scripts->all())
      result.push_back(x.name);
  return result;
}

} // namespace

void append_help(resp::writer out, std::span<const std::string_view> words,
                 const alias_table* scripts) {
  if (words.empty())
    return append_lines(out, overview(scripts));
  std::string name{words[0]};
  for (auto word : words.subspan(1))
    name.append("|").append(word);
  if (auto built_in = resp::find_full_name(name))
    append_lines(out, description(*built_in));
  else if (auto scripted = scripts ? scripts->find(name) : nullptr)
    append_lines(out, description(*scripted));
  else
    out.error("ERR there is no command '" + printable(name, 128) + "'"
              + did_you_mean(name.substr(0, 64), known_names(scripts))
              + "; HELP lists all");
}

void append_subcommand_help(resp::writer out, const command_info& container) {
  std::vector<std::string> lines{
    to_upper(container.name)
    + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"};
  if (container.arity == -1) {
    lines.emplace_back("(no subcommand)");
    lines.push_back("    " + std::string{container.summary});
  }
  for (auto& x : container.subcommands) {
    lines.push_back(resp::usage(x).substr(container.name.size() + 1));
    lines.push_back("    " + std::string{x.summary});
  }
  append_lines(out, lines);
}

} // namespace saker::session
