#include "session/audit.hpp"

#include "base/text.hpp"
#include "session/shown_command.hpp"
#include "supervision/command_masks.hpp"

#include <algorithm>

namespace saker::session {

namespace {

bool has_word(std::span<const std::string_view> args, std::string_view one,
              std::string_view other = {}) noexcept {
  return args.size() > 2
         && (equal_ignoring_case(args[2], one)
             || (!other.empty() && equal_ignoring_case(args[2], other)));
}

audit_kind looks_unless(bool changes) noexcept {
  return changes ? audit_kind::change : audit_kind::look;
}

std::string_view code_word(std::int64_t code) noexcept {
  switch (code) {
    case 2: return "TIMEOUT";
    case 3: return "REFUSED";
    default: return "FAILED";
  }
}

/// `%front` of a command about groups, else as it is.
std::string mask_text(const std::string& word, bool group) {
  return group ? '%' + word : word;
}

/// Of a user that ACL SETUSER makes: nothing that could be a password instead.
bool is_name_of_user(std::string_view x) noexcept {
  return !x.empty() && x.size() <= longest_audited_name
         && std::all_of(x.begin(), x.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9') || c == '_' || c == '-'
                     || c == '.';
            });
}

} // namespace

audit_kind audit_kind_of(const resp::command_info& what,
                         std::span<const std::string_view> args) noexcept {
  using id = resp::command_id;
  if (!is_weighty(what.right))
    return audit_kind::none;
  switch (what.id) {
    case id::acl_dryrun:
    case id::acl_getuser:
    case id::acl_list:
    case id::acl_users:
    case id::config_get:
    case id::script_exists:
    case id::slowlog_get:
    case id::slowlog_len:
    case id::svaudit:
    case id::svplan: return audit_kind::look;
    case id::acl_log: return looks_unless(has_word(args, "RESET"));
    case id::svlog: return looks_unless(has_word(args, "ROTATE", "CLEAR"));
    default: return audit_kind::change;
  }
}

audit_kind audit_kind_of(resp::right alias) noexcept {
  if (is_weighty(alias))
    return audit_kind::change;
  return alias == resp::right::script ? audit_kind::script : audit_kind::none;
}

std::string_view to_string(audit_outcome x) noexcept {
  switch (x) {
    case audit_outcome::done: return "done";
    case audit_outcome::failed: return "failed";
    case audit_outcome::refused: return "refused";
    case audit_outcome::begun: return "begun";
  }
  return "done";
}

audit_result result_of_error(std::string_view text) {
  auto word = text.substr(0, text.find_first_of(" \r\n"));
  auto refused = word == "NOPERM" || word == "NOAUTH" || word == "WRONGPASS";
  return {refused ? audit_outcome::refused : audit_outcome::failed,
          printable(word, 32)};
}

audit_result result_of(std::string_view command, const resp::value& reply) {
  if (reply.is_error())
    return result_of_error(reply.text());
  auto form = supervision::form_of(command);
  if (!form || !form->service)
    return {}; // scripts have rows of their own
  for (auto& row : reply.items()) {
    auto code = row.find("code");
    if (auto x = code ? code->integer() : std::nullopt; x && *x != 0)
      return {audit_outcome::failed, std::string{code_word(*x)}};
  }
  return {};
}

void describe_call(audit_entry& x, const resp::command_info* what,
                   std::span<const std::string_view> args) {
  auto words = kept_words(what, args);
  // By its place, so that no service shows what is hidden among the words.
  auto masks = supervision::masks_of(args);
  auto form = supervision::form_of(args[0]);
  if (form && form->service && !masks.empty()) {
    auto from = static_cast<std::size_t>(masks.data() - args.data());
    // The last one tells how many were left out.
    auto whole = words.size() < args.size() ? words.size() - 1 : words.size();
    for (auto i = from; i < std::min(from + masks.size(), whole); ++i)
      x.services.push_back(mask_text(words[i], form->groups()));
  }
  auto part = what && what->name.find('|') != what->name.npos;
  auto own = std::min<std::size_t>(part ? 2 : 1, words.size());
  x.command = what ? std::string{what->name} : words[0];
  x.args.assign(words.begin() + static_cast<std::ptrdiff_t>(own), words.end());
  // Which user was changed is what one wants to know; others hide that too.
  if (what && what->id == resp::command_id::acl_setuser && args.size() > own
      && is_name_of_user(args[own]))
    x.args[0] = args[own];
}

} // namespace saker::session
