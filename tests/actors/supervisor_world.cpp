#include "tests/support/supervisor_world.hpp"

namespace saker::test {

namespace {

roster_actor::behavior_type
recording_roster(roster_actor::pointer, roster_record* to) {
  return {
    [](atom::call, const command_call&) { return resp::value{}; },
    [](atom::open) { return true; },
    [](atom::tell, const link::shutdown_wanted&) {},
    [](atom::tell, const link::reload_wanted&) {},
    [to](atom::status, const std::string& key, const supervision::status& x) {
      to->now[key] = x;
    },
    [to](atom::forget, const std::string& key) {
      to->forgotten.push_back(key);
    },
    [to](atom::stop, int code) { to->stopped.push_back(code); },
    [](atom::withdraw, std::uint64_t) {},
    [](atom::tick) {},
  };
}

} // namespace

supervisor_world::supervisor_world() {
  roster = spawn(recording_roster, &record);
}

supervisor_actor supervisor_world::begin(beginning how) {
  uut = spawn(supervisor, shared_supervisor_links{links}, roster,
              std::move(how));
  return uut;
}

} // namespace saker::test
