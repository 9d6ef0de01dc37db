#include "acl/command_rules.hpp"

#include "acl/category.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace saker::acl {

namespace {

constexpr complaint unknown_command = "Unknown command or category name in ACL";
constexpr complaint argument_of_part
  = "Allowing first-arg of a subcommand is not supported";

constexpr complaint argument_is_service
  = "Which services a command may reach is not said by its first argument, "
    "behind which others may stand; allow the command and give the services: "
    "~service:NAME";
constexpr complaint too_many_arguments
  = "A user can have at most 100 first arguments of one command";
constexpr std::size_t most_arguments = 100;

/// `+call|NAME` also says something where CALL is allowed: the command of that
/// script needs no right any more.
constexpr auto named_apart = resp::command_id::call;

/// Is its first argument one service of many, or a mask? The one of SVSIGNAL is a
/// signal.
bool begins_with_service(const resp::command_info& x) noexcept {
  return x.target == resp::target::roster && x.group == "supervision"
         && x.id != resp::command_id::svsignal;
}

bool same_word(std::string_view rule, std::string_view name) noexcept {
  rule.remove_prefix(1);
  return rule.starts_with(name)
         && (rule.size() == name.size() || rule[name.size()] == '|');
}

} // namespace

bool has_blanks(std::string_view x) noexcept {
  return x.find_first_of(std::string_view{" \t\n\v\f\r\0", 7}) != x.npos;
}

// -- asking --------------------------------------------------------------------

bool command_rules::allows_argument(const resp::command_info& what,
                                    arguments args) const noexcept {
  if (arguments_.empty() || args.size() < 2)
    return false;
  auto all = arguments_.find(what.id);
  return all != arguments_.end()
         && std::any_of(all->second.begin(), all->second.end(), [&](auto& x) {
              return equal_ignoring_case(x, args[1]);
            });
}

std::span<const std::string>
command_rules::arguments_of(const resp::command_info& what) const noexcept {
  auto all = arguments_.find(what.id);
  return all == arguments_.end() ? std::span<const std::string>{} : all->second;
}

std::string command_rules::describe() const {
  std::string text = future_ ? "+@all" : "-@all";
  for (auto& x : rules_)
    text += ' ' + x;
  return text;
}

// -- changing ------------------------------------------------------------------

complaint command_rules::change(std::string_view rule) {
  auto [no, spelt, changed, argument] = apply(rule);
  if (!no.empty() || (argument && !changed))
    return no;
  if (argument) {
    std::erase(rules_, spelt); // a category took it meanwhile
    rules_.push_back(spelt);
  } else if (spelt.empty()) {
    rules_.clear(); // this one says it all
  } else {
    auto name = std::string_view{spelt}.substr(1);
    // Earlier rules about the same have no effect any more.
    auto still = spelt == "+call";
    std::erase_if(rules_, [name, still](auto& x) {
      return same_word(x, name) && !(still && x.find('|') != std::string::npos);
    });
    rules_.push_back(spelt);
    tidy();
  }
  look_at_rights();
  return {};
}

/// Without those that change nothing. Rules about categories stay: what belongs
/// to one may change with the version.
void command_rules::tidy() {
  command_rules now;
  now.all(future_);
  std::erase_if(
    rules_, [&now](auto& x) { return !now.apply(x).changed && x[1] != '@'; });
}

/// The part of a rule that counts; what keeps it is not touched.
command_rules::applied command_rules::apply(std::string_view rule) {
  auto is = [rule](std::string_view x) { return equal_ignoring_case(rule, x); };
  if (is("allcommands") || is("+@all")) {
    all(true);
    return {};
  }
  if (is("nocommands") || is("-@all")) {
    all(false);
    return {};
  }
  if (rule.empty() || (rule[0] != '+' && rule[0] != '-'))
    return {syntax_error, {}};
  auto allowed = rule[0] == '+';
  auto name = rule.substr(1);
  if (name.starts_with('@'))
    return apply_category(name.substr(1), allowed);
  auto bar = name.rfind('|');
  if (!allowed || bar == name.npos)
    return apply_command(name, allowed);
  auto what = resp::find_full_name(name.substr(0, bar));
  if (!what)
    return {unknown_command, {}};
  if (what->name.find('|') != what->name.npos)
    return {argument_of_part, {}};
  if (bar + 1 == name.size())
    return {syntax_error, {}};
  return what->subcommands.empty() ? apply_argument(*what, name.substr(bar + 1))
                                   : apply_command(name, allowed);
}

void command_rules::all(bool allowed) {
  allowed_.reset();
  arguments_.clear();
  future_ = allowed;
  allowed_.set(of_scripts, allowed);
  if (allowed)
    for_each_command([this](auto& x) { put(x.id, true); });
}

bool command_rules::put(id what, bool allowed) {
  auto changed = is_set(what) != allowed;
  allowed_.set(static_cast<std::size_t>(what), allowed);
  if (!allowed || what != named_apart)
    changed = arguments_.erase(what) > 0 || changed;
  return changed;
}

command_rules::applied
command_rules::apply_category(std::string_view name, bool allowed) {
  auto found = find_category(name);
  if (!found)
    return {unknown_command, {}};
  for_each_command([&](auto& x) {
    if (found->has(x))
      put(x.id, allowed);
  });
  if (found->name == "script")
    allowed_.set(of_scripts, allowed);
  return {{}, (allowed ? "+@" : "-@") + std::string{found->name}};
}

/// With a container its subcommands.
command_rules::applied
command_rules::apply_command(std::string_view name, bool allowed) {
  auto what = resp::find_full_name(name);
  if (!what)
    return {unknown_command, {}};
  auto changed = put(what->id, allowed);
  for (auto& part : what->subcommands)
    changed = put(part.id, allowed) || changed;
  return {{}, (allowed ? '+' : '-') + std::string{what->name}, changed};
}

command_rules::applied
command_rules::apply_argument(const resp::command_info& what,
                              std::string_view argument) {
  if (has_blanks(argument))
    return {syntax_error, {}};
  if (begins_with_service(what))
    return {argument_is_service, {}};
  if (is_set(what.id) && what.id != named_apart) // any argument is allowed
    return {{}, {}, false, true};
  auto& known = arguments_[what.id];
  if (std::find(known.begin(), known.end(), argument) != known.end())
    return {{}, {}, false, true};
  if (known.size() >= most_arguments)
    return {too_many_arguments, {}};
  known.emplace_back(argument);
  return {{}, '+' + std::string{what.name} + '|' + known.back(), true, true};
}

void command_rules::look_at_rights() {
  using resp::right;
  rights_ = {};
  everything_ = future_ && allowed_[of_scripts];
  if (allowed_[of_scripts])
    rights_.add(right::script);
  for (auto x : {right::status, right::events, right::control, right::admin}) {
    auto whole = true;
    for_each_command([&](auto& what) {
      if (what.right == x)
        whole = whole && is_set(what.id);
    });
    if (whole)
      rights_.add(x);
  }
  for_each_command(
    [&](auto& what) { everything_ = everything_ && is_set(what.id); });
}

} // namespace saker::acl
