#include "actors/overrides.hpp"

#include "actors/applied.hpp"
#include "messages/error.hpp"

#include <cerrno>

#include <unistd.h>

namespace saker {

namespace {

result<void>
keep(const std::filesystem::path& file, const config::override_list& what) {
  if (!what.empty()) {
    auto text = config::overrides_text(what);
    if (auto ok = config::check_overrides(text); !ok)
      return ok;
    return replace_file(file, text);
  }
  if (::unlink(file.c_str()) != 0 && errno != ENOENT)
    return system_failure("remove", file.string(), errno);
  return {};
}

} // namespace

overrides_actor::behavior_type
overrides(overrides_actor::pointer, std::filesystem::path file) {
  return {
    [file](atom::change,
           const config::override_list& what) -> caf::result<bool> {
      auto kept = keep(file, what);
      if (!kept)
        return to_error(kept.error());
      return true;
    },
  };
}

} // namespace saker
