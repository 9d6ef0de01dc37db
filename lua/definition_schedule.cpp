#include "base/text.hpp"
#include "lua/definition_checks.hpp"

namespace saker::lua {

namespace {

using namespace std::chrono_literals;
using kind = definition_value::kind;
using supervision::schedule;
using supervision::service;

} // namespace

void read_every(const definition_value& x, service& into, key_checks& check) {
  if (x.is(kind::boolean) && !x.truth) {
    into.when.every = {};
    return;
  }
  if (auto every = check.duration(x, 1s, 24h * 3650))
    into.when.every = *every;
}

void read_cron(const definition_value& x, service& into, key_checks& check) {
  if (x.is(kind::boolean) && !x.truth) {
    into.when.at.reset();
    return;
  }
  if (!x.is(kind::text))
    return check.wrong("cron must be a text such as \"30 4 * * *\" (at 4:30), "
                       "not "
                       + describe(x));
  auto times = cron::parse(x.text);
  if (!times)
    return check.wrong("cron: " + times.error().detail);
  into.when.at = {std::string{trim(x.text)}, *times};
}

void read_overlap(const definition_value& x, service& into, key_checks& check) {
  using rule = schedule::overlap_rule;
  auto word = check.one_of(x, {"skip", "queue", "kill"});
  if (!word)
    return;
  into.when.overlap = *word == "skip"    ? rule::skip
                      : *word == "queue" ? rule::queue
                                         : rule::kill;
}

void check_schedule(const service& x, const definition_sink& sink) {
  auto& when = x.when;
  if (when.every.count() != 0 && when.at)
    sink.error("cron", "every and cron exclude each other: a service has one "
                       "schedule");
  if (!when && when.overlap != schedule::overlap_rule::skip)
    sink.warning("overlap", "overlap has no meaning without every or cron");
}

} // namespace saker::lua
