#pragma once

#include "actors/applied.hpp"
#include "messages/drift_actor.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

/// What is in force, and where the files are that it came from.
struct drift_sources {
  std::filesystem::path services_dir;
  std::filesystem::path state_dir; ///< where the applied copies are
  std::filesystem::path config_file;
  std::string config_text; ///< as this node took it
};

/// Compares files with what is in force. Reads them only if one of them, or
/// what was applied, has changed since the last look.
class drift_check {
public:
  explicit drift_check(drift_sources what);

  /// What cannot be read is not told of: whoever applies it hears why.
  drift_report look();

private:
  struct stamp {
    std::string path;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed = 0; ///< ns

    bool operator==(const stamp&) const = default;
  };

  std::vector<stamp> stamps() const;
  std::vector<std::string> services() const;
  std::vector<std::string> configuration() const;

  drift_sources of_;
  applied applied_;
  std::vector<stamp> seen_;
  drift_report last_;
};

/// What differs, for people.
struct drift_lines {
  std::vector<std::string> errors; ///< of a file that cannot be applied
  std::vector<std::string> others; ///< one for each kind of file, what to do
};

/// Empty if nothing differs. What has one of these `errors` (`FILE:LINE: …`) is
/// told with the error.
drift_lines
to_lines(const drift_report& x, const std::vector<std::string>& errors = {});

/// `a.lua (changed), b.lua (new)`; at most five of them by name.
std::string listed(const std::vector<std::string>& files);

/// The DRIFT. Detached: it reads files.
///
/// | message  | reply          | meaning           |
/// |----------|----------------|-------------------|
/// | `status` | `drift_report` | how it is now     |
///
/// Fails: never. Quits: never by itself. Whoever asks should not wait long: a
/// disk may hang.
drift_actor::behavior_type
drift(drift_actor::pointer self, std::shared_ptr<drift_check> check);

} // namespace saker
