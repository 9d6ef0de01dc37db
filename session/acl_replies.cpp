#include "session/acl_replies.hpp"

#include "acl/category.hpp"
#include "acl/check.hpp"
#include "acl/password.hpp"
#include "acl/service_calls.hpp"
#include "base/text.hpp"
#include "resp/number.hpp"
#include "session/name_bound.hpp"
#include "session/words.hpp"

#include <limits>

namespace saker::session {

namespace {

constexpr std::int64_t most_bits = 4096;
constexpr std::int64_t usual_bits = 256;
constexpr std::int64_t usual_denials = 10;

void refuse_words(resp::writer out, std::string_view part) {
  out.error("ERR unknown subcommand or wrong number of arguments for '"
            + std::string{excerpt(part)} + "'. Try ACL HELP.");
}

/// A row of GETUSER, in the user itself or in one of its selectors.
void append_selector(resp::writer out, const acl::selector& x) {
  out.bulk("commands");
  out.bulk(x.commands().describe());
  out.bulk("keys");
  out.bulk(x.keys());
  out.bulk("channels");
  out.bulk(x.channels());
}

void append_denial(resp::writer out, const acl::denied& x,
                   std::chrono::system_clock::time_point now) {
  using seconds = std::chrono::duration<double>;
  out.map(7);
  out.bulk("count");
  out.integer(static_cast<std::int64_t>(x.count));
  out.bulk("reason");
  out.bulk(x.reason);
  out.bulk("context");
  out.bulk(x.context);
  out.bulk("object");
  out.bulk(x.object);
  out.bulk("username");
  out.bulk(x.user);
  out.bulk("age-seconds");
  out.real(std::chrono::round<std::chrono::milliseconds>(now - x.at)
           / seconds{1});
  out.bulk("client-info");
  out.bulk(x.client);
}

/// Of a user that is tried, the verdict on a command of a script.
acl::verdict check_alias(const acl::user& who, const alias& what,
                         const alias_table* scripts) {
  if (acl::allows_alias(who, what.name, what.right,
                        [&](auto x) { return name_of(scripts, x); }))
    return {};
  return {acl::denial::command, what.name};
}

/// Of CALL, and of EXEC as its older name, the verdict on what it calls. What this
/// node has not, others may have: they know who may call it.
acl::verdict check_called(const acl::user& who, const resp::command_info& what,
                          acl_arguments call, const alias_table* scripts) {
  static const auto caller = resp::find_command("call");
  auto by_exec = what.id == resp::command_id::exec;
  if (call.size() < 2 || !(by_exec || what.id == caller->id))
    return {};
  if (auto script = scripts ? scripts->find(call[1]) : nullptr)
    return check_alias(who, *script, scripts);
  return by_exec ? acl::check_call(who, *caller, call) : acl::verdict{};
}

/// Why a command cannot be tried; empty: it can.
std::string no_dry_run(const acl::user* who, acl_arguments args,
                       const resp::command_info* what, const alias* script) {
  auto call = args.subspan(3);
  if (!who)
    return "ERR User '" + std::string{excerpt(args[2])} + "' not found";
  if (!what && !script)
    return "ERR Command '" + std::string{excerpt(call[0])} + "' not found";
  if (what ? !what->accepts(call.size()) : !script->accepts(call.size()))
    return "ERR wrong number of arguments for '"
           + std::string{what ? what->name : script->name} + "' command";
  return what ? too_many_names(*what, call) : std::string{};
}

} // namespace

void append_categories(resp::writer out, acl_arguments args,
                       const alias_table* scripts) {
  if (args.size() > 3)
    return refuse_words(out, args[1]);
  if (args.size() == 2) {
    out.array(acl::categories().size());
    for (auto& x : acl::categories())
      out.bulk(x.name);
    return;
  }
  auto found = acl::find_category(args[2]);
  if (!found)
    return out.error("ERR Unknown category '" + std::string{excerpt(args[2])}
                     + "'");
  std::vector<std::string_view> names;
  acl::for_each_command([&](auto& x) {
    if (found->has(x))
      names.push_back(x.name);
  });
  if (scripts)
    for (auto& x : scripts->all())
      if (to_string(x.right) == found->name)
        names.push_back(x.name);
  out.array(names.size());
  for (auto x : names)
    out.bulk(x);
}

void append_user(resp::writer out, const acl::user_list& all,
                 std::string_view name) {
  auto who = all.find(name);
  if (!who)
    return out.null();
  auto flags = who->flags();
  out.map(6);
  out.bulk("flags");
  out.set(flags.size());
  for (auto x : flags)
    out.bulk(x);
  out.bulk("passwords");
  out.array(who->passwords().size());
  for (auto& x : who->passwords())
    out.bulk(x);
  append_selector(out, who->selectors()[0]);
  auto others = who->selectors().subspan(1);
  out.bulk("selectors");
  out.array(others.size());
  for (auto& x : others) {
    out.map(3);
    append_selector(out, x);
  }
}

bool append_dry_run(resp::writer out, const acl::user_list& all,
                    acl_arguments args, const alias_table* scripts) {
  auto call = args.subspan(3);
  auto what = resp::find_command(call[0]);
  if (what && call.size() > 1 && !what->subcommands.empty())
    what = resp::find_subcommand(*what, call[1]);
  auto script = what || !scripts ? nullptr : scripts->find(call[0]);
  auto who = all.find(args[2]);
  if (auto no = no_dry_run(who.get(), args, what, script); !no.empty()) {
    out.error(no);
    return true;
  }
  auto says = what ? acl::check_call(*who, *what, call)
                   : check_alias(*who, *script, scripts);
  if (what && says.allowed())
    says = check_called(*who, *what, call, scripts);
  if (!says.allowed()) {
    out.bulk(acl::describe(says));
    return true;
  }
  auto reach = what ? acl::services_of(*who, *what, call) : nullptr;
  auto names = what ? acl::services_in(*what, call) : acl::service_call{};
  if (reach && names.all)
    out.bulk(acl::describe_unreached(acl::key_of_service("*")));
  else if (acl::not_surely_reached(reach, names).empty())
    out.simple("OK");
  else
    return false;
  return true;
}

void append_password(resp::writer out, acl_arguments args) {
  if (args.size() > 3)
    return refuse_words(out, args[1]);
  auto bits = std::optional{usual_bits};
  if (args.size() == 3)
    bits = resp::strict_integer(args[2]);
  if (!bits)
    return out.error("ERR value is not an integer or out of range");
  if (*bits <= 0 || *bits > most_bits)
    return out.error("ERR ACL GENPASS argument must be the number of bits for "
                     "the output password, a positive number up to "
                     + std::to_string(most_bits));
  auto text = acl::random_password(static_cast<std::size_t>(*bits));
  text ? out.bulk(*text) : out.error("ERR " + text.error().detail);
}

void append_denials(resp::writer out, acl_arguments args, acl::denial_log* log,
                    std::chrono::system_clock::time_point now) {
  if (args.size() > 3)
    return refuse_words(out, args[1]);
  auto count = std::optional{usual_denials};
  if (args.size() == 3) {
    if (equal_ignoring_case(args[2], "RESET")) {
      if (log)
        log->clear();
      return out.simple("OK");
    }
    count = resp::strict_integer(args[2]);
    if (!count)
      return out.error("ERR value is not an integer or out of range");
  }
  std::vector<acl::denied> found;
  if (log && *count > 0)
    found = log->newest(static_cast<std::size_t>(*count));
  out.array(found.size());
  for (auto& x : found)
    append_denial(out, x, now);
}

} // namespace saker::session
