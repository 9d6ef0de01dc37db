#include "actors/alias_holders.hpp"

#include <algorithm>
#include <utility>

namespace saker {

std::vector<alias_holders::refusal>
alias_holders::claim(const std::string& file,
                     const std::vector<std::string>& aliases,
                     std::uint64_t start) {
  std::erase_if(by_alias_, [&](auto& x) {
    return x.second.file == file
           && std::find(aliases.begin(), aliases.end(), x.first)
                == aliases.end();
  });
  std::vector<refusal> refused;
  for (auto& alias : aliases) {
    auto& has = by_alias_[alias];
    if (has.file.empty()) {
      has = {file, start};
    } else if (has.file != file) {
      auto together = start != 0 && has.start == start;
      if (together && file < has.file)
        refused.push_back(
          {std::exchange(has, {file, start}).file, alias, file});
      else
        refused.push_back({file, alias, has.file});
    }
  }
  return refused;
}

void alias_holders::release(const std::string& file) {
  std::erase_if(by_alias_, [&](auto& x) { return x.second.file == file; });
}

std::string alias_holders::holder_of(const std::string& alias) const {
  auto i = by_alias_.find(alias);
  return i == by_alias_.end() ? "" : i->second.file;
}

} // namespace saker
