#pragma once

#include "actors/roster.hpp"
#include "resp/command_table.hpp"
#include "tests/support/supervision_world.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace saker::test {

/// What the journal was told; refuses when the test says so.
struct journal_record {
  wanted_list wanted;
  setting_list set;
  std::vector<std::string> forgotten;
  past_events events;             ///< whoever asks gets these
  std::vector<std::string> asked; ///< the keys
  std::uint32_t count = 0;        ///< … and how many events
  supervision::past_page page;    ///< read forwards
  std::string user;               ///< of SVAUDIT
  int queries = 0;
  bool broken = false;
};

/// Definitions as the test wants them.
struct shelf {
  evaluation next;
  int stored = 0;
  failure broken; ///< none: storing works
};

/// A ROSTER with real supervisors; all else is fake.
class roster_world : public supervision_world {
protected:
  void
  begin(std::vector<std::shared_ptr<supervision::service>> services,
        inventory held = {}, wanted_list wanted = {}, setting_list set = {});

  void TearDown() override;

  command_call to_call(std::vector<std::string> args);

  /// Asks and takes the answer, which must be there at once.
  resp::value say(std::vector<std::string> args);

  std::string state_of(const std::string& name);

  journal_record journal;
  shelf definitions;
  std::optional<drift_report> drift = drift_report{};
  std::optional<std::uint64_t> descriptors; ///< nothing: without limit
  std::uint64_t clients = 0;
  sampler_actor sampler; ///< none, unless the test gives one
  std::vector<supervisor_actor> supervisors;
  std::vector<std::string> said;
  int left = 0;
  bool mute = false;                      ///< the supervisors
  resp::rights may = resp::rights::all(); ///< of whoever asks
  acl::shared_services reach;             ///< … and what; null: all
  roster_actor uut;
};

} // namespace saker::test
