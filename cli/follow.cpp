#include "cli/follow.hpp"

#include "base/text.hpp"
#include "cli/message_stream.hpp"
#include "cli/printed_text.hpp"
#include "cli/status.hpp"

#include <algorithm>
#include <map>

namespace saker::cli {

namespace {

/// How the lines of an instance are introduced: not at all if it is the only
/// one.
std::string
prefix_of(const std::string& name, std::size_t widest, const screen& on) {
  if (widest == 0)
    return {};
  return painted(name + std::string(widest - name.size(), ' ') + " | ",
                 look::faint, on.colour);
}

/// One instance whose output is shown.
struct source {
  std::string name; ///< as SVLOG takes it: `web:0`, `web:0@n2`
  std::string prefix;
  std::vector<std::string> tail;
};

/// By the channel that carries its lines.
using sources = std::map<std::string, source>;

/// How a row is called here: `web:0`, on another node `web:0@n2`.
std::string name_from(const std::string& own, const service_row& x) {
  return own.empty() || x.node == own ? x.name : x.name + '@' + x.node;
}

sources sources_of(const std::vector<service_row>& rows, const std::string& own,
                   const screen& on) {
  std::size_t widest = 0;
  if (rows.size() > 1)
    for (auto& x : rows)
      widest = std::max(widest, name_from(own, x).size());
  sources result;
  for (auto& x : rows) {
    auto name = name_from(own, x);
    result["log:" + x.node + ':' + x.name]
      = {name, prefix_of(name, widest, on), {}};
  }
  return result;
}

/// Which node answers, if the rows may be of others: only who names nodes gets
/// such.
result<std::string> own_node_if_needed(work& with) {
  auto& names = with.asked.names;
  if (std::none_of(names.begin(), names.end(),
                   [](auto& x) { return x.find('@') != std::string::npos; }))
    return std::string{};
  return own_node(with);
}

/// Says which nodes did not answer, and takes their rows out; true if all did.
bool all_answered(work& with, std::vector<service_row>& rows) {
  auto gone = std::stable_partition(rows.begin(), rows.end(),
                                    [](auto& x) { return !is_lost_node(x); });
  for (auto i = gone; i != rows.end(); ++i)
    complain(with,
             fail(errc::no_such_node, "what is on node \"" + i->node
                                        + "\" cannot be shown: " + i->reason));
  auto all = gone == rows.end();
  rows.erase(gone, rows.end());
  return all;
}

/// Nothing that a terminal obeys, except tabs: logs are full of them.
std::string for_eyes(std::string_view line) {
  std::string result;
  for (auto piece : split(line, '\t'))
    result += shown(piece) + '\t';
  result.pop_back();
  return result;
}

/// A pipe gets what the service wrote, byte for byte.
void print_line(work& with, const source& from, std::string_view line,
                bool terminal) {
  with.out << from.prefix << (terminal ? for_eyes(line) : std::string{line})
           << '\n';
}

/// Where the output lies, if SVSTATUS tells: it does for what failed.
std::string
path_hint(const overview& x, const std::string& own, const std::string& name) {
  for (auto& row : x.rows)
    if (name_from(own, row) == name)
      for (auto& note : x.notes.of(row))
        if (note.starts_with("log "))
          return "; its output is in "
                 + std::string{trim(std::string_view{note}.substr(4))};
  return "; unless its definition says otherwise its output is in log/" + name
         + ".log of the state directory";
}

result<void> read_tail(work& with, source& from, const overview& known,
                       const std::string& own) {
  auto reply
    = ask(with, {"SVLOG", from.name, "COUNT", std::to_string(with.asked.lines)},
          short_patience);
  if (reply) {
    from.tail = lines_of(*reply);
    return {};
  }
  auto why = reply.error();
  if (why.code != errc::unsupported)
    return why;
  return fail(why.code, why.detail + path_hint(known, own, from.name));
}

/// That somebody listens is on its way to other nodes when SUBSCRIBE is
/// answered. A question to such a node and its answer come behind it: what is
/// read afterwards and what is heard leave nothing out.
result<void> let_others_know(work& with, const sources& from) {
  for (auto& [channel, x] : from) {
    if (x.name.find('@') == std::string::npos)
      continue;
    auto done = ask(with, {"SVLOG", x.name, "COUNT", "1"}, short_patience);
    if (!done && done.error().code != errc::unsupported)
      return done.error();
  }
  return {};
}

/// Messages that came while the tails were read; a channel may come twice.
std::map<std::string, std::vector<std::string>> waiting(work& with) {
  std::map<std::string, std::vector<std::string>> result;
  for (;;) {
    auto x = with.server.next_push(milliseconds{0});
    if (!x || !*x)
      return result;
    if (auto got = message_of(**x))
      result[got->channel].push_back(std::move(got->text));
  }
}

result<int> follow_output(work& with, const sources& from, bool terminal) {
  for (auto& [channel, lines] : waiting(with)) {
    auto i = from.find(channel);
    if (i != from.end())
      for (auto& line : without_overlap(i->second.tail, lines))
        print_line(with, i->second, line, terminal);
  }
  with.out << std::flush;
  return each_message(with, [&](const message& x) {
    if (auto i = from.find(x.channel); i != from.end())
      print_line(with, i->second, x.text, terminal);
    with.out << std::flush;
  });
}

} // namespace

result<int> show_logs(work& with) {
  auto known = look_at(with, with.asked.names);
  if (!known)
    return known.error();
  auto own = own_node_if_needed(with);
  if (!own)
    return own.error();
  auto status = all_answered(with, known->rows) ? fine : not_so;
  auto on = with.look();
  auto from = sources_of(known->rows, *own, on);
  if (with.asked.follow && !from.empty()) {
    words channels{"SUBSCRIBE"};
    for (auto& [channel, x] : from)
      channels.push_back(channel);
    if (auto done = follow(with, channels); !done)
      return done.error();
    if (auto done = let_others_know(with, from); !done)
      return done.error();
  }
  for (auto& [channel, x] : from) {
    if (auto done = read_tail(with, x, *known, *own); !done)
      return done.error();
    for (auto& line : x.tail)
      print_line(with, x, line, on.terminal);
  }
  with.out << std::flush;
  if (!with.asked.follow)
    return status;
  return follow_output(with, from, on.terminal);
}

std::vector<std::string>
without_overlap(const std::vector<std::string>& earlier,
                std::vector<std::string> later) {
  auto most = std::min(earlier.size(), later.size());
  for (auto n = most; n > 0; --n)
    if (std::equal(earlier.end() - static_cast<std::ptrdiff_t>(n),
                   earlier.end(), later.begin())) {
      later.erase(later.begin(),
                  later.begin() + static_cast<std::ptrdiff_t>(n));
      return later;
    }
  return later;
}

} // namespace saker::cli
