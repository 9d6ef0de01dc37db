#include "tests/support/roster_world.hpp"

namespace saker::test {

namespace {

journal_actor::behavior_type
recording_journal(journal_actor::pointer, journal_record* to) {
  return {
    [to](atom::want, const wanted_list& what) -> caf::result<bool> {
      if (to->broken)
        return to_error(fail(errc::io, "disk full"));
      to->wanted.insert(to->wanted.end(), what.begin(), what.end());
      return true;
    },
    [to](atom::want, const setting_list& what) -> caf::result<bool> {
      if (to->broken)
        return to_error(fail(errc::io, "disk full"));
      to->set.insert(to->set.end(), what.begin(), what.end());
      return true;
    },
    [to](atom::forget, const std::vector<std::string>& names) {
      to->forgotten.insert(to->forgotten.end(), names.begin(), names.end());
      return true;
    },
    [](atom::reserve, const supervision::reservation&) {},
    [to](atom::query, const std::vector<std::string>& keys,
         std::uint32_t count) -> caf::result<past_events> {
      to->asked = keys;
      to->count = count;
      ++to->queries;
      if (to->broken)
        return to_error(fail(errc::io, "disk full"));
      return to->events;
    },
    [to](atom::query, const std::string& user,
         std::uint32_t count) -> caf::result<past_events> {
      to->user = user;
      to->count = count;
      if (to->broken)
        return to_error(fail(errc::io, "disk full"));
      return to->events;
    },
    [to](atom::query,
         const supervision::past_page& asked) -> caf::result<past_events> {
      to->page = asked;
      if (to->broken)
        return to_error(fail(errc::io, "disk full"));
      return to->events;
    },
    [](atom::pump) {},
  };
}

definitions_actor::behavior_type
given_definitions(definitions_actor::pointer, shelf* from) {
  return {
    [from](atom::load, const std::vector<std::string>&) { return from->next; },
    [from](atom::apply, const evaluation&) -> caf::result<bool> {
      if (from->broken.code != errc::none)
        return to_error(from->broken);
      ++from->stored;
      return true;
    },
  };
}

/// The argument is only there because CAF 0.17 binds a null reference for an
/// actor without any, which UBSan tells.
librarian_actor::behavior_type no_scripts(librarian_actor::pointer, int) {
  return {
    [](atom::call, const command_call&) { return resp::value{}; },
    [](atom::open) { return true; },
    [](atom::tick) {},
    [](atom::wait) {},
    [](atom::change, const script_actor&, const command_specs&) {},
    [](atom::reload, const std::string&) {},
    [](atom::finish) { return true; },
  };
}

struct drift_telling {
  std::optional<caf::typed_response_promise<drift_report>> pending;
  static inline const char* name = "drift";
};

/// Says what the test says, or nothing at all.
drift_actor::behavior_type
telling(drift_actor::stateful_pointer<drift_telling> self,
        const std::optional<drift_report>* what) {
  return {
    [self, what](atom::status) -> caf::result<drift_report> {
      if (*what)
        return **what;
      self->state.pending = self->make_response_promise<drift_report>();
      return *self->state.pending;
    },
  };
}

/// Tells nobody where it stands.
supervisor_actor::behavior_type silent(supervisor_actor::pointer, int) {
  return {
    [](atom::tell, const link::spawned&, const handed_fds&) {},
    [](atom::tell, const link::ended&) {},
    [](atom::tell, const link::left&) {},
    [](atom::tell, const link::orphan&) {},
    [](atom::call, supervision::any_event&) { return verdict{}; },
    [](atom::describe) { return supervision::explanation{}; },
    [](atom::change, const supervision::any_event&) {},
    [](atom::expire, std::uint64_t) {},
    [](atom::watch, std::uint64_t) {},
    [](atom::query, std::uint64_t) {},
  };
}

} // namespace

void roster_world::begin(
  std::vector<std::shared_ptr<supervision::service>> services, inventory held,
  wanted_list wanted, setting_list set) {
  roster_links with;
  with.supervisors = links;
  with.journal = spawn(recording_journal, &journal);
  with.definitions = spawn(given_definitions, &definitions);
  with.librarian = spawn(no_scripts, 0);
  with.drift = spawn(telling, &drift);
  with.heading = {"SAFE MODE"};
  with.descriptors = [this] { return descriptor_budget{descriptors, clients}; };
  with.sampler = sampler;
  with.supervise = [this](const roster_actor& to, beginning how) {
    auto hdl = mute ? sys.spawn(silent, 0)
                    : sys.spawn(supervisor, shared_supervisor_links{links}, to,
                                std::move(how));
    supervisors.push_back(hdl);
    return hdl;
  };
  with.leave = [this] { ++left; };
  with.say = [this](const std::string& x) { said.push_back(x); };
  roster_beginning how;
  for (auto& x : services)
    how.definitions.services.emplace(x->name, x);
  how.held = std::move(held);
  how.wanted = std::move(wanted);
  how.set = std::move(set);
  uut = spawn(roster, std::move(with), std::move(how));
}

void roster_world::TearDown() {
  for (auto& x : supervisors)
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  supervisors.clear();
  settle();
  supervision_world::TearDown();
}

command_call roster_world::to_call(std::vector<std::string> args) {
  command_call call;
  call.what.rights = may;
  call.what.services = reach;
  call.what.command = resp::find_command(args[0]);
  call.what.args = std::move(args);
  call.what.protocol = resp::protocol::resp3;
  call.from = "amy@here";
  return call;
}

resp::value roster_world::say(std::vector<std::string> args) {
  auto x = ask<resp::value>(uut, atom::call_v, to_call(std::move(args)));
  return x ? *x : resp::value{resp::error{"no answer"}};
}

std::string roster_world::state_of(const std::string& name) {
  auto rows = say({"SVSTATUS", name});
  if (rows.items().empty())
    return to_string(rows);
  return std::string{rows.items()[0].find("state")->text()};
}

} // namespace saker::test
