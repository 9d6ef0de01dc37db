#include "process/start_command.hpp"

#include "base/text.hpp"
#include "process/script_line.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::process {

namespace {

namespace fs = std::filesystem;

std::optional<std::string>
find_in_path(const std::string& program, const start_command& x) {
  for (auto folder : split(x.path, ':')) {
    auto file = fs::path{x.dir} / folder / program;
    std::error_code none;
    if (fs::is_regular_file(file, none) && ::access(file.c_str(), X_OK) == 0)
      return file.string();
  }
  return std::nullopt;
}

/// The file that exec takes.
std::optional<std::string>
program_file(const std::string& program, const start_command& x) {
  if (program.find('/') == std::string::npos)
    return find_in_path(program, x);
  return (fs::path{x.dir} / program).lexically_normal().string();
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat x = {};
  struct stat y = {};
  return ::stat(a.c_str(), &x) == 0 && ::stat(b.c_str(), &y) == 0
         && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool executes(const proc_entry& who, const std::string& file) {
  auto exe = "/proc/" + std::to_string(who.pid) + "/exe";
  if (same_file(exe, file))
    return true;
  // Its file was replaced by a newer one since.
  std::error_code none;
  auto old = fs::read_symlink(exe, none).string();
  return old == fs::canonical(file, none).string() + " (deleted)";
}

/// `/usr/bin/python3` of a script that begins with `#!/usr/bin/env python3`.
std::optional<std::string>
interpreter_of(const std::string& script, const start_command& x) {
  auto line = parse_script_line(first_bytes_of(script));
  if (line.interpreter.empty())
    return std::nullopt;
  if (line.interpreter.ends_with("/env"))
    for (auto word : split(line.argument, ' '))
      if (!word.empty() && !word.starts_with('-'))
        return program_file(std::string{word}, x);
  return line.interpreter;
}

/// Whether `words` stand in `line`, one behind the other.
bool shows(std::string_view line, std::string_view words) {
  for (auto at = line.find(words); at != std::string_view::npos;
       at = line.find(words, at + 1)) {
    auto end = at + words.size();
    if ((at == 0 || line[at - 1] == ' ')
        && (end == line.size() || line[end] == ' '))
      return true;
  }
  return false;
}

} // namespace

bool was_started_by(const start_command& x, const proc_entry& who) {
  auto file = x.argv.empty() ? std::nullopt : program_file(x.argv.front(), x);
  if (!file)
    return false;
  std::string arguments;
  for (std::size_t i = 1; i < x.argv.size(); ++i)
    arguments += (i == 1 ? "" : " ") + x.argv[i];
  while (arguments.ends_with(' ')) // of empty ones; /proc shows none at the end
    arguments.pop_back();
  if (executes(who, *file))
    return arguments.empty() || shows(who.cmdline, arguments);
  auto by = interpreter_of(*file, x);
  if (!by || !executes(who, *by))
    return false;
  auto behind = arguments.empty() ? "" : ' ' + arguments;
  return shows(who.cmdline, x.argv.front() + behind)
         || shows(who.cmdline, *file + behind);
}

} // namespace saker::process
