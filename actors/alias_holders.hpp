#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace saker {

/// Which script file has which alias. Whoever has one keeps it as long as its
/// file is loaded. Of files that start together, side by side, the first by
/// name gets it, whichever of them is done first.
class alias_holders {
public:
  /// This alias is not the file's, because `holder` has it.
  struct refusal {
    std::string file;
    std::string alias;
    std::string holder;

    bool operator==(const refusal&) const = default;
  };

  /// All that `file` has registered now; what it had before and does not name
  /// is free again. `start` numbers those that start together; 0: it takes
  /// from nobody. Answers whom this refuses: the file itself, or one of the
  /// same start that had the alias until now.
  std::vector<refusal>
  claim(const std::string& file, const std::vector<std::string>& aliases,
        std::uint64_t start);

  /// What the file had is free again.
  void release(const std::string& file);

  /// The file that has an alias; empty if none has.
  std::string holder_of(const std::string& alias) const;

private:
  struct holder {
    std::string file;
    std::uint64_t start = 0;
  };

  std::map<std::string, holder> by_alias_;
};

} // namespace saker
