// What has been, as the journal keeps it.
#include "actors/audit_reply.hpp"
#include "actors/life_reply.hpp"
#include "actors/reply_text.hpp"
#include "actors/roster.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "messages/error.hpp"

namespace saker {

using namespace supervision;

namespace {

/// The journal could not be read.
resp::value unread(const caf::error& x) {
  auto why = to_failure(x);
  if (why.code == errc::timeout)
    why.detail = "the disk of the journal did not answer within "
                 + format_duration(roster_state::journal_patience);
  return to_reply(why);
}

} // namespace

// -- SVLIFE -----------------------------------------------------------------------

caf::result<resp::value>
roster_state::life(arguments args, const session::request& asked) {
  auto what = parse_life_request(args);
  if (!what)
    return syntax_error(what.error().detail);
  supervision::past_page page;
  page.all = what->after && what->mask == "*" && !asked.services;
  page.after = what->after.value_or(supervision::event_id{});
  page.count = what->count;
  if (!page.all) {
    auto keys = keys_of_lives(*what, args, asked);
    if (!keys)
      return to_reply(keys.error());
    page.keys = std::move(*keys);
  }
  auto answer = self->make_response_promise<resp::value>();
  auto show = [answer, how = *what,
               in = asked.protocol](const past_events& all) mutable {
    answer.deliver(how.text   ? text_reply(life_text(all), in)
                   : how.json ? life_json(all)
                              : life_rows(all));
  };
  auto refuse = [answer](const caf::error& x) mutable {
    answer.deliver(unread(x));
  };
  if (what->after)
    self->request(links.journal, journal_patience, atom::query_v, page)
      .then(show, refuse);
  else
    self
      ->request(links.journal, journal_patience, atom::query_v,
                std::move(page.keys), page.count)
      .then(show, refuse);
  return answer;
}

/// Fails: there are none of this name, or too many.
result<std::vector<std::string>>
roster_state::keys_of_lives(const life_request& what, arguments args,
                            const session::request& asked) const {
  auto whom = find(args.first(1), asked, purpose::look);
  if (!whom)
    return whom.error();
  if (whom->size() > most_lives)
    return fail(errc::syntax, '"' + printable(what.mask, 60) + "\" is "
                                + std::to_string(whom->size())
                                + " instances; name at most "
                                + std::to_string(most_lives));
  std::vector<std::string> keys;
  for (auto& where : *whom)
    keys.push_back(members_.at(where).now.who.key());
  return keys;
}

// -- SVAUDIT ----------------------------------------------------------------------

caf::result<resp::value> roster_state::audits(arguments args) {
  auto what = parse_audit_request(args);
  if (!what)
    return syntax_error(what.error().detail);
  auto answer = self->make_response_promise<resp::value>();
  self
    ->request(links.journal, journal_patience, atom::query_v,
              std::move(what->user), what->count)
    .then(
      [answer](const past_events& all) mutable {
        answer.deliver(audit_rows(all));
      },
      [answer](const caf::error& x) mutable { answer.deliver(unread(x)); });
  return answer;
}

} // namespace saker
