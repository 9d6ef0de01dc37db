#include "cli/programs.hpp"

#include <cerrno>

#include <unistd.h>

namespace saker::cli {

namespace fs = std::filesystem;

result<fs::path> own_path() {
  std::error_code ec;
  auto path = fs::read_symlink("/proc/self/exe", ec);
  if (ec)
    return system_failure("find", "/proc/self/exe", ec.value());
  return path;
}

result<fs::path> find_program(const fs::path& self, const std::string& name) {
  auto beside = self.parent_path() / name;
  auto other = self.parent_path().parent_path() / "libexec/saker" / name;
  for (auto& path : {beside, other}) {
    if (::access(path.c_str(), X_OK) == 0)
      return path;
    // It may well be there, below a directory that lets only others in.
    if (errno != ENOENT && errno != ENOTDIR) {
      auto why = system_failure("find", path.string(), errno);
      why.detail += "; it and its directories have to be open to who starts "
                    "Saker";
      return why;
    }
  }
  return fail(errc::not_found, "find " + name + ": neither " + beside.string()
                                 + " nor " + other.string()
                                 + " is there; install it there, or build it");
}

failure
become(const fs::path& program, const std::vector<std::string>& arguments) {
  auto path = program.string();
  auto copy = arguments;
  std::vector<char*> argv{path.data()};
  for (auto& x : copy)
    argv.push_back(x.data());
  argv.push_back(nullptr);
  ::execv(path.c_str(), argv.data());
  return system_failure("exec", path, errno);
}

failure become_checker(const options& asked) {
  auto self = own_path();
  if (!self)
    return self.error();
  auto node = find_program(*self, "saker-node");
  if (!node)
    return node.error();
  std::vector<std::string> arguments{"check"};
  auto add = [&](const char* name, const std::optional<fs::path>& value) {
    if (value)
      arguments.insert(arguments.end(), {name, value->string()});
  };
  add("--config", asked.config);
  add("--state-dir", asked.state_dir);
  add("--runtime-dir", asked.runtime_dir);
  arguments.insert(arguments.end(), asked.files.begin(), asked.files.end());
  return become(*node, arguments);
}

} // namespace saker::cli
