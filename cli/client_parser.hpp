#pragma once

#include "base/result.hpp"
#include "cli/client_options.hpp"

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace saker::cli {

/// The verbs of a running Saker as CLI11 knows them.
class client_parser {
public:
  /// Adds a subcommand to `app` for each verb. Both must outlive this.
  client_parser(CLI::App& app, client_options& into);

  /// The subcommand that was typed, or `nullptr`.
  CLI::App* parsed() const;

  /// The subcommand of that name, or `nullptr`.
  CLI::App* find(const std::string& name) const;

  /// Completes what was parsed. Fails: errc::invalid_argument.
  result<void> finish();

private:
  void add_tls(CLI::App& to);
  CLI::Option* add_names(CLI::App& to, const char* name, const char* text);
  CLI::Option*
  add_word(CLI::App& to, const char* name, std::string& into, const char* text);
  void add_masks_and_wait(CLI::App& to);
  void add_patience(CLI::App& to);
  void add_status(CLI::App& to);
  void add_logs(CLI::App& to);
  void add_run(CLI::App& to);
  void add_events(CLI::App& to);
  void add_wait(CLI::App& to);
  void add_options(CLI::App& to, const verb_info& of);

  client_options& into_;
  std::vector<CLI::App*> apps_; ///< in the order of verbs()
  std::string name_;            ///< of a verb that takes only one
  std::string wait_;            ///< `--wait` or TIME, as typed
};

} // namespace saker::cli
