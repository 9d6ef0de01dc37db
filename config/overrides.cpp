#include "config/overrides.hpp"

#include "base/text.hpp"

#include <cstdio>

#include <toml++/toml.h>

namespace saker::config {

namespace {

std::string toml_string(std::string_view x) {
  std::string text = "\"";
  for (auto c : x) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", byte);
      text += escape;
    } else {
      text += c;
    }
  }
  return text + '"';
}

} // namespace

std::filesystem::path overrides_file(const std::filesystem::path& state_dir) {
  return state_dir / "overrides.toml";
}

std::string overrides_text(const override_list& what) {
  std::string text = "# Written by CONFIG REWRITE, read after saker.toml. "
                     "Remove lines, or the\n# file: saker.toml counts again at "
                     "the next start.\n\n[redis]\n";
  for (auto& [name, value] : what)
    text += name + " = " + toml_string(value) + '\n';
  return text;
}

result<void> check_overrides(std::string_view text) {
  constexpr std::size_t largest = 1 << 20; // as the reader takes it
  if (text.size() > largest)
    return fail(errc::invalid_argument,
                "the changed parameters are more than 1 MiB: not kept");
  try {
    std::ignore = toml::parse(text);
  } catch (const toml::parse_error& e) {
    return fail(errc::invalid_argument, "a changed parameter cannot be kept: "
                                          + std::string{e.description()});
  }
  return {};
}

std::vector<std::string> overridden_names(std::string_view text) {
  std::vector<std::string> names;
  for (auto line : split(text, '\n')) {
    auto at = line.find('=');
    line = trim(line);
    if (at != line.npos && !line.empty() && line.front() != '#')
      names.emplace_back(trim(line.substr(0, line.find('='))));
  }
  return names;
}

} // namespace saker::config
