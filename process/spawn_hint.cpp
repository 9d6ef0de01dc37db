#include "process/spawn_hint.hpp"

#include "base/text.hpp"
#include "process/proc_stat.hpp"
#include "process/script_line.hpp"

#include <vector>

#include <unistd.h>

namespace saker::process {

namespace {

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  auto text = read_proc(list).value_or("");
  for (auto line : split(text, '\n'))
    if (auto colon = line.find(':'); colon != line.npos && colon > 0)
      names.emplace_back(line.substr(0, colon));
  return names;
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
  auto start = first_bytes_of(program);
  if (start.starts_with("\x7f"
                        "ELF"))
    return "the loader that it needs is missing";
  auto interpreter = parse_script_line(start).interpreter;
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
