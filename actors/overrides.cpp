#include "actors/overrides.hpp"

#include "actors/applied.hpp"
#include "messages/error.hpp"

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
  return remove_file(file);
}

/// Even nothing is worth a file: it says that overrides.toml does not count.
result<void> keep_for_now(const std::filesystem::path& file,
                          const config::override_list& what) {
  auto text = config::live_text(what);
  if (auto ok = config::check_overrides(text); !ok)
    return ok;
  return replace_until_reboot(file, text);
}

caf::result<bool> done(const result<void>& x) {
  if (!x)
    return to_error(x.error());
  return true;
}

} // namespace

overrides_actor::behavior_type
overrides(overrides_actor::pointer, std::filesystem::path kept,
          std::filesystem::path live) {
  return {
    [kept](atom::change, const config::override_list& what) {
      return done(keep(kept, what));
    },
    [live](atom::apply, const config::override_list& what) {
      return done(keep_for_now(live, what));
    },
  };
}

} // namespace saker
