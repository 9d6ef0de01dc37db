#include "cli/server_error.hpp"

#include "base/text.hpp"
#include "cli/printed_text.hpp"

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

} // namespace

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
