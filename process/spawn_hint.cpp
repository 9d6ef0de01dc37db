#include "process/spawn_hint.hpp"

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "process/proc_stat.hpp"

#include <array>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace saker::process {

namespace {

/// As much as Linux reads of a first line.
constexpr std::size_t first_bytes = 256;

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  auto text = read_proc(list).value_or("");
  for (auto line : split(text, '\n'))
    if (auto colon = line.find(':'); colon != line.npos && colon > 0)
      names.emplace_back(line.substr(0, colon));
  return names;
}

std::string start_of(const std::string& path) {
  unique_fd fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  std::array<char, first_bytes> buffer;
  auto got = fd ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
  return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

/// Behind `#!`, up to a blank, a tab or the end of the line, as Linux does it;
/// a CR is part of the name.
std::string interpreter_in(std::string_view line) {
  line = line.substr(0, line.find('\n'));
  line.remove_prefix(2);
  auto begin = line.find_first_not_of(" \t");
  if (begin == line.npos)
    return {};
  line.remove_prefix(begin);
  return std::string{line.substr(0, line.find_first_of(" \t"))};
}

/// `sleep 1000` was meant as two words.
std::string as_words(const std::string& program) {
  std::string words;
  for (auto word : split(program, ' '))
    if (!word.empty())
      words += (words.empty() ? "\"" : ", \"") + printable(word, 40) + "\"";
  return "there is no program \"" + printable(program, 40) + "\"; write {"
         + words + "}";
}

} // namespace

std::string unknown_account(std::string_view kind, const std::string& name,
                            const std::string& list) {
  return "there is no " + std::string{kind} + " \"" + printable(name, 40) + "\""
         + did_you_mean(name, names_in(list));
}

std::string missing_program(const std::string& program) {
  if (::access(program.c_str(), F_OK) != 0)
    return program.find(' ') == program.npos ? "" : as_words(program);
  auto start = start_of(program);
  if (start.starts_with("\x7f"
                        "ELF"))
    return "the loader that it needs is missing";
  auto interpreter = start.starts_with("#!") ? interpreter_in(start) : "";
  if (interpreter.empty())
    return "its interpreter is missing";
  auto text = "its interpreter \"" + printable(interpreter, 60)
              + "\" is missing";
  return interpreter.ends_with('\r') ? text + " (line ends of Windows?)" : text;
}

std::string
missing_in_path(const std::string& program, const std::string& path) {
  if (program.find(' ') != program.npos)
    return as_words(program);
  return "not in PATH, which is " + printable(path, 90);
}

std::string holder_of_lock(pid_t pid) {
  if (pid <= 0)
    return "another process holds it";
  auto stat = read_stat(pid);
  return "pid " + std::to_string(pid)
         + (stat ? " (" + printable(stat->comm, 16) + ")" : std::string{})
         + " holds it";
}

} // namespace saker::process
