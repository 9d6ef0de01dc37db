#pragma once

#include "base/result.hpp"
#include "config/keys.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::config {

/// Walks through the tables of a configuration, reads what it knows into a
/// draft and collects everything that is wrong.
class reader {
public:
  /// `file` is named by the problems. With `overrides` nothing but [redis] may
  /// stand there.
  reader(std::string file, draft& into, bool overrides = false);

  /// Reads the keys of `table`, which is called `section` (empty: the top).
  void walk(const toml::table& table, const std::string& section);

  /// Reads one `key=value`; the value is TOML, or text without quotes.
  void set(const std::string& assignment);

  /// Adds a problem without a line.
  void report(std::string text);

  /// All problems as one failure, a line each, those of the file in its order.
  result<void> finish();

private:
  slot at(std::string key, const toml::node& value) {
    return {std::move(key), value, file_, raw_, problems_};
  }

  void enter(const std::string& name, const toml::node& value,
             std::string_view section, std::string_view word);
  void users(const toml::node& value);
  void parameter(const std::string& name, const toml::node& value);
  void user(const std::string& name, const toml::node& value);
  void user_key(const std::string& name, std::string_view word,
                const toml::node& value);

  std::string file_;
  draft* into_;
  bool overrides_;
  std::optional<std::string> raw_; ///< while a `--set` is read
  std::vector<problem> problems_;
};

} // namespace saker::config
