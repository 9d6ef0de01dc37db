#include "config/users.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "config/file.hpp"
#include "config/trusted_path.hpp"

#include <map>
#include <system_error>
#include <tuple>

namespace saker::config {

namespace {

constexpr std::size_t number_of_rights = 5;

/// `reset`, then one rule for each mask; all at once for `*`.
void add_masks(std::vector<std::string>& rules, std::string_view kind,
               std::string_view prefix, const std::vector<std::string>& masks) {
  rules.push_back("reset" + std::string{kind});
  for (auto& x : masks) {
    if (x == "*") {
      rules.push_back("all" + std::string{kind});
      return;
    }
  }
  for (auto& x : masks)
    rules.push_back(std::string{prefix} + x);
}

} // namespace

std::vector<std::string> rules_of(const user_settings& x) {
  std::vector<std::string> rules{"on"};
  if (!x.password_hash.empty())
    rules.insert(rules.end(), {"resetpass", '#' + x.password_hash});
  if (x.rights.size() == number_of_rights) {
    rules.emplace_back("+@all");
  } else {
    rules.insert(rules.end(), {"-@all", "+@basic"});
    for (auto y : x.rights)
      rules.push_back("+@" + std::string{to_string(y)});
  }
  add_masks(rules, "channels", "&", x.channels);
  add_masks(rules, "keys", "~service:", x.services);
  rules.insert(rules.end(), x.rules.begin(), x.rules.end());
  return rules;
}

result<acl::user_list> users_of(const settings& x) {
  acl::user_list all;
  for (auto& [name, what] : x.users)
    if (auto done = all.change(name, rules_of(what)); !done)
      return fail(errc::invalid_argument,
                  "user " + name + ": " + done.error().detail);
  return all;
}

std::filesystem::path users_file(const std::filesystem::path& directory) {
  return directory / "users.acl";
}

result<std::string>
users_text(const std::vector<std::string>& lines, std::size_t limit) {
  std::string text;
  for (auto& x : lines)
    (text += x) += '\n';
  if (text.size() > limit)
    return fail(errc::limit,
                "all users together take " + format_size(text.size())
                  + ", and a file of users has at most " + format_size(limit)
                  + "; delete some (ACL DELUSER) or give them fewer rules");
  return text;
}

result<std::vector<std::string>>
read_users(const std::filesystem::path& path, uid_t own) {
  std::error_code ec;
  auto type = std::filesystem::symlink_status(path, ec).type();
  if (type == std::filesystem::file_type::not_found)
    return std::vector<std::string>{};
  if (auto ok = trusted_path(path, own); !ok)
    return ok.error();
  auto text = read_file(path, largest_users_file);
  if (!text)
    return text.error();
  std::vector<std::string> lines;
  for (auto x : split(*text, '\n'))
    lines.emplace_back(x);
  return lines;
}

std::vector<std::string> newest_users(std::vector<std::string> lines) {
  if (!lines.empty())
    lines.pop_back(); // behind the last end of a line
  std::map<std::string_view, std::size_t> last;
  auto user_of = [](const std::string& line) {
    auto words = split(line, ' ');
    return words.size() > 1 ? words[1] : std::string_view{};
  };
  for (std::size_t i = 0; i < lines.size(); ++i)
    last[user_of(lines[i])] = i;
  std::vector<std::string> result;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (auto name = user_of(lines[i]);
        name.empty() || (last[name] == i && !lines[i].starts_with("deluser ")))
      result.push_back(lines[i]);
  return result;
}

void shut(acl::user_list& users) {
  auto all = users.all(); // while it changes
  for (auto& [name, _] : all)
    std::ignore = users.change(
      name, std::vector<std::string>{name == "default" ? "resetpass" : "off"});
}

} // namespace saker::config
