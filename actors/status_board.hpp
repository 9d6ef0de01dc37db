#pragma once

#include "actors/status_text.hpp"
#include "session/settings.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace saker {

/// Where all instances stand now, for whoever looks at one: a connection that is
/// asked for one service finds it here, and no message is needed. The ROSTER
/// says which instances there are and what they cost; each SUPERVISOR says where
/// its own stands before anybody is answered what came of a command, so that
/// who was answered finds it here.
///
/// Any thread; nobody waits for longer than it takes to copy one status.
class status_board {
public:
  explicit status_board(std::string node);

  /// From the ROSTER: there is this instance, until `remove`.
  void add(const supervision::status& x);
  void remove(std::string_view name, std::uint32_t index);

  /// From the ROSTER: figures, and until when they are shown. Null and for ever:
  /// there are none.
  void costs(shared_usage what, supervision::time_point until);

  /// From the ROSTER: what is wanted of an instance from now on, before its
  /// SUPERVISOR has told.
  void wish(std::string_view name, std::uint32_t index, bool up, bool dropped,
            const supervision::stamp& by);

  /// From its SUPERVISOR: where an instance stands; nothing if it was removed.
  void put(const supervision::status& x);

  /// The status of that instance in place of `x`, if it is newer.
  void refresh(supervision::status& x) const;

  /// Writes what SVSTATUS answers about the service of that name. False, and
  /// nothing is written: the ROSTER has to be asked. It may have several
  /// instances, of which some come later, its figures are old, or somebody writes
  /// here right now.
  bool
  tell(std::string_view name, const session::moment& now, resp::writer out);

private:
  using instances = std::map<std::uint32_t, supervision::status>;

  supervision::status* find(std::string_view name, std::uint32_t index);

  mutable std::mutex mutex_; // guards what follows
  viewpoint from_;
  supervision::time_point fresh_until_{};
  std::map<std::string, instances, std::less<>> all_;
};

} // namespace saker
