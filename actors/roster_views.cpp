#include "actors/config_reply.hpp"
#include "actors/countdown.hpp"
#include "actors/reply_text.hpp"
#include "actors/roster.hpp"
#include "actors/why_reply.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "messages/error.hpp"

#include <algorithm>

namespace saker {

using namespace supervision;

namespace {

/// One log file that is read.
struct tail_part {
  std::string file;
  std::vector<std::string> lines;
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> result;
  if (!text.empty())
    for (auto line : split(text, '\n'))
      result.emplace_back(line);
  return result;
}

/// The files of one instance that are meant. Fails where there is none.
result<std::vector<tail_part>>
parts_of(const service& x, const instance& who, const log_request& asked,
         const std::string& state_dir) {
  using stream = log_request::stream;
  if (!x.log)
    return fail(errc::not_found, who.display() + " has no log: log = false in "
                                   + to_string(x.where)
                                   + ", its output is thrown away");
  if (asked.from && !x.log->split)
    return fail(errc::not_found, who.display()
                                   + " has one log for both streams; leave "
                                     "STREAM out, or define log = {split = "
                                     "true}");
  std::vector<tail_part> result;
  if (asked.from != stream::err)
    result.push_back({log_file(x, who.index, state_dir), {}});
  if (x.log->split && asked.from != stream::out)
    result.push_back({log_file(x, who.index, state_dir, true), {}});
  return result;
}

resp::value tail_reply(const std::vector<tail_part>& parts,
                       const log_request& asked, resp::protocol in) {
  if (!asked.text) {
    resp::array all;
    for (auto& x : parts)
      for (auto& line : x.lines)
        all.items.emplace_back(line);
    return all;
  }
  std::vector<std::string> text;
  for (auto& x : parts) {
    if (parts.size() > 1) // as tail(1) does
      text.push_back("==> " + ascii_line(x.file) + " <==");
    for (auto& line : x.lines)
      text.push_back(ascii_line(line));
  }
  return text_reply(std::move(text), in);
}

failure log_failure(const caf::error& x) {
  auto why = to_failure(x);
  if (why.code == errc::timeout)
    why.detail = "the file system of its log did not answer within "
                 + format_duration(roster_state::log_patience);
  return why;
}

} // namespace

// -- SVLOG ------------------------------------------------------------------------

caf::result<resp::value>
roster_state::log(arguments args, const session::request& asked) {
  auto what = parse_log_request(args);
  if (!what)
    return syntax_error(what.error().detail);
  if (what->what == log_request::action::tail)
    return log_tail(*what, asked);
  return change_logs(*what, asked);
}

caf::result<resp::value>
roster_state::log_tail(const log_request& what, const session::request& asked) {
  auto in = asked.protocol;
  auto where = find_one(what.name, asked);
  if (!where)
    return to_reply(where.error());
  if (auto ok = may_change({*where}, asked); !ok)
    return to_reply(ok.error());
  auto definition = services_.find(where->first);
  if (definition == services_.end())
    return to_reply(fail(errc::not_found, what.name + " is no longer defined"));
  auto parts = parts_of(*definition->second, members_.at(*where).now.who, what,
                        links.supervisors->state_dir);
  if (!parts)
    return to_reply(parts.error());
  if (what.count == 0)
    return tail_reply(*parts, what, in);
  struct collection {
    std::vector<tail_part> parts;
    std::size_t missing;
    failure why;
  };
  auto answer = self->make_response_promise<resp::value>();
  auto c = std::make_shared<collection>();
  c->parts = std::move(*parts);
  c->missing = c->parts.size();
  auto one_less = [c, answer, what, in]() mutable {
    if (--c->missing == 0)
      answer.deliver(c->why.code == errc::none ? tail_reply(c->parts, what, in)
                                               : to_reply(c->why));
  };
  for (std::size_t i = 0; i < c->parts.size(); ++i)
    self
      ->request(links.supervisors->writer, log_patience, atom::tail_v,
                c->parts[i].file, what.count)
      .then(
        [c, i, one_less](const std::string& text) mutable {
          c->parts[i].lines = lines_of(text);
          one_less();
        },
        [c, one_less](const caf::error& x) mutable {
          // It has put out nothing yet.
          if (auto why = log_failure(x); why.code != errc::not_found)
            c->why = why;
          one_less();
        });
  return answer;
}

caf::result<resp::value>
roster_state::change_logs(const log_request& what,
                          const session::request& asked) {
  auto whom = find(arguments{&what.name, 1}, asked, purpose::change);
  if (!whom)
    return to_reply(whom.error());
  struct collection {
    std::size_t missing;
    std::string refused;
  };
  auto answer = self->make_response_promise<resp::value>();
  auto c = std::make_shared<collection>();
  c->missing = whom->size() + 1;
  auto one_less = [c, answer]() mutable {
    if (--c->missing > 0)
      return;
    answer.deliver(c->refused.empty() ? resp::ok() : syntax_error(c->refused));
  };
  for (auto& where : *whom) {
    auto& who = members_.at(where).now.who;
    auto done = [one_less](bool) mutable { one_less(); };
    auto refused = [c, one_less,
                    shown = who.display()](const caf::error& why) mutable {
      c->refused += (c->refused.empty() ? "" : "; ") + shown + ": "
                    + log_failure(why).detail;
      one_less();
    };
    auto& writer = links.supervisors->writer;
    if (what.what == log_request::action::rotate)
      self->request(writer, log_patience, atom::rotate_v, who.key())
        .then(done, refused);
    else
      self->request(writer, log_patience, atom::clear_v, who.key())
        .then(done, refused);
  }
  one_less();
  return answer;
}

// -- SVWHY ------------------------------------------------------------------------

namespace {

/// Takes the option TEXT off the end.
bool take_text(std::span<const std::string>& args) {
  auto found = args.size() > 1 && equal_ignoring_case(args.back(), "TEXT");
  if (found)
    args = args.first(args.size() - 1);
  return found;
}

resp::value no_option(const std::string& word, std::string_view command) {
  return syntax_error('"' + printable(word, 40) + "\" is no option of "
                      + std::string{command} + "; there is only TEXT");
}

} // namespace

/// What SVWHY tells, while others are asked for it.
struct roster_state::why_report {
  explanation what;
  last_output out;
  failure why; ///< none: all is known
};

caf::result<resp::value>
roster_state::why(arguments args, const session::request& asked) {
  auto text = take_text(args);
  if (args.size() > 1)
    return no_option(args[1], "SVWHY");
  auto where = find_one(args[0], asked);
  if (!where)
    return to_reply(where.error());
  auto answer = self->make_response_promise<resp::value>();
  auto report = std::make_shared<why_report>();
  auto parts = std::make_shared<countdown>(
    [this, report, answer, text, in = asked.protocol]() mutable {
      auto& x = *report;
      if (x.why.code != errc::none)
        answer.deliver(to_reply(x.why));
      else if (text)
        answer.deliver(text_reply(why_text(x.what, x.out, here()), in));
      else
        answer.deliver(why_map(x.what, x.out, here()));
    });
  self->request(members_.at(*where).actor, caf::infinite, atom::describe_v)
    .then(
      [report, parts](explanation& what) {
        report->what = std::move(what);
        parts->one_less();
      },
      [report, parts](const caf::error&) {
        report->why = fail(errc::no_such_service, "it has just been removed");
        parts->one_less();
      });
  auto definition = services_.find(where->first);
  if (definition != services_.end()) {
    auto& x = *definition->second;
    // Of two streams the one of errors tells more.
    report->out.file = log_file(x, where->second, links.supervisors->state_dir,
                                x.log && x.log->split);
  }
  if (!report->out.file.empty() && may_see_output(*where, asked))
    ask_last_lines(report, parts);
  return answer;
}

void roster_state::ask_last_lines(const std::shared_ptr<why_report>& of,
                                  const std::shared_ptr<countdown>& parts) {
  constexpr std::uint32_t lines = 10;
  ++parts->missing;
  self
    ->request(links.supervisors->writer, std::chrono::seconds{2}, atom::tail_v,
              of->out.file, lines)
    .then(
      [of, parts](const std::string& last) {
        of->out.lines = lines_of(last);
        parts->one_less();
      },
      [parts](const caf::error&) { parts->one_less(); });
}

// -- SVCONFIG ---------------------------------------------------------------------

caf::result<resp::value>
roster_state::config(arguments args, const session::request& asked) {
  auto text = take_text(args);
  if (args.size() > 1)
    return no_option(args[1], "SVCONFIG");
  auto whom = find(args, asked, purpose::look);
  if (!whom)
    return to_reply(whom.error());
  if (whom->empty() || whom->front().first != whom->back().first)
    return syntax_error('"' + printable(args[0], 60) + "\" is "
                        + (whom->empty() ? "no service" : "several services")
                        + "; SVCONFIG shows one");
  auto definition = services_.find(whom->front().first);
  if (definition == services_.end())
    return to_reply(fail(errc::not_found, args[0] + " is no longer defined"));
  auto& x = *definition->second;
  config_view how;
  how.secrets = asked.rights.has(resp::right::admin);
  how.state_dir = links.supervisors->state_dir;
  // `web` is the definition of all, `web:0` what it means for this one.
  if (!x.counted
      || (whom->size() == 1 && !equal_ignoring_case(args[0], x.name)))
    how.index = whom->front().second;
  if (text)
    return text_reply(config_text(x, how), asked.protocol);
  return config_map(x, how);
}

// -- helpers ----------------------------------------------------------------------

/// The one instance that `text` names. Fails where it is several.
result<roster_state::place>
roster_state::find_one(const std::string& text,
                       const session::request& asked) const {
  auto whom = find(arguments{&text, 1}, asked, purpose::look);
  if (!whom)
    return whom.error();
  if (whom->size() == 1)
    return whom->front();
  if (whom->empty())
    return fail(errc::no_such_service, "there are no services");
  constexpr std::size_t most_named = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(whom->size(), most_named); ++i)
    names += (i > 0 ? ", " : "") + members_.at((*whom)[i]).now.who.display();
  if (whom->size() > most_named)
    names += " ...";
  return fail(errc::syntax, '"' + printable(text, 60) + "\" is "
                              + std::to_string(whom->size())
                              + " instances; name one of them: " + names);
}

} // namespace saker
