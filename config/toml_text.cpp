#include "config/toml_text.hpp"

#include "config/file.hpp"

namespace saker::config {

result<toml::table>
parse_toml(std::string_view text, const std::filesystem::path& path) {
  if (text.size() > largest_file)
    return fail(errc::limit, path.string() + ": larger than "
                               + std::to_string(largest_file) + " bytes");
  try {
    return toml::parse(text, path.string());
  } catch (const toml::parse_error& e) {
    return fail(errc::syntax,
                path.string() + ':' + std::to_string(e.source().begin.line)
                  + ": not TOML: " + std::string{e.description()});
  }
}

} // namespace saker::config
