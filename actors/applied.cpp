#include "actors/applied.hpp"

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "config/file.hpp"
#include "config/trusted_path.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace saker {

namespace {

constexpr std::size_t max_source = 1'000'000;

result<void>
write_all(int fd, const std::filesystem::path& path, std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return system_failure("write", path.string(), errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

/// What is left of another try makes way: a FIFO would wait, a link lead away.
result<unique_fd>
write_new(const std::filesystem::path& path, std::string_view bytes) {
  ::unlink(path.c_str());
  unique_fd fd{
    ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!fd)
    return system_failure("create", path.string(), errno);
  if (auto ok = write_all(fd.get(), path, bytes); !ok)
    return ok.error();
  return fd;
}

result<void> put_in_place(const std::filesystem::path& draft,
                          const std::filesystem::path& path) {
  if (::rename(draft.c_str(), path.c_str()) != 0)
    return system_failure("rename", draft.string(), errno);
  return {};
}

/// The name is on the disk as well: else a power cut brings back what was there
/// before, such as an old password.
result<void> sync_directory_of(const std::filesystem::path& path) {
  auto dir = path.parent_path();
  unique_fd fd{::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd)
    return system_failure("open", dir.string(), errno);
  // Some file systems have no such thing.
  if (::fsync(fd.get()) != 0 && errno != EINVAL)
    return system_failure("fsync", dir.string(), errno);
  return {};
}

std::filesystem::path draft_of(const std::filesystem::path& path) {
  auto draft = path;
  draft += ".new";
  return draft;
}

/// Those of an entry; an older Saker wrote none.
std::map<std::string, std::string> reads_of(const nlohmann::json& entry) {
  std::map<std::string, std::string> result;
  auto reads = entry.find("reads");
  if (reads != entry.end() && reads->is_object())
    for (auto& [path, text] : reads->items())
      if (text.is_string())
        result.emplace(path, text.get<std::string>());
  return result;
}

result<void> must_exist(const std::filesystem::path& path) {
  std::error_code ec;
  if (!std::filesystem::exists(path, ec) && !ec)
    return fail(errc::not_found,
                "there is no file " + printable(path.string()));
  return {};
}

} // namespace

const source*
find_source(const std::vector<source>& among, const std::string& path) {
  auto i = std::find_if(among.begin(), among.end(),
                        [&](auto& x) { return x.path == path; });
  return i == among.end() ? nullptr : &*i;
}

applied::applied(const std::filesystem::path& state_dir,
                 const std::string& name)
  : file_(state_dir / "applied" / (name + ".json")) {
  // nop
}

result<std::vector<source>> applied::read() const {
  std::error_code ec;
  if (!std::filesystem::exists(file_, ec))
    return std::vector<source>{};
  auto text = config::read_file(file_, 256 * max_source);
  if (!text)
    return text.error();
  auto json = nlohmann::json::parse(*text, nullptr, false);
  std::vector<source> found;
  if (!json.is_array())
    return fail(errc::corrupt, "read " + file_.string() + ": not a list");
  for (auto& x : json) {
    if (!x.is_object() || !x.contains("path") || !x.contains("text")
        || !x["path"].is_string() || !x["text"].is_string())
      return fail(errc::corrupt,
                  "read " + file_.string() + ": an entry is damaged");
    found.push_back({x["path"], x["text"], reads_of(x)});
  }
  return found;
}

result<void> applied::write(const std::vector<source>& what) const {
  auto text = text_of(what);
  return text ? replace_file(file_, *text) : result<void>{text.error()};
}

result<void>
applied::write_until_reboot(const std::vector<source>& what) const {
  auto text = text_of(what);
  return text ? replace_until_reboot(file_, *text) : result<void>{text.error()};
}

result<std::string> applied::text_of(const std::vector<source>& what) const {
  std::error_code ec;
  std::filesystem::create_directories(file_.parent_path(), ec);
  if (ec)
    return system_failure("create", file_.parent_path().string(), ec.value());
  auto json = nlohmann::json::array();
  for (auto& x : what) {
    nlohmann::json entry = {{"path", x.path}, {"text", x.text}};
    if (x.reads && !x.reads->empty())
      entry["reads"] = *x.reads;
    json.push_back(std::move(entry));
  }
  return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

result<void>
replace_file(const std::filesystem::path& path, std::string_view text) {
  auto draft = draft_of(path);
  auto file = write_new(draft, text);
  if (!file)
    return file.error();
  if (::fsync(file->get()) != 0)
    return system_failure("fsync", draft.string(), errno);
  if (auto ok = put_in_place(draft, path); !ok)
    return ok;
  return sync_directory_of(path);
}

result<void> place_file(const std::filesystem::path& draft,
                        const std::filesystem::path& path) {
  unique_fd fd{::open(draft.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!fd)
    return system_failure("open", draft.string(), errno);
  if (::fsync(fd.get()) != 0)
    return system_failure("fsync", draft.string(), errno);
  if (auto ok = put_in_place(draft, path); !ok)
    return ok;
  return sync_directory_of(path);
}

result<void> remove_file(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) == 0)
    return sync_directory_of(path);
  if (errno != ENOENT)
    return system_failure("remove", path.string(), errno);
  return {};
}

result<void>
replace_until_reboot(const std::filesystem::path& path, std::string_view text) {
  auto draft = draft_of(path);
  if (auto file = write_new(draft, text); !file)
    return file.error();
  return put_in_place(draft, path);
}

result<void> append_to_file(const std::filesystem::path& path,
                            std::string_view text, std::size_t size) {
  constexpr auto flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW
                         | O_NONBLOCK;
  unique_fd fd{::open(path.c_str(), flags)};
  if (!fd)
    return system_failure("open", path.string(), errno);
  struct stat found = {};
  if (::fstat(fd.get(), &found) != 0)
    return system_failure("inspect", path.string(), errno);
  if (!S_ISREG(found.st_mode)
      || static_cast<std::size_t>(found.st_size) != size)
    return fail(errc::refused, path.string() + " is not as it was left");
  auto ok = write_all(fd.get(), path, text);
  if (!ok && ::ftruncate(fd.get(), found.st_size) != 0)
    return fail(ok.error().code,
                ok.error().detail + ", and a part of it cannot be taken back");
  return ok;
}

result<std::string> read_source(const std::filesystem::path& path) {
  if (auto ok = must_exist(path); !ok)
    return ok.error();
  return config::read_file(path, max_source);
}

result<std::string> read_trusted(const std::filesystem::path& path) {
  if (auto ok = must_exist(path); !ok)
    return ok.error();
  if (auto ok = config::trusted_path(path); !ok)
    return ok.error();
  return config::read_file(path, max_source);
}

std::vector<source>
read_sources(const std::filesystem::path& dir, std::vector<std::string>& errors,
             bool inside) {
  std::vector<source> found;
  std::error_code ec;
  if (!std::filesystem::exists(dir, ec))
    return found;
  if (auto ok = config::trusted_path(dir); !ok) {
    errors.push_back(ok.error().detail);
    return found;
  }
  std::vector<std::filesystem::path> paths;
  for (auto& x : std::filesystem::directory_iterator{dir, ec})
    if (x.path().extension() == ".lua"
        && !x.path().filename().string().starts_with("."))
      paths.push_back(x.path());
  if (ec)
    errors.push_back(system_failure("list", dir.string(), ec.value()).detail);
  std::sort(paths.begin(), paths.end());
  auto home = std::filesystem::canonical(dir, ec);
  for (auto& path : paths) {
    auto real = std::filesystem::canonical(path, ec);
    if (inside && !ec && real.parent_path() != home) {
      errors.push_back(path.string() + ": it is a link to " + real.string()
                       + ", which is not in " + dir.string()
                       + "; copy the file instead");
      continue;
    }
    if (auto text = read_trusted(path))
      found.push_back({path.string(), std::move(*text), {}});
    else
      errors.push_back(text.error().detail);
  }
  return found;
}

} // namespace saker
