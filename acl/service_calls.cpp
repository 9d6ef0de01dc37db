#include "acl/service_calls.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <iterator>

namespace saker::acl {

namespace {

constexpr std::string_view kind_of_key = "service:";
constexpr std::string_view no_control
  = "this user has no permissions to control ";
constexpr std::string_view nothing_done = ", so nothing was done; ";
constexpr std::string_view no_definitions
  = "this user has no permissions to apply definitions, ";
constexpr std::string_view no_command
  = "this user has no permissions to run the '";

constexpr std::size_t longest_list = 200;

// -- words ---------------------------------------------------------------------

bool is_option(std::string_view word) {
  constexpr std::string_view all[]{"WAIT", "ROLLING", "JSON", "TEXT", "UTF8"};
  return std::any_of(std::begin(all), std::end(all),
                     [&](auto x) { return equal_ignoring_case(x, word); });
}

arguments until_option(arguments words) {
  auto end = std::find_if(words.begin(), words.end(), is_option);
  return words.first(static_cast<std::size_t>(end - words.begin()));
}

/// The words of a call that name services or groups.
arguments words_in(resp::command_id what, arguments args) {
  using id = resp::command_id;
  switch (what) {
    case id::svcheck:
    case id::svcont:
    case id::svdisable:
    case id::svdrop:
    case id::svenable:
    case id::svgmember:
    case id::svgrestart:
    case id::svgstart:
    case id::svgstatus:
    case id::svgstop:
    case id::svpause:
    case id::svreload:
    case id::svreset:
    case id::svrestart:
    case id::svstart:
    case id::svstatus:
    case id::svstop:
    case id::svtryrestart: return until_option(args.subspan(1));
    case id::svsignal: return until_option(args.subspan(2));
    case id::svconfig:
    case id::svlife:
    case id::svlog:
    case id::svrun:
    case id::svscale:
    case id::svwait:
    case id::svwhy: return args.subspan(1, 1);
    default: return {};
  }
}

bool names_groups(resp::command_id what) {
  using id = resp::command_id;
  constexpr id all[]{id::svgmember, id::svgrestart, id::svgstart, id::svgstatus,
                     id::svgstop};
  return std::find(std::begin(all), std::end(all), what) != std::end(all);
}

bool is_plain(const service_mask& x) {
  return x.group.empty() && x.name.find_first_of("*?[\\") == x.name.npos;
}

std::string what_may_be(const shared_services& reach) {
  return "it may control " + printable(changeable(reach), longest_list);
}

} // namespace

service_call services_in(const resp::command_info& what, arguments args) {
  using id = resp::command_id;
  service_call x;
  auto groups = names_groups(what.id);
  for (auto word : words_in(what.id, args))
    x.masks.push_back((groups && !word.starts_with('%') ? "%" : "")
                      + std::string{word});
  x.looks = what.right == resp::right::status;
  x.whole = what.id == id::svrun || what.id == id::svscale;
  x.all = what.id == id::svapply || what.id == id::svplan;
  return x;
}

std::vector<std::string>
not_surely_reached(const shared_services& reach, const service_call& what) {
  std::vector<std::string> open;
  if (!reach)
    return open;
  for (auto& text : what.masks) {
    auto asked = parse_service_mask(text, true, true);
    if (!asked || (what.looks && !is_plain(*asked)))
      continue;
    auto sure = [&](auto& rule) {
      return (what.looks ? rule.look : rule.change) && rule.covers(*asked)
             && (!what.whole || rule.whole());
    };
    if (std::none_of(reach->begin(), reach->end(), sure))
      open.push_back(text);
  }
  return open;
}

std::string describe_unreached(std::string_view key) {
  return "This user has no permissions to access the '" + std::string{key}
         + "' service";
}

std::string describe_elsewhere(std::string_view mask) {
  return "Whether this user may access the '" + key_of_service(mask)
         + "' service is known on that node only: try it there";
}

std::string key_of_service(std::string_view mask) {
  return std::string{kind_of_key}.append(mask);
}

// -- texts ---------------------------------------------------------------------

std::string
service_refusal(std::string_view service, const shared_services& reach) {
  std::string text{no_control};
  return text.append(service).append(nothing_done) + what_may_be(reach);
}

std::string definitions_refusal(const shared_services& reach) {
  return std::string{no_definitions} + "which are those of all services; "
         + what_may_be(reach);
}

std::optional<refused_object> refused_by_others(std::string_view reply) {
  constexpr std::string_view code = "NOPERM ";
  if (!reply.starts_with(code))
    return std::nullopt;
  reply.remove_prefix(code.size());
  auto between = [&](std::string_view start, std::string_view end) {
    auto rest = reply.substr(start.size());
    return std::string{rest.substr(0, rest.find(end))};
  };
  if (reply.starts_with(no_control))
    return refused_object{"key",
                          key_of_service(between(no_control, nothing_done))};
  if (reply.starts_with(no_definitions))
    return refused_object{"key", key_of_service("*")};
  if (reply.starts_with(no_command))
    return refused_object{"command", between(no_command, "'")};
  return std::nullopt;
}

} // namespace saker::acl
