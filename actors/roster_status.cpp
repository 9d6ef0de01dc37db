#include "actors/countdown.hpp"
#include "actors/drift.hpp"
#include "actors/reply_text.hpp"
#include "actors/roster.hpp"
#include "base/text.hpp"
#include "messages/error.hpp"

#include <algorithm>

// SVSTATUS, and what has to be asked for it.

namespace saker {

using namespace supervision;

namespace {

bool is_in_trouble(state x) {
  return x == state::failed || x == state::resting || x == state::backoff;
}

} // namespace

/// What SVSTATUS TEXT tells, while others are asked for some of it.
struct roster_state::status_report {
  std::vector<supervision::status> all;
  viewpoint from;
  text_form how;
  std::vector<failure_note> notes;
};

caf::result<resp::value>
roster_state::status(arguments args, const session::request& asked) {
  enum class form { rows, json, text } how = form::rows;
  auto utf8 = args.size() > 1 && equal_ignoring_case(args.back(), "UTF8")
              && equal_ignoring_case(args[args.size() - 2], "TEXT");
  if (utf8)
    args = args.first(args.size() - 1);
  if (!args.empty() && equal_ignoring_case(args.back(), "JSON"))
    how = form::json;
  else if (!args.empty() && equal_ignoring_case(args.back(), "TEXT"))
    how = form::text;
  if (how != form::rows)
    args = args.first(args.size() - 1);
  auto whom = find(args, asked, purpose::look);
  if (!whom)
    return to_reply(whom.error());
  std::vector<supervision::status> all;
  for (auto& where : *whom) {
    all.push_back(members_.at(where).now);
    // Nobody who has looked at the board gets something older.
    links.supervisors->board->refresh(all.back());
  }
  auto answer = self->make_response_promise<resp::value>();
  text_form eyes{{}, utf8, asked.protocol, !asked.services};
  for (auto& where : *whom)
    eyes.output.push_back(may_see_output(where, asked));
  auto show = [this, answer, how,
               eyes](const std::vector<supervision::status>& rows,
                     const viewpoint& from) mutable {
    if (how == form::text) {
      status_text(rows, from, eyes, answer);
    } else if (how == form::json) {
      answer.deliver(resp::value{status_json(rows, from)});
    } else {
      resp::array list;
      for (auto& x : rows)
        list.items.push_back(status_row(x, from));
      answer.deliver(resp::value{std::move(list)});
    }
  };
  with_usage(std::move(all), std::move(show));
  return answer;
}

/// Goes on at once where figures are fresh or nobody has any.
void roster_state::with_usage(
  std::vector<supervision::status> all,
  std::function<void(const std::vector<supervision::status>&, const viewpoint&)>
    then) {
  auto now = self->clock().now();
  auto from = here();
  from.usage = usage_;
  auto known = usage_ && std::all_of(all.begin(), all.end(), [this](auto& x) {
                 return x.pid == 0 || usage_->contains(x.pid);
               });
  if (!links.sampler || (known && now - used_at_ < usage_fresh))
    return then(all, from);
  pid_list roots;
  for (auto& [_, x] : members_)
    if (x.now.pid != 0)
      roots.push_back(x.now.pid);
  auto go_on = [then, from, all](shared_usage usage) mutable {
    from.usage = std::move(usage);
    then(all, from);
  };
  self->request(links.sampler, usage_patience, atom::query_v, std::move(roots))
    .then(
      [this, go_on](const shared_usage& usage) mutable {
        usage_ = usage;
        used_at_ = self->clock().now();
        links.supervisors->board->costs(usage_, used_at_ + usage_fresh);
        go_on(usage);
      },
      [go_on](const caf::error&) mutable { go_on(nullptr); });
}

void roster_state::status_text(const std::vector<supervision::status>& all,
                               viewpoint from, text_form how, promise answer) {
  auto report = std::make_shared<status_report>(
    status_report{all, std::move(from), how, {}});
  auto parts = std::make_shared<countdown>([this, report, answer]() mutable {
    auto& x = *report;
    auto heading = links.heading;
    if (x.how.drift)
      heading.insert(heading.end(), drift_.begin(), drift_.end());
    answer.deliver(
      text_reply(status_table(x.all, x.notes, heading, x.from, x.how.utf8),
                 x.how.in, x.how.utf8));
  });
  ask_last_words(report, parts);
  if (report->how.drift)
    ask_drift(parts);
  parts->one_less();
}

/// The last words of those in trouble come from their log files.
void roster_state::ask_last_words(const std::shared_ptr<status_report>& of,
                                  const std::shared_ptr<countdown>& parts) {
  constexpr std::size_t most_notes = 50;
  for (std::size_t row = 0; row < of->all.size(); ++row) {
    auto& x = of->all[row];
    auto definition = services_.find(x.who.name);
    if (!is_in_trouble(x.at) || definition == services_.end()
        || of->notes.size() >= most_notes)
      continue;
    auto i = of->notes.size();
    of->notes.push_back(
      {x.who.key(),
       log_file(*definition->second, x.who.index, links.supervisors->state_dir),
       {}});
    auto& file = of->notes[i].log_file;
    if (file.empty())
      continue;
    ++parts->missing;
    self
      ->request(links.supervisors->writer, std::chrono::seconds{2},
                atom::tail_v, file, supervision::lines_for_last_words)
      .then(
        [of, parts, i, row](const std::string& end) {
          if (of->how.output[row])
            of->notes[i].last_line = supervision::last_words(end);
          parts->one_less();
        },
        [of, parts, i](const caf::error& why) {
          // It has never run: nobody needs to look into that file.
          if (to_failure(why).code == errc::not_found)
            of->notes[i].log_file.clear();
          parts->one_less();
        });
  }
}

/// A disk that hangs must not keep anybody from looking.
void roster_state::ask_drift(const std::shared_ptr<countdown>& parts) {
  if (!links.drift)
    return;
  ++parts->missing;
  self->request(links.drift, std::chrono::milliseconds{300}, atom::status_v)
    .then(
      [this, parts](const drift_report& x) {
        auto lines = to_lines(x, errors_);
        drift_ = std::move(lines.errors);
        drift_.insert(drift_.end(), lines.others.begin(), lines.others.end());
        parts->one_less();
      },
      [parts](const caf::error&) { parts->one_less(); });
}

} // namespace saker
