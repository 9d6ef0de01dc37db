#include "actors/roster_store.hpp"
#include "supervision/rollout.hpp"

#include <algorithm>

namespace saker {

using namespace supervision;

/// A restart of some at a time.
struct roster_state::rolling {
  rollout plan;
  std::vector<place> whom;
  std::vector<std::string> names; ///< as shown
  std::optional<duration> wait;
  resp::command_id what; ///< SVRESTART, SVTRYRESTART
  stamp who;
  std::shared_ptr<gathering> rows;
  std::string broken; ///< why nobody has a turn any more
};

namespace {

/// Beyond what a definition says of its times.
constexpr auto slack = std::chrono::seconds{10};

/// As long as a restart of it may take.
duration patience_for(const service& x) {
  return x.stop.length() + x.start_timeout + slack;
}

} // namespace

caf::result<resp::value>
roster_state::roll(std::vector<place> whom, const control_options& how,
                   resp::command_id what, const stamp& who) {
  auto answer = self->make_response_promise<resp::value>();
  auto size = whom.size();
  std::vector<std::string> names;
  for (auto& x : whom)
    names.push_back(members_.at(x).now.who.display());
  auto run = std::make_shared<rolling>(
    rolling{{size, *how.rolling},
            std::move(whom),
            std::move(names),
            how.wait,
            what,
            who,
            std::make_shared<gathering>(answer, size),
            {}});
  roll_on(run);
  return answer;
}

void roster_state::roll_on(const std::shared_ptr<rolling>& run) {
  auto [first, last] = run->plan.next();
  if (first == last) {
    for (auto i = first; i < run->whom.size(); ++i)
      run->rows->row(
        i, run->names[i],
        {outcome::refused, "left as it is, because " + run->broken});
    return run->rows->stored();
  }
  std::vector<place> batch;
  for (auto i = first; i < last; ++i)
    if (members_.contains(run->whom[i]))
      batch.push_back(run->whom[i]);
  run->rows->expect_storage();
  store(*this, wish(batch, run->what, run->who), run->rows);
  for (auto i = first; i < last; ++i)
    roll_one(run, i);
}

void roster_state::roll_one(const std::shared_ptr<rolling>& run,
                            std::size_t i) {
  auto ended = [this, run, i](const verdict& x) {
    auto well = x.code == outcome::done;
    if (!well && run->broken.empty())
      run->broken = run->names[i] + " did not come back: " + x.text;
    run->rows->row(i, run->names[i], x);
    if (run->plan.ended(well))
      roll_on(run);
  };
  auto m = members_.find(run->whom[i]);
  auto definition = services_.find(run->whom[i].first);
  if (m == members_.end() || m->second.leaving || definition == services_.end())
    return ended({outcome::failed, "it is no longer defined"});
  auto wait = run->wait.value_or(patience_for(*definition->second));
  auto only_if_up = run->what == resp::command_id::svtryrestart;
  self
    ->request(m->second.actor, caf::infinite, atom::call_v,
              any_event{event::restart{run->who, 0, wait, only_if_up, true}})
    .then([ended](const verdict& x) { ended(x); },
          [ended](const caf::error& why) {
            ended({outcome::failed, to_failure(why).detail});
          });
}

} // namespace saker
