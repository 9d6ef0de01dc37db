#include "actors/event_text.hpp"
#include "actors/reply_text.hpp"
#include "actors/roster_store.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace saker {

using namespace supervision;

namespace {

std::string instances(std::uint32_t count) {
  return std::to_string(count) + (count == 1 ? " instance" : " instances");
}

std::string
describe(const service& before, const service& after, const service& written) {
  auto text = before.count == after.count
                ? instances(after.count) + ", as before"
                : std::to_string(before.count) + " to "
                    + instances(after.count);
  if (after.count != written.count)
    text += "; its definition says " + std::to_string(written.count);
  return text;
}

} // namespace

caf::result<resp::value> roster_state::scale(const command_call& what) {
  auto args = arguments{what.what.args}.subspan(1);
  auto options = take_options(args, false);
  if (!options || args.size() != 2)
    return to_reply(options ? fail(errc::syntax, "SVSCALE needs a service and "
                                                 "a number: SVSCALE web 4")
                            : options.error());
  auto name_ = parse_mask(args[0]);
  if (!name_)
    return to_reply(name_.error());
  if (auto ok = check_node(*name_); !ok)
    return to_reply(ok.error());
  auto i = services_.find(name_->name);
  if (auto ok = may_change_service(name_->name, what.what); !ok)
    return to_reply(ok.error());
  if (i == services_.end() || !name_->index.empty() || !name_->group.empty()) {
    std::vector<std::string> known;
    for (auto& [x, _] : services_)
      known.push_back(x);
    return to_reply(fail(errc::no_such_service,
                         "SVSCALE needs the name of one service, not \""
                           + printable(args[0], 80) + '"'
                           + did_you_mean(name_->name, known)));
  }
  if (!as_written_.contains(name_->name))
    return to_reply(fail(errc::refused, name_->name
                                          + " was made by SVRUN: it has one "
                                            "instance"));
  auto n = parse_integer(args[1]);
  if (!n || *n < 0 || *n > most_instances)
    return to_reply(fail(errc::syntax, "a number of instances from 0 to "
                                         + std::to_string(most_instances)
                                         + " is needed, not \""
                                         + printable(args[1], 40) + '"'));
  if (ending_)
    return to_reply(fail(errc::loading, "Saker is shutting down"));
  if (!applications_.empty())
    return to_reply(fail(errc::busy, "definitions are being applied; try "
                                     "again in a moment"));
  auto before = i->second;
  auto count = static_cast<std::uint32_t>(*n);
  if (auto ok = check_count(*before, count); !ok)
    return to_reply(
      fail(errc::invalid_argument, before->name + ": " + ok.error().detail));
  if (count > before->count)
    if (auto ok = check_descriptors(with_count(*before, count)); !ok)
      return to_reply(ok.error());
  return scale_to(before, count, options->wait, stamp_of(what));
}

caf::result<resp::value>
roster_state::scale_to(const std::shared_ptr<const service>& before,
                       std::uint32_t count, std::optional<duration> wait,
                       const stamp& who) {
  auto& name_ = before->name;
  auto& written = *as_written_.at(name_);
  auto after = with_count(written, count);
  services_[name_] = after;
  auto least = std::min(before->count, count);
  auto most = std::max(before->count, count);
  auto answer = self->make_response_promise<resp::value>();
  auto rows = std::make_shared<gathering>(answer, 1 + most - least);
  rows->row(0, name_, {outcome::done, describe(*before, *after, written)});
  auto ask = [&](std::uint32_t index, any_event event) {
    auto m = members_.find({name_, index});
    auto shown
      = instance_of(count < before->count ? *before : *after, index).display();
    auto at = 1 + index - least;
    if (m == members_.end() || m->second.leaving)
      return rows->row(at, shown,
                       {outcome::done, "follows the one that is still ending"});
    self
      ->request(m->second.actor, caf::infinite, atom::call_v, std::move(event))
      .then([rows, at, shown](const verdict& x) { rows->row(at, shown, x); },
            [rows, at, shown](const caf::error& why) {
              rows->row(at, shown, {outcome::failed, to_failure(why).detail});
            });
  };
  for (auto i = count; i < before->count; ++i)
    ask(i, event::stop{who, 0, wait});
  wanted_list remember;
  wish_new_ones(*before, *after, who, remember);
  change(*before, after, who.by);
  for (auto i = before->count; i < count; ++i) {
    auto m = members_.find({name_, i});
    if (m != members_.end() && !m->second.leaving && !m->second.now.wanted_up)
      rows->row(1 + i - least, instance_of(*after, i).display(),
                {outcome::done, "stopped, as the others"});
    else if (after->when.at)
      // It waits for its time, as those of an apply do.
      ask(i, event::check{0});
    else
      ask(i, event::start{who, 0, wait});
  }
  if (before->count != count)
    tell_scaled(name_, before->count, count, who);
  rows->expect_storage();
  store(*this, std::move(remember), rows);
  remember_count(written, count, who, rows);
  return answer;
}

/// What the definition says anyway needs not be remembered.
void roster_state::remember_count(const service& written, std::uint32_t count,
                                  const stamp& who,
                                  const std::shared_ptr<gathering>& rows) {
  if (count != written.count) {
    setting x{setting::topic::count, written.name, count,
              written.count,         who.by,       who.at};
    counts_[written.name] = x;
    return store(*this, setting_list{std::move(x)}, rows);
  }
  counts_.erase(written.name);
  self
    ->request(links.journal, caf::infinite, atom::forget_v,
              std::vector<std::string>{written.name})
    .then([rows](bool) { rows->stored(); },
          [rows](const caf::error& why) {
            rows->not_stored(to_failure(why).detail);
          });
}

/// New ones follow the others: they run, unless all of these are stopped.
void roster_state::wish_new_ones(const service& before, const service& after,
                                 const stamp& who, wanted_list& remember) {
  auto up = before.autostart;
  for (std::uint32_t i = 0; i < before.count; ++i)
    if (auto m = members_.find({before.name, i}); m != members_.end()) {
      up = m->second.now.wanted_up;
      if (up)
        break;
    }
  if (up == before.autostart)
    return;
  for (auto i = before.count; i < after.count; ++i) {
    wanted x{instance_of(after, i).key(), up, who.by, who.at};
    wanted_[x.name] = x;
    remember.push_back(std::move(x));
  }
}

void roster_state::tell_scaled(const std::string& service, std::uint32_t before,
                               std::uint32_t after, const stamp& who) {
  auto& with = *links.supervisors;
  auto at = with.unix_ms();
  auto id = with.sequencer->next(static_cast<std::uint64_t>(at));
  links.say(service + ": " + std::to_string(before) + " to " + instances(after)
            + " by " + who.by);
  instance shown{service, 0, false};
  past_event what{
    id, shown.key(), "scaled",
    scaled_payload(with.node, service, before, after, who.by, id, at)};
  self->send(with.broker, atom::emit_v,
             event_channel(with.node, shown, what.name), share(what.payload));
  with.history->put(std::move(what));
}

/// A definition that says another number than it did is newer.
void roster_state::forget_counts(const service_set& as_written) {
  std::vector<std::string> names;
  for (auto& [name_, x] : counts_) {
    auto i = as_written.find(name_);
    if (i != as_written.end() && in_force(x, *i->second))
      continue;
    names.push_back(name_);
    if (i != as_written.end())
      links.say(name_ + ": its definition has another count now; that " + x.by
                + " scaled it to " + std::to_string(x.value) + " is forgotten");
  }
  for (auto& x : names)
    counts_.erase(x);
  forget_settings(std::move(names));
}

} // namespace saker
