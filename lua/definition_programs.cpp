#include "lua/definition_programs.hpp"

#include "base/text.hpp"
#include "process/spec.hpp"
#include "supervision/launch.hpp"

#include <array>
#include <optional>
#include <vector>

namespace saker::lua {

namespace {

using supervision::hook_kind;
using supervision::service;

constexpr std::string_view path_variable = "PATH=";

/// PATH as the child will have it.
std::string path_of(const service& x, const definition_host& host) {
  std::vector<std::string> own;
  if (!host.path.empty())
    own.push_back(std::string{path_variable} + host.path);
  for (auto& variable : supervision::to_spec(x, 0, own).env)
    if (variable.starts_with(path_variable))
      return variable.substr(path_variable.size());
  return std::string{process::default_path};
}

std::string inside(const std::string& dir, const std::string& file) {
  return dir.ends_with('/') ? dir + file : dir + '/' + file;
}

/// Asks for the programs of one service.
class program_search {
public:
  program_search(const service& x, const definition_host& host)
    : host_(host), dir_(x.dir.empty() ? "/" : x.dir), path_(path_of(x, host)) {
    // nop
  }

  /// What is wrong with it; nothing if it can be run.
  std::optional<std::string> missing(const std::string& program) const {
    if (program.find('{') != std::string::npos || dir_.find('{') != dir_.npos)
      return std::nullopt; // another one for each instance
    if (program.find('/') == std::string::npos)
      return in_path(program) ? std::nullopt
                              : std::optional{"there is no program \""
                                              + printable(program, 200) + '"'};
    auto path = program;
    if (!program.starts_with('/')) {
      if (host_.is_directory && !host_.is_directory(dir_))
        return std::nullopt; // that has been told
      path = inside(dir_,
                    program.starts_with("./") ? program.substr(2) : program);
    }
    if (host_.is_program(path))
      return std::nullopt;
    return "there is no program " + printable(path, 200)
           + ", or it may not be run";
  }

  std::string searched() const {
    return " in the PATH of the child, " + printable(path_, 300);
  }

private:
  bool in_path(const std::string& program) const {
    for (auto folder : split(path_, ':')) {
      std::string dir{folder.empty() ? "." : folder};
      if (!dir.starts_with('/'))
        dir = inside(dir_, dir);
      if (host_.is_program(inside(dir, program)))
        return true;
    }
    return false;
  }

  const definition_host& host_;
  std::string dir_;
  std::string path_;
};

bool is_word(const std::string& program) {
  return program.find('/') == std::string::npos;
}

} // namespace

void check_programs(const service& x, const definition_sink& sink) {
  if (!sink.host->is_program)
    return;
  program_search programs{x, *sink.host};
  auto check = [&](std::string_view key, const std::vector<std::string>& argv,
                   const std::string& hint) {
    if (argv.empty() || argv.front().empty())
      return;
    auto wrong = programs.missing(argv.front());
    if (!wrong)
      return;
    auto text = std::string{key} + ": " + *wrong;
    if (is_word(argv.front()))
      text += hint.empty() ? programs.searched() : hint;
    sink.warning(key, std::move(text));
  };
  check("exec", x.exec, {});
  check("stop", x.stop.command, {});
  if (x.reload)
    check("reload", x.reload->command, {});
  for (auto which : {hook_kind::before, hook_kind::after, hook_kind::on_failed})
    for (auto& command : x.hook_of(which).commands) {
      auto word = only_word(command);
      auto argv = word.empty() ? command : std::vector{word};
      check(to_string(which), argv, hook_hint(to_string(which)));
    }
}

std::string only_word(const std::vector<std::string>& command) {
  auto by_shell = command.size() == 3 && command[0] == "/bin/sh"
                  && command[1] == "-c";
  if (!by_shell && command.size() != 1)
    return {};
  auto& word = command.back();
  return supervision::check_name(word) ? word : std::string{};
}

std::string hook_hint(std::string_view key) {
  if (key == "on_failed")
    return {};
  return "; " + std::string{key} + " is a command run "
         + (key == "before" ? "before each start" : "after each end")
         + ", not an order of services (needs, not available yet)";
}

std::string foreign_key_hint(std::string_view key) {
  constexpr std::array<std::string_view, 6> keys
    = {"requires", "depends", "depends_on", "wants", "binds_to", "require"};
  for (auto x : keys)
    if (x == key)
      return "; what a service needs will be said by needs, which is not "
             "available yet";
  return {};
}

} // namespace saker::lua
