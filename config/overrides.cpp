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

std::string section_of(const override_list& what) {
  std::string text = "[redis]\n";
  for (auto& [name, value] : what)
    text += name + " = " + toml_string(value) + '\n';
  return text;
}

} // namespace

std::filesystem::path overrides_file(const std::filesystem::path& state_dir) {
  return state_dir / "overrides.toml";
}

std::filesystem::path live_file(const std::filesystem::path& runtime_dir) {
  return runtime_dir / "live.toml";
}

std::string overrides_text(const override_list& what) {
  return "# Written by CONFIG REWRITE, read after saker.toml. "
         "Remove lines, or the\n# file: saker.toml counts again at "
         "the next start.\n\n"
         + section_of(what);
}

std::string live_text(const override_list& what) {
  return "# Written by CONFIG SET, for a node that is started again after a "
         "fault.\n# CONFIG REWRITE keeps it for ever.\n\n"
         + section_of(what);
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
