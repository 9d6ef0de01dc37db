#include "actors/reply_text.hpp"
#include "actors/roster_store.hpp"
#include "base/text.hpp"
#include "supervision/ad_hoc.hpp"

namespace saker {

using namespace supervision;

namespace {

std::shared_ptr<const service> renamed(service x, std::string name) {
  x.name = std::move(name);
  return std::make_shared<const service>(std::move(x));
}

} // namespace

// -- SVRUN ----------------------------------------------------------------------

caf::result<resp::value> roster_state::run(const command_call& what) {
  auto args = arguments{what.what.args}.subspan(1);
  auto name_ = parse_mask(args[0]);
  if (!name_)
    return to_reply(name_.error());
  if (auto ok = check_node(*name_); !ok)
    return to_reply(ok.error());
  auto who = stamp_of(what);
  auto plain = name_->index.empty() && name_->group.empty();
  std::vector<std::string> words{args.begin() + 1, args.end()};
  auto any = words.front() == "--numbered";
  if (any)
    words.erase(words.begin());
  auto definition = ad_hoc_service(plain ? name_->name : args[0],
                                   std::move(words), who.by);
  if (!definition)
    return to_reply(definition.error());
  if (any)
    definition = renamed(**definition, free_name(**definition));
  if (auto ok = may_change_service((*definition)->name, what.what); !ok)
    return to_reply(ok.error());
  if (auto ok = may_run((*definition)->name); !ok)
    return to_reply(ok.error());
  if (auto ok = check_descriptors(*definition); !ok)
    return to_reply(ok.error());
  return run_it(*definition, who);
}

/// The name, or the first of NAME-2, NAME-3… that is free. Whoever has the same
/// pidfile is not passed by: it is that one that runs already.
std::string roster_state::free_name(const service& x) const {
  auto taken = [&](const std::string& name_) {
    auto known = services_.find(name_);
    if (known == services_.end())
      return false;
    if (!ad_hoc_.contains(name_))
      return true;
    auto same = !x.pidfile.empty() && known->second->pidfile == x.pidfile;
    return !same && !has_ended(name_);
  };
  auto result = x.name;
  for (std::size_t i = 2; taken(result); ++i)
    result = x.name + "-" + std::to_string(i);
  return result;
}

/// Also a new one, of which nothing was heard yet, has not.
bool roster_state::has_ended(const std::string& name_) const {
  auto m = members_.find({name_, 0});
  return m == members_.end()
         || (m->second.known && !m->second.leaving
             && !has_child(m->second.now.at));
}

/// Is the name free, or that of one that has ended?
result<void> roster_state::may_run(const std::string& name_) {
  if (ending_)
    return fail(errc::loading, "Saker is shutting down");
  if (!applications_.empty())
    return fail(errc::busy, "definitions are being applied; try again in a "
                            "moment");
  auto known = services_.find(name_);
  if (known != services_.end() && !ad_hoc_.contains(name_))
    return fail(errc::already_exists,
                "there is a service \"" + name_ + "\" already, in "
                  + to_string(known->second->where) + ": take another name");
  if (!members_.contains({name_, 0}))
    return make_room();
  if (!has_ended(name_))
    return fail(errc::already_exists,
                "\"" + name_
                  + "\" has not ended yet: take another name, or "
                    "SVSTOP "
                  + name_ + " WAIT 10000 first");
  return {};
}

/// One that has ended makes room for the next.
result<void> roster_state::make_room() {
  if (ad_hoc_.size() < most_ad_hoc)
    return {};
  for (auto& name_ : ad_hoc_)
    if (members_.contains({name_, 0}) && has_ended(name_)) {
      forget_ad_hoc(std::string{name_});
      return {};
    }
  return fail(errc::busy, std::to_string(most_ad_hoc)
                            + " services of SVRUN are running, which is the "
                              "most");
}

caf::result<resp::value>
roster_state::run_it(const std::shared_ptr<const service>& what,
                     const stamp& who) {
  services_[what->name] = what;
  ad_hoc_.insert(what->name);
  place where{what->name, 0};
  if (auto m = members_.find(where); m != members_.end())
    self->send(m->second.actor, atom::change_v,
               any_event{event::change{what, false}});
  else
    add(what, 0, nullptr);
  links.say(what->name + ": run by " + who.by + ": "
            + printable(what->exec.front(), 100));
  auto answer = self->make_response_promise<resp::value>();
  auto rows = std::make_shared<gathering>(answer, 1);
  // Remembered for the next node; the next boot forgets it.
  store(*this, setting_list{to_setting(*what, who.by, who.at)}, rows);
  self
    ->request(members_.at(where).actor, caf::infinite, atom::call_v,
              any_event{event::start{who, 0, {}}})
    .then(
      [rows, shown = what->name](const verdict& x) { rows->row(0, shown, x); },
      [rows, shown = what->name](const caf::error& why) {
        rows->row(0, shown, {outcome::failed, to_failure(why).detail});
      });
  return answer;
}

// -- its end --------------------------------------------------------------------

/// One that was stopped, dropped or reset, and has no process any more, is
/// forgotten; one that ended by itself stays, so that its end can be seen.
void roster_state::check_ad_hoc(const place& where, const member& x) {
  if (!ending_ && x.known && !x.leaving && x.now.at == state::stopped
      && ad_hoc_.contains(where.first))
    forget_ad_hoc(where.first);
}

void roster_state::forget_ad_hoc(const std::string& name_) {
  ad_hoc_.erase(name_);
  services_.erase(name_);
  forget_settings({name_});
  remove({name_, 0}, "its end");
}

/// Those whose process, or the end of it, the keeper has.
void roster_state::recall_ad_hoc(
  const setting_list& set,
  const std::map<std::string, const held_child*>& held) {
  std::vector<std::string> gone;
  for (auto& x : set) {
    if (x.what != setting::topic::command)
      continue;
    auto child = held.find(instance{x.name, 0, false}.key());
    auto there = child != held.end()
                 && child->second->row.state != link::row_state::idle;
    auto definition = from_setting(x);
    if (there && definition && services_.emplace(x.name, *definition).second)
      ad_hoc_.insert(x.name);
    else
      gone.push_back(x.name);
  }
  forget_settings(std::move(gone));
}

void roster_state::forget_settings(std::vector<std::string> names) {
  if (!names.empty())
    self
      ->request(links.journal, caf::infinite, atom::forget_v, std::move(names))
      .then([](bool) {}, [](const caf::error&) {});
}

/// What files define now is theirs; the others stay as they are.
service_set roster_state::with_ad_hoc(service_set defined) const {
  for (auto& name_ : ad_hoc_)
    defined.emplace(name_, services_.at(name_));
  return defined;
}

void roster_state::give_up_ad_hoc(const service_set& defined) {
  std::vector<std::string> names;
  for (auto& name_ : ad_hoc_)
    if (defined.contains(name_))
      names.push_back(name_);
  for (auto& x : names)
    ad_hoc_.erase(x);
  forget_settings(std::move(names));
}

} // namespace saker
