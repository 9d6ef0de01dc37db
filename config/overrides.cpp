#include "config/overrides.hpp"

#include "base/text.hpp"
#include "config/file.hpp"
#include "config/reader.hpp"
#include "config/toml_text.hpp"
#include "config/trusted_path.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace saker::config {

namespace {

constexpr std::string_view first_words = "# Whole with its last line. ";
constexpr std::string_view last_line = "# That is all.";

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
  return text + std::string{last_line} + '\n';
}

/// After a power cut a disk may have kept the beginning only. What others wrote,
/// or an older Saker, does not say where it ends.
bool is_torn(std::string_view text) {
  return first_words.starts_with(text)
         || (text.starts_with(first_words) && !trim(text).ends_with(last_line));
}

failure torn(const std::filesystem::path& path) {
  return fail(errc::corrupt,
              path.string()
                + ": its last line is missing, so there may have been more; "
                  "correct or remove the file");
}

constexpr std::string_view password_word = "requirepass";

/// The digest of no password that anybody knows.
constexpr std::string_view no_password
  = "#0000000000000000000000000000000000000000000000000000000000000000";

bool is_password(const redis_parameter& x) {
  return equal_ignoring_case(x.name, password_word);
}

bool mentions_password(std::string_view text) {
  return to_lower(text).find(password_word) != std::string::npos;
}

/// The text of the file; nothing if there is none.
result<std::optional<std::string>>
kept_text(const std::filesystem::path& path, uid_t own) {
  std::error_code ec;
  auto type = std::filesystem::symlink_status(path, ec).type();
  if (type == std::filesystem::file_type::not_found)
    return std::nullopt;
  if (auto ok = trusted_path(path, own); !ok)
    return ok.error();
  auto text = read_file(path);
  if (!text)
    return text.error();
  return std::move(*text);
}

/// One that another program left may begin with [redis], or write
/// `redis.timeout = 5`.
void walk_line(reader& kept, const toml::table& line) {
  auto whole = line.size() == 1 && line.begin()->first.str() == "redis";
  kept.walk(line, whole ? "" : "redis");
}

/// Lines of a text that is not TOML as a whole. Says whether one could not be
/// read that speaks of the password.
bool read_lines(std::string_view text, const std::filesystem::path& path,
                salvage& into) {
  auto lost = false;
  std::size_t number = 0;
  for (auto line : split(text, '\n')) {
    ++number;
    auto table = parse_toml(line, path);
    if (!table) {
      lost |= mentions_password(line);
      continue;
    }
    draft one;
    reader kept{path.string(), one, true};
    walk_line(kept, *table);
    lost |= !kept.finish() && mentions_password(line);
    for (auto& x : one.value.redis) {
      x.place = path.string() + ':' + std::to_string(number) + ": redis."
                + x.name;
      into.values.push_back(std::move(x));
    }
  }
  return lost;
}

void add_lines(std::vector<std::string>& to, const std::string& text) {
  for (auto line : split(text, '\n'))
    to.emplace_back(line);
}

/// Whoever read less than stood there must not open what was shut.
void shut(salvage& what, const std::filesystem::path& path, bool lost) {
  std::erase_if(what.values,
                [](auto& x) { return is_password(x) && x.value.empty(); });
  if (!lost)
    return;
  redis_parameter none;
  none.name = password_word;
  none.value = no_password;
  none.place = path.string() + ": redis.requirepass";
  none.overrides = true;
  what.values.push_back(std::move(none));
  what.errors.push_back(
    path.string()
    + ": a password may stand there that cannot be read: no password is right "
      "until that is mended; correct or remove the file and start Saker anew, "
      "or set one over the UNIX socket: CONFIG SET requirepass …");
}

} // namespace

std::filesystem::path overrides_file(const std::filesystem::path& state_dir) {
  return state_dir / "overrides.toml";
}

std::filesystem::path live_file(const std::filesystem::path& runtime_dir) {
  return runtime_dir / "live.toml";
}

std::string overrides_text(const override_list& what) {
  return std::string{first_words}
         + "Written by CONFIG REWRITE, read after\n# saker.toml. Remove lines "
           "of "
           "[redis], or the file: saker.toml counts again at\n# the next "
           "start.\n\n"
         + section_of(what);
}

std::string live_text(const override_list& what) {
  return std::string{first_words}
         + "Written by CONFIG SET, for a node that is\n# started again after a "
           "fault. CONFIG REWRITE keeps it for ever.\n\n"
         + section_of(what);
}

result<void> check_overrides(std::string_view text) {
  auto table = parse_toml(text, "overrides.toml");
  if (!table)
    return fail(errc::invalid_argument,
                "the changed parameters cannot be kept: "
                  + table.error().detail);
  return {};
}

result<std::vector<redis_parameter>>
read_overrides(const std::filesystem::path& path, uid_t own) {
  auto text = kept_text(path, own);
  if (!text)
    return text.error();
  if (!*text)
    return std::vector<redis_parameter>{};
  if (is_torn(**text))
    return torn(path);
  auto table = parse_toml(**text, path);
  if (!table)
    return table.error();
  draft found;
  reader kept{path.string(), found, true};
  kept.walk(*table, "");
  if (auto ok = kept.finish(); !ok)
    return ok.error();
  return std::move(found.value.redis);
}

salvage salvage_overrides(const std::filesystem::path& path, uid_t own) {
  salvage result;
  auto text = kept_text(path, own);
  if (!text) {
    add_lines(result.errors, text.error().detail);
    shut(result, path, true);
    return result;
  }
  if (!*text)
    return result;
  auto part = is_torn(**text);
  auto table = parse_toml(**text, path);
  if (part || !table) {
    auto lost = read_lines(**text, path, result);
    add_lines(result.errors, (part ? torn(path) : table.error()).detail);
    result.errors.back() += ": of its lines those count that can be read";
    shut(result, path, part || lost);
    return result;
  }
  draft found;
  reader kept{path.string(), found, true};
  kept.walk(*table, "");
  result.values = std::move(found.value.redis);
  if (auto ok = kept.finish(); !ok) {
    add_lines(result.errors, ok.error().detail);
    shut(result, path, mentions_password(ok.error().detail));
  }
  return result;
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
