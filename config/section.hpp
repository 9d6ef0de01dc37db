#pragma once

#include "config/keys.hpp"
#include "config/reader.hpp"

#include <map>
#include <string>
#include <string_view>

namespace saker::config {

/// What the checks of a section whose keys belong together have in common. The
/// reader and the slots outlive it.
class section {
public:
  using slots = std::map<std::string, slot, std::less<>>;

  /// `means`: what `listen` of this section is, without which none of its other
  /// keys means anything.
  section(std::string_view name, std::string_view means, slots& keys,
          reader& to)
    : name_(name), means_(means), keys_(keys), reader_(to) {
    // nop
  }

  /// Refuses what `key` says, at the place where it stands.
  void refuse(std::string_view key, const std::string& why) {
    auto name = std::string{name_} + "." + std::string{key};
    if (auto i = keys_.find(name); i != keys_.end())
      i->second.refuse(why);
    else
      reader_.report(name + ": " + why);
  }

  /// Refuses `key` if it is given, where there is no `listen`.
  void refuse_lonely(std::string_view key, bool given) {
    if (given)
      refuse(key, "means nothing without [" + std::string{name_} + "] listen, "
                    + std::string{means_});
  }

private:
  std::string_view name_;
  std::string_view means_;
  slots& keys_;
  reader& reader_;
};

} // namespace saker::config
