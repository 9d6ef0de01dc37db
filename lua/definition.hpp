#pragma once

#include "lua/control.hpp"
#include "lua/definition_host.hpp"
#include "supervision/definitions.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::lua {

/// One file of definitions, already read.
struct definition_file {
  std::string path; ///< as it is named in errors
  std::string text;
};

/// What a file may use, and how its words are checked.
struct definition_options : definition_host {
  std::size_t memory = 32u << 20;                      ///< per file
  budget allowed{20'000'000, std::chrono::seconds{2}}; ///< per file
  std::function<time_point()> now; ///< none: only instructions are counted
};

/// Evaluates definition files to data, each in a sandbox of its own: `service
/// "name" {…}`, `policy {…}`, `defaults {…}`, `up("0s")`. No file can do
/// anything but say what it wants; one that hangs, eats memory or has errors is
/// `bad` and leaves the others alone. All errors of all files are collected,
/// each with file and line, at most 100 of a file.
///
/// | word             | meaning                                              |
/// |------------------|------------------------------------------------------|
/// | `service "n" {}` | one service; returns a handle                        |
/// | `policy {}`      | exit, restart, budget, spent, backoff, to be used    |
/// |                  | as `policy = p` in services                          |
/// | `defaults {}`    | keys for all services that follow in this file       |
/// | `up("0s")`       | for `ready`: exec has succeeded                      |
///
/// Pure: same files, same result, whatever their order of reading.
supervision::definitions evaluate(std::vector<definition_file> files,
                                  const definition_options& options = {});

} // namespace saker::lua
