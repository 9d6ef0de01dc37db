#include "base/text.hpp"
#include "process/child_setup.hpp"
#include "process/spawn_hint.hpp"

#include <cerrno>

#include <unistd.h>

namespace saker::process {

namespace {

// What exec says about a candidate of the search path that is not the one.
bool look_further(int error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES
         || error == ENAMETOOLONG || error == ELOOP || error == ESTALE
         || error == ENODEV || error == ETIMEDOUT;
}

} // namespace

int child_setup::execute() {
  build_environment();
  auto& program = what_.argv.front();
  if (program.find('/') != std::string::npos) {
    ::execve(program.c_str(), const_cast<char* const*>(argv_), envp_.data());
    auto error = errno;
    if (error == ENOENT)
      hint_ = missing_program(program);
    return error;
  }
  return search(program, search_path());
}

void child_setup::build_environment() {
  environment_ = what_.env;
  if (what_.user_env && has_account_) {
    add_variable("HOME", home_);
    add_variable("USER", name_);
    add_variable("LOGNAME", name_);
    add_variable("SHELL", shell_.empty() ? "/bin/sh" : shell_);
  }
  if (what_.listen_pid)
    add_variable("LISTEN_PID", std::to_string(::getpid()));
  for (auto& x : environment_)
    envp_.push_back(x.data());
  envp_.push_back(nullptr);
}

void child_setup::add_variable(const char* name, const std::string& value) {
  auto prefix = std::string{name} + '=';
  for (auto& x : environment_)
    if (x.starts_with(prefix))
      return;
  environment_.push_back(prefix + value);
}

std::string child_setup::search_path() const {
  for (auto& x : what_.env)
    if (x.starts_with("PATH="))
      return x.substr(5);
  return std::string{default_path};
}

int child_setup::search(const std::string& program, const std::string& path) {
  auto refused = false;
  for (auto folder : split(path, ':')) {
    // An empty entry is the working directory, as in a shell.
    std::string candidate{folder.empty() ? "." : folder};
    candidate += '/';
    candidate += program;
    ::execve(candidate.c_str(), const_cast<char* const*>(argv_), envp_.data());
    auto error = errno;
    if (!look_further(error))
      return error;
    refused = refused || error == EACCES;
    if (error == ENOENT && ::access(candidate.c_str(), F_OK) == 0)
      hint_ = candidate + ": " + missing_program(candidate);
  }
  if (refused) {
    hint_.clear();
    return EACCES;
  }
  if (hint_.empty())
    hint_ = missing_in_path(program, path);
  return ENOENT;
}

} // namespace saker::process
