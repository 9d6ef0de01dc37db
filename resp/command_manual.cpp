#include "resp/command_manual.hpp"

#include "base/text.hpp"
#include "resp/command_table.hpp"
#include "resp/field_manual.hpp"

namespace saker::resp {

namespace {

// They are run in this order on services `web` (several instances, in the group
// `front`, with a reload), `db` and `old`, and a script with `greet`.
constexpr command_example all_examples[]{
  {"call", "CALL greet Ann"},
  {"node", "NODE INFO"},
  {"nodes", "NODES"},
  {"svapply", "SVAPPLY"},
  {"svaudit", "SVAUDIT COUNT 10"},
  {"svaudit", "SVAUDIT USER default"},
  {"svcheck", "SVCHECK"},
  {"svcheck", "SVCHECK web db"},
  {"svconfig", "SVCONFIG web:0 TEXT"},
  {"svcont", "SVCONT web"},
  {"svdisable", "SVDISABLE old"},
  {"svdrop", "SVDROP old"},
  {"svenable", "SVENABLE old"},
  {"svgmember", "SVGMEMBER front"},
  {"svgrestart", "SVGRESTART front ROLLING 1"},
  {"svgstart", "SVGSTART front WAIT 10000"},
  {"svgstatus", "SVGSTATUS front TEXT"},
  {"svgstop", "SVGSTOP front WAIT 10000"},
  {"svlife", "SVLIFE web COUNT 10 TEXT"},
  {"svlife", "SVLIFE * SINCE 1764300000000-0 JSON"},
  {"svlog", "SVLOG db COUNT 10"},
  {"svlog", "SVLOG db ROTATE"},
  {"svpause", "SVPAUSE db"},
  {"svplan", "SVPLAN TEXT"},
  {"svreload", "SVRELOAD db"},
  {"svreset", "SVRESET w*"},
  {"svrestart", "SVRESTART web:0 WAIT 10000"},
  {"svrestart", "SVRESTART web ROLLING 1"},
  {"svrun", "SVRUN job sleep 60"},
  {"svscale", "SVSCALE web 3"},
  {"svsignal", "SVSIGNAL CONT web"},
  {"svstart", "SVSTART web db WAIT 10000"},
  {"svstart", "SVSTART %front"},
  {"svstatus", "SVSTATUS"},
  {"svstatus", "SVSTATUS web TEXT"},
  {"svstatus", "SVSTATUS TEXT UTF8"},
  {"svstop", "SVSTOP job WAIT 10000"},
  {"svtryrestart", "SVTRYRESTART db"},
  {"svwait", "SVWAIT web running 10000"},
  {"svwhy", "SVWHY db TEXT"},
  {"sysinfo", "SYSINFO system.cpu.load.all avg5"},
  {"tasks", "TASKS"},
};

struct chapter {
  std::string_view group;
  std::string_view title;
  std::string_view text;
};

constexpr chapter chapters[]{
  {"supervision", "Services",
   "A mask is a name (`web`: all its instances), a pattern as in Redis (`w*`,\n"
   "`web:*`), one instance (`web:0`), a group (`%front`) or everything (`*`);\n"
   "`@node` may stand behind it. All masks are looked up first: if one means\n"
   "nothing, the reply is `-NOSERVICE` with names that are near, and nothing "
   "is\n"
   "done. Options stand at the end.\n"
   "\n"
   "Who acts gets a row for each instance: `name`, `code` and `desc`. Code 0 "
   "is\n"
   "done, 1 failed, 2 not reached in time, 3 refused; `desc` is for people.\n"
   "`WAIT ms` waits so long at most until it is reached. Starts are answered\n"
   "when the child has lived for 100 ms, stops when the first signal is "
   "sent.\n"
   "\n"
   "SVWAIT answers as soon as all are there, or when the time is over: as a\n"
   "blocking command of Redis it waits for what others may do, so also for a\n"
   "service that is stopped. One that has failed, fails or is removed "
   "meanwhile\n"
   "is not waited for; it does not count.\n"
   "\n"
   "Who looks gets maps and arrays for programs; `TEXT` at the end gives "
   "lines\n"
   "for eyes, in ASCII unless `UTF8` follows. `cpu` is percent of one CPU and\n"
   "`rss` bytes of a service with all its processes; they are measured only\n"
   "when somebody looks, at most once a second, and null where nobody knows.\n"
   "At the first look `cpu` is the average since the start. SVLOG returns at\n"
   "most COUNT lines (20, at most 10000) and 1 KiB for each of them, but\n"
   "64 KiB in any case and never more than 1 MiB; of a split log first `out`,\n"
   "then `err`. SVLIFE returns the last COUNT events (50, at most 10000), "
   "with\n"
   "SINCE the first ones behind an id, or from a Unix time in milliseconds "
   "on;\n"
   "with `*` then also those of removed services. JSON is what was published.\n"
   "SVWHY keeps 1024 bytes of how a start failed; SVLIFE has it all. Of a "
   "path\n"
   "the last 200 bytes are told.\n"
   "Output and secrets are only for those with the rights `control` and\n"
   "`admin`.\n"
   "\n"
   "SVAPPLY and SVPLAN list in `errors` what is wrong in files, with file and\n"
   "line: such a file counts as it did when it was applied last, a new one "
   "not\n"
   "at all; the others are applied. `errors` being empty means that all that\n"
   "is there is in force.\n"},
  {"pubsub", "Messages",
   "Events of services are messages on `saker:<node>:<instance>:<event>`, as\n"
   "JSON: `id ts node service event from to cause code signal core pid uptime\n"
   "restarts next_at row reason`. `row` is the row of the exit table that an\n"
   "end belongs to. All who listen get the same, so there is no output of the\n"
   "service in it, which may hold secrets: its last lines are in SVWHY, for\n"
   "those with the right `control`.\n"},
  {"scripting", "Scripts",
   "`CALL greet@n2 Ann` calls a script of the node `n2`, and `SYSINFO` takes\n"
   "`key@n2`. What the user may on the node that he is connected to is held\n"
   "against what the alias demands over there. A node that nobody\n"
   "knows, that is dead, or that dies meanwhile is `-NONODE`, one that does "
   "not\n"
   "answer in time `-TIMEOUT`: 10 s, of a script 60 s. With a pattern "
   "(`key@*`)\n"
   "each node's reply stands under its name.\n"},
  {"transactions", "Transactions", ""},
  {"connection", "Connections", ""},
  {"server", "Server", ""},
};

void append(std::string& out, const command_info& x) {
  out += "\n### " + to_upper(x.name) + "\n\n";
  std::string text{x.summary};
  if (x.right != right::none)
    text += " Right: `" + std::string{to_string(x.right)} + "`.";
  out += '`' + usage(x) + "`  \n" + text + '\n';
  std::string lines;
  for (auto& example : all_examples)
    if (example.command == x.name)
      lines += "> " + std::string{example.line} + '\n';
  if (!lines.empty())
    out += "\n```console\n" + lines + "```\n";
  if (x.subcommands.empty())
    return;
  out += "\n| subcommand | right | meaning |\n|---|---|---|\n";
  for (auto& part : x.subcommands) {
    // A bar would end the cell.
    std::string cell;
    for (auto c : usage(part))
      cell += c == '|' ? std::string{"\\|"} : std::string{c};
    out += "| `" + cell + "` | " + std::string{to_string(part.right)} + " | "
           + std::string{part.summary} + " |\n";
  }
}

} // namespace

std::span<const command_example> command_examples() noexcept {
  return all_examples;
}

std::string command_manual() {
  std::string out
    = "# Commands\n"
      "\n"
      "Any Redis client can send these; `HELP` and `COMMAND DOCS` tell the "
      "same.\n"
      "Scripts add commands of their own. This file is made from the command "
      "table:\n"
      "`saker-node manual > docs/commands.md`.\n";
  for (auto& chapter : chapters) {
    out += "\n## " + std::string{chapter.title} + '\n';
    if (!chapter.text.empty())
      out += '\n' + std::string{chapter.text};
    for (auto& x : commands())
      if (x.group == chapter.group)
        append(out, x);
    if (chapter.group == "supervision")
      out += field_manual();
  }
  return out;
}

} // namespace saker::resp
