#include "cli/demo.hpp"

#include "config/own_directory.hpp"
#include "config/trusted_path.hpp"

#include <fstream>
#include <system_error>

#include <sys/stat.h>

namespace saker::cli {

namespace {

namespace fs = std::filesystem;

constexpr auto settings_text
  = "# The configuration of the demo: the defaults. config/saker.toml shows\n"
    "# what can stand here.\n";

failure from_error(std::string_view verb, const fs::path& path,
                   const std::error_code& ec) {
  return system_failure(verb, path.string(), ec.value());
}

bool newer(const fs::path& x, const fs::path& y) {
  std::error_code none;
  auto time = fs::last_write_time(x, none);
  return !none && time > fs::last_write_time(y, none);
}

/// Writes beside the target and renames, so that no half file is ever read.
result<void> copy_newer(const fs::path& from, const fs::path& to) {
  if (newer(to, from))
    return {};
  auto part = to;
  part += ".part";
  std::error_code ec;
  fs::remove(part, ec);
  fs::copy_file(from, part, ec);
  if (ec)
    return from_error("copy", from, ec);
  fs::permissions(part, fs::perms{0644}, ec);
  if (ec)
    return from_error("chmod", part, ec);
  fs::rename(part, to, ec);
  if (ec)
    return from_error("rename", part, ec);
  return {};
}

result<void> copy_folder(const fs::path& from, const fs::path& to) {
  if (auto made = config::own_directory(to, 0755); !made)
    return made;
  std::error_code ec;
  fs::directory_iterator files{from, ec};
  if (ec)
    return from_error("read directory", from, ec);
  for (auto& entry : files)
    if (entry.path().extension() == ".lua")
      if (auto done = copy_newer(entry.path(), to / entry.path().filename());
          !done)
        return done;
  return {};
}

result<void> write_settings(const fs::path& path) {
  std::error_code none;
  if (fs::exists(path, none))
    return {};
  std::ofstream file{path};
  file << settings_text;
  file.close();
  if (!file)
    return fail(errc::io, "write " + path.string() + ": not possible");
  fs::permissions(path, fs::perms{0644}, none);
  return {};
}

} // namespace

result<fs::path> demo_source(const fs::path& self) {
  auto bin = self.parent_path();
  auto installed = bin.parent_path() / "share/saker";
  auto built = bin.parent_path().parent_path().parent_path();
  std::error_code none;
  for (auto& path : {installed, built})
    if (fs::is_directory(path / "services", none)
        && fs::is_directory(path / "scripts", none))
      return path;
  return fail(errc::not_found, "find the demo: neither " + installed.string()
                                 + " nor " + built.string()
                                 + " has services and scripts; install "
                                   "them there, as `cmake --install` does, or "
                                   "start without --demo");
}

result<void> prepare_demo(const fs::path& source, const fs::path& dir) {
  if (auto made = config::own_directory(dir, 0700); !made)
    return made;
  if (auto safe = config::trusted_path(dir); !safe)
    return safe;
  for (auto folder : {"services", "scripts"})
    if (auto done = copy_folder(source / folder, dir / folder); !done)
      return done;
  return write_settings(dir / "saker.toml");
}

fs::path demo_directory(const config::environment& env) {
  return env.state_home() / "saker-demo";
}

} // namespace saker::cli
