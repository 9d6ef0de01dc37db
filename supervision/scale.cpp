#include "supervision/scale.hpp"

namespace saker::supervision {

std::vector<std::string> shared_files(const service& x) {
  std::vector<std::string> keys;
  auto check = [&](const char* key, const std::string& path) {
    if (!path.empty() && path.find("{i}") == std::string::npos)
      keys.emplace_back(key);
  };
  check("pidfile", x.pidfile);
  if (x.daemon)
    check("daemon", x.daemon->pidfile + x.daemon->match);
  if (x.log)
    check("log", x.log->file);
  return keys;
}

std::string needs_index(const std::string& key) {
  return key + " must contain {i}, because the instances cannot share "
         + (key == "daemon" ? "a process" : "a file");
}

result<void> check_count(const service& x, std::uint32_t count) {
  auto keys = count > 1 ? shared_files(x) : std::vector<std::string>{};
  if (!keys.empty())
    return fail(errc::invalid_argument, needs_index(keys.front()));
  return {};
}

std::shared_ptr<const service>
with_count(const service& x, std::uint32_t count) {
  auto result = std::make_shared<service>(x);
  result->count = count;
  result->counted = x.counted || count > 1;
  return result;
}

bool in_force(const setting& x, const service& as_written) {
  return x.instead_of == as_written.count
         && check_count(as_written, static_cast<std::uint32_t>(x.value));
}

service_set with_counts(const service_set& as_written, const counts& set) {
  auto result = as_written;
  for (auto& [name, x] : set)
    if (auto i = result.find(name);
        i != result.end() && in_force(x, *i->second))
      i->second = with_count(*i->second, static_cast<std::uint32_t>(x.value));
  return result;
}

} // namespace saker::supervision
