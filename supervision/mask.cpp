#include "supervision/mask.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace saker::supervision {

namespace {

constexpr std::size_t longest_mask = 256;

failure no_service(const mask& x, const std::vector<instance>& known) {
  std::vector<std::string> names;
  for (auto& who : known) {
    names.push_back(who.name);
    if (who.counted)
      names.push_back(who.display());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  auto hint = did_you_mean(x.text, names);
  if (equal_ignoring_case(x.text, "all"))
    hint = "; all of them are \"*\"";
  if (hint.empty())
    hint = names.empty() ? ": none is defined" : "; SVSTATUS lists all";
  return fail(errc::no_such_service,
              "no service matches \"" + printable(x.text, 80) + "\"" + hint);
}

} // namespace

result<mask> parse_mask(std::string_view text) {
  auto bad = [&](const char* why) {
    return fail(errc::syntax, "\"" + printable(text, 80)
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
               "NAME JSON, NAME WAIT 5000");
  if (text.front() == '%')
    return fail(errc::unsupported, "\"" + printable(text, 80)
                                     + "\": groups are not available yet; "
                                       "name services or use a mask");
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

bool matches(const mask& x, const instance& who, glob_function glob) {
  return glob(x.name, who.name)
         && (x.index.empty() || glob(x.index, std::to_string(who.index)));
}

bool matches_node(const mask& x, std::string_view name, bool is_self,
                  glob_function glob) {
  return x.node.empty() ? is_self : glob(x.node, name);
}

result<std::vector<instance>>
resolve(const std::vector<mask>& masks, const std::vector<instance>& known,
        glob_function glob) {
  if (masks.empty())
    return known;
  for (auto& x : masks) {
    auto meant = [&](const instance& who) { return matches(x, who, glob); };
    if (!x.all() && std::none_of(known.begin(), known.end(), meant))
      return no_service(x, known);
  }
  std::vector<instance> result;
  for (auto& who : known)
    if (std::any_of(masks.begin(), masks.end(),
                    [&](const mask& x) { return matches(x, who, glob); }))
      result.push_back(who);
  return result;
}

} // namespace saker::supervision
