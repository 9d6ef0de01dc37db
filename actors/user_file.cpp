#include "actors/user_file.hpp"

#include "actors/applied.hpp"
#include "config/users.hpp"
#include "messages/error.hpp"

namespace saker {

namespace {

result<void> keep_users(const std::filesystem::path& file,
                        const std::vector<std::string>& lines) {
  if (lines.empty())
    return remove_file(file);
  auto text = config::users_text(lines);
  return text ? replace_file(file, *text) : result<void>{text.error()};
}

result<void> keep_until_reboot(const std::filesystem::path& file,
                               const std::vector<std::string>& lines) {
  auto text = config::users_text(lines);
  return text ? replace_until_reboot(file, *text) : result<void>{text.error()};
}

caf::result<bool> answer_of(const result<void>& x) {
  if (!x)
    return to_error(x.error());
  return true;
}

} // namespace

user_file_actor::behavior_type
user_file(user_file_actor::pointer, std::filesystem::path kept,
          std::filesystem::path live) {
  return {
    [kept](atom::change, const std::vector<std::string>& lines) {
      return answer_of(keep_users(kept, lines));
    },
    [live](atom::apply, const std::vector<std::string>& lines) {
      return answer_of(keep_until_reboot(live, lines));
    },
    [kept](atom::load) -> caf::result<std::vector<std::string>> {
      auto lines = config::read_users(kept);
      if (!lines)
        return to_error(lines.error());
      return std::move(*lines);
    },
  };
}

} // namespace saker
