#include "cli/server_error.hpp"

#include "base/text.hpp"
#include "cli/printed_text.hpp"
#include "cli/verbs.hpp"

#include <algorithm>

namespace saker::cli {

namespace {

constexpr auto other_user
  = "; be somebody else with SAKER_URL=redis://USER:PASSWORD@HOST:PORT, or "
    "type it as root";

struct code_meaning {
  std::string_view word;
  errc code;
  std::string_view hint;
};

constexpr code_meaning meanings[] = {
  {"NOPERM", errc::not_permitted, other_user},
  {"NOAUTH", errc::not_permitted,
   "; log in with SAKER_URL=redis://default:PASSWORD@HOST:PORT"},
  {"LOADING", errc::loading, "; try again in a moment"},
  {"NOSERVICE", errc::no_such_service, ""},
  {"NONODE", errc::no_such_node, ""},
  {"WRONGPASS", errc::not_permitted, ""},
};

bool is_code(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return c >= 'A' && c <= 'Z';
  });
}

/// What is typed to send this command; nothing if there is no such command.
std::string typed_for(std::string_view command) {
  for (auto& x : verbs())
    if (x.command == command)
      return "saker " + std::string{x.name};
  constexpr std::string_view others[] = {"SVGMEMBER", "SVGSTART", "SVGSTOP",
                                         "SVGSTATUS", "SVGRESTART"};
  for (auto x : others)
    if (x == command)
      return "saker exec " + std::string{command};
  return {};
}

bool is_part_of_word(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
         || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ':';
}

} // namespace

std::string in_words_of_cli(std::string_view text) {
  constexpr std::string_view forced = "Say SVAPPLY … FORCE to do it";
  std::string result{text};
  if (auto at = result.find(forced); at != std::string::npos)
    result.replace(at, forced.size(), "saker apply --force does it");
  for (std::size_t at = 0; (at = result.find("SV", at)) != std::string::npos;) {
    auto end = at;
    while (end < result.size() && result[end] >= 'A' && result[end] <= 'Z')
      ++end;
    auto typed = typed_for(std::string_view{result}.substr(at, end - at));
    auto whole = (at == 0 || !is_part_of_word(result[at - 1]))
                 && (end == result.size() || !is_part_of_word(result[end]));
    if (whole && !typed.empty())
      result.replace(at, end - at, typed);
    at += whole && !typed.empty() ? typed.size() : end - at;
  }
  return result;
}

failure failure_of(std::string_view error, std::string_view command) {
  auto word = error.substr(0, error.find(' '));
  auto text = shown(is_code(word) && word.size() < error.size()
                      ? error.substr(word.size() + 1)
                      : error);
  if (text.starts_with("unknown command"))
    return fail(errc::unsupported,
                "this Saker has no " + to_upper(command)
                  + " (it says: " + text.substr(0, text.find(", with args"))
                  + "); `saker exec help` lists what it has");
  for (auto& x : meanings)
    if (x.word == word)
      return fail(x.code, text + std::string{x.hint});
  return fail(errc::refused, text);
}

} // namespace saker::cli
