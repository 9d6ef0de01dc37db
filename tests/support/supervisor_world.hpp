#pragma once

#include "tests/support/supervision_world.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace saker::test {

/// Remembers the last status of each instance.
struct roster_record {
  std::map<std::string, supervision::status> now;
  std::vector<std::string> forgotten;
  std::vector<int> stopped;
};

/// One supervisor and what it tells its ROSTER.
class supervisor_world : public supervision_world {
protected:
  supervisor_world();

  supervisor_actor begin(beginning how);

  supervisor_actor begin(bool wanted_up = true) {
    beginning how;
    how.definition = web;
    how.memory.wanted_up = wanted_up;
    return begin(std::move(how));
  }

  void run() {
    begin();
    keeper.confirm("web#0");
    settle();
  }

  supervision::status now() {
    return record.now.at("web#0");
  }

  std::shared_ptr<supervision::service> web = make_service("web");
  roster_record record;
  roster_actor roster;
  supervisor_actor uut;
};

} // namespace saker::test
