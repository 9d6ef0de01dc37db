#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace saker::pubsub {

/// Finds those keys that a text begins with, without looking at the others:
/// at most one search per byte of the text, usually one or two.
template <class T>
class prefix_map {
public:
  /// The item of `key`; makes an empty one if there is none.
  T& operator[](const std::string& key) {
    return items_[key];
  }

  void erase(const std::string& key) {
    items_.erase(key);
  }

  bool empty() const noexcept {
    return items_.empty();
  }

  /// Calls `f(key, item)` for each key that is a prefix of `text`, longest
  /// first.
  template <class F>
  void for_each_prefix_of(std::string_view text, F f) const {
    for (;;) {
      auto next = items_.upper_bound(text);
      if (next == items_.begin())
        return;
      auto& [key, item] = *std::prev(next);
      auto common = common_prefix(key, text);
      if (common < key.size()) {
        // `key` is the largest one up to `text`, so a key that is a prefix
        // of `text` cannot be longer than what these two have in common.
        text = text.substr(0, common);
        continue;
      }
      f(key, item);
      if (key.empty())
        return;
      text = text.substr(0, key.size() - 1);
    }
  }

private:
  static std::size_t common_prefix(std::string_view x, std::string_view y) {
    auto end = std::mismatch(x.begin(), x.end(), y.begin(), y.end()).first;
    return static_cast<std::size_t>(end - x.begin());
  }

  std::map<std::string, T, std::less<>> items_;
};

} // namespace saker::pubsub
