#include "node/kept_files.hpp"

#include "actors/live_settings.hpp"
#include "base/text.hpp"
#include "config/users.hpp"
#include "session/exposure.hpp"

namespace saker::node {

std::string
with_advice(const std::string& errors, const std::filesystem::path& overrides) {
  std::string text;
  for (auto line : split(errors, '\n')) {
    text += text.empty() ? "" : "\n";
    text += line;
    if (line.starts_with(overrides.string() + ':')
        && line.find("correct or remove") == line.npos)
      text += "; correct or remove it there";
  }
  return text;
}

result<acl::user_list>
configured_users(const config::settings& x, const session::parameters& with) {
  auto users = config::users_of(x);
  // A parameter that says nothing else leaves alone what rules of ACL say.
  auto hash = with.password_hash();
  if (users && hash != x.default_password_hash())
    *users = with_password(std::move(*users), hash);
  return users;
}

std::vector<std::string>
add_kept_users(acl::user_list& users, const std::filesystem::path& file,
               bool grown, const config::settings& x,
               const session::parameters& with) {
  constexpr auto advice = "; correct or remove the file";
  auto lines = config::read_users(file);
  if (!lines)
    return {lines.error().detail + advice};
  if (grown)
    *lines = config::newest_users(std::move(*lines));
  auto wrong = users.take(*lines, file.string());
  for (auto& one : wrong)
    one += advice;
  if (!wrong.empty())
    return wrong;
  auto open = session::exposure(users, with, x.tls.listen);
  return open.empty() ? wrong : std::vector{open};
}

} // namespace saker::node
