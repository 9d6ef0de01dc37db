#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

namespace saker::cli {

/// How help texts look: 80 columns, `Usage: saker start [OPTIONS] MASK...`,
/// and nothing of CLI11's own notation.
class help_format : public CLI::Formatter {
public:
  help_format();

  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_option_name(const CLI::Option* option,
                               bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
};

} // namespace saker::cli
