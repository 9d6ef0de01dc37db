#include "actors/user_file.hpp"

#include "actors/applied.hpp"
#include "config/users.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <memory>
#include <optional>

namespace saker {

namespace {

result<void> keep_users(const std::filesystem::path& file,
                        const std::vector<std::string>& lines) {
  if (lines.empty())
    return remove_file(file);
  auto text = config::users_text(lines);
  return text ? replace_file(file, *text) : result<void>{text.error()};
}

/// The file of those who come back with the node: written as a whole now and
/// then, and added to in between.
class live_users {
public:
  explicit live_users(std::filesystem::path file) : file_(std::move(file)) {
    // nop
  }

  result<void> replace(const std::vector<std::string>& lines) {
    size_.reset();
    auto text = config::users_text(lines);
    if (!text)
      return text.error();
    if (auto ok = replace_until_reboot(file_, *text); !ok)
      return ok;
    size_ = text->size();
    room_ = std::max(least_room, lines.size());
    return {};
  }

  result<void> append(const std::vector<std::string>& lines) {
    if (!size_ || lines.size() > room_)
      return fail(errc::refused, file_.string() + ": to be written anew");
    auto text = config::users_text(lines, config::largest_users_file - *size_);
    if (!text)
      return text.error();
    if (auto ok = append_to_file(file_, *text, *size_); !ok)
      return ok;
    *size_ += text->size();
    room_ -= lines.size();
    return {};
  }

private:
  static constexpr std::size_t least_room = 64;

  std::filesystem::path file_;
  std::optional<std::size_t> size_; ///< as we left it; nothing: unknown
  std::size_t room_ = 0;            ///< for lines, before it is begun anew
};

caf::result<bool> answer_of(const result<void>& x) {
  if (!x)
    return to_error(x.error());
  return true;
}

} // namespace

user_file_actor::behavior_type
user_file(user_file_actor::pointer, std::filesystem::path kept,
          std::filesystem::path live) {
  auto coming_back = std::make_shared<live_users>(std::move(live));
  return {
    [kept](atom::change, const std::vector<std::string>& lines) {
      return answer_of(keep_users(kept, lines));
    },
    [coming_back](atom::apply, const std::vector<std::string>& lines) {
      return answer_of(coming_back->replace(lines));
    },
    [coming_back](atom::append, const std::vector<std::string>& lines) {
      return answer_of(coming_back->append(lines));
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
