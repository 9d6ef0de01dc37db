#include "supervision/mask.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace saker::supervision {

namespace {

constexpr std::size_t longest_mask = 256;

std::vector<std::string> distinct(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

failure no_group(const mask& x, const std::vector<known_instance>& known) {
  std::vector<std::string> names;
  for (auto& one : known)
    for (auto& group : one.groups)
      names.push_back('%' + group);
  names = distinct(std::move(names));
  auto hint = did_you_mean(x.text, names);
  if (hint.empty() && names.empty())
    hint = "; no service is in any: groups = {\"name\"} in its definition "
           "puts it there";
  else if (hint.empty())
    hint = "; SVGMEMBER * lists who is in one";
  return fail(errc::no_such_service, "no service is in a group \""
                                       + printable(x.text.substr(1), 80) + "\""
                                       + hint);
}

failure no_service(const mask& x, const std::vector<known_instance>& known) {
  if (!x.group.empty())
    return no_group(x, known);
  std::vector<std::string> names;
  for (auto& [who, _] : known) {
    names.push_back(who.name);
    if (who.counted)
      names.push_back(who.display());
  }
  names = distinct(std::move(names));
  auto hint = did_you_mean(x.text, names);
  for (auto& one : known)
    if (std::find(one.groups.begin(), one.groups.end(), x.text)
        != one.groups.end())
      hint = "; \"%" + printable(x.text, 80) + "\" is a group";
  if (equal_ignoring_case(x.text, "all"))
    hint = "; all of them are \"*\"";
  if (hint.empty())
    hint = names.empty() ? ": none is defined" : "; SVSTATUS lists all";
  return fail(errc::no_such_service,
              "no service matches \"" + printable(x.text, 80) + "\"" + hint);
}

} // namespace

result<mask> parse_mask(std::string_view text) {
  auto bad = [whole = text](const char* why) {
    return fail(errc::syntax, "\"" + printable(whole, 80)
                                + "\" names no "
                                  "service: "
                                + why);
  };
  if (text.empty())
    return bad("it is empty");
  if (text.size() > longest_mask)
    return bad("it is longer than 256 bytes");
  if (is_command_word(text))
    return bad("it is an option, which comes last and complete: NAME TEXT, "
               "NAME JSON, NAME WAIT 5000, NAME ROLLING 2");
  mask result;
  result.text = std::string{text};
  auto at = text.rfind('@');
  if (at != std::string_view::npos) {
    result.node = std::string{text.substr(at + 1)};
    if (result.node.empty())
      return bad("there is no node after \"@\"");
    text = text.substr(0, at);
    if (text.empty())
      return result;
  }
  if (text.front() == '%') {
    result.group = std::string{text.substr(1)};
    if (result.group.empty())
      return bad("there is no group after \"%\"");
    return result;
  }
  auto colon = text.find(':');
  result.name = std::string{text.substr(0, colon)};
  if (result.name.empty())
    return bad("there is no name before \":\"");
  if (colon != std::string_view::npos) {
    result.index = std::string{text.substr(colon + 1)};
    if (result.index.empty())
      return bad("there is no number after \":\"");
  }
  return result;
}

bool matches(const mask& x, const known_instance& one, glob_function glob) {
  auto& who = one.who;
  auto in_group = [&](const std::string& group) {
    return glob(x.group, group);
  };
  return (x.group.empty()
          || std::any_of(one.groups.begin(), one.groups.end(), in_group))
         && glob(x.name, who.name)
         && (x.index.empty() || glob(x.index, std::to_string(who.index)));
}

bool matches_node(const mask& x, std::string_view name, bool is_self,
                  glob_function glob) {
  return x.node.empty() ? is_self : glob(x.node, name);
}

result<std::vector<instance>>
resolve(const std::vector<mask>& masks,
        const std::vector<known_instance>& known, glob_function glob) {
  for (auto& x : masks) {
    auto meant = [&](const known_instance& y) { return matches(x, y, glob); };
    if (!x.all() && std::none_of(known.begin(), known.end(), meant))
      return no_service(x, known);
  }
  std::vector<instance> result;
  for (auto& one : known)
    if (masks.empty()
        || std::any_of(masks.begin(), masks.end(),
                       [&](const mask& x) { return matches(x, one, glob); }))
      result.push_back(one.who);
  return result;
}

} // namespace saker::supervision
