#include "supervision/service.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace saker::supervision {

namespace {

constexpr std::size_t longest_name = 63;

/// Words that stand for options in commands.
constexpr std::array<std::string_view, 9> reserved
  = {"JSON",  "TEXT",   "UTF8",  "WAIT", "ROLLING",
     "COUNT", "STREAM", "FORCE", "MASK"};

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
         || (c >= 'a' && c <= 'z');
}

void put_index(std::string& text, std::string_view index) {
  for (std::size_t at = 0; (at = text.find("{i}", at)) != std::string::npos;) {
    text.replace(at, 3, index);
    at += index.size();
  }
}

} // namespace

const hook& service::hook_of(hook_kind x) const noexcept {
  switch (x) {
    case hook_kind::before: return before;
    case hook_kind::after: return after;
    case hook_kind::on_failed: break;
  }
  return on_failed;
}

bool service::has_commands() const noexcept {
  return !before.empty() || !after.empty() || !on_failed.commands.empty()
         || !stop.command.empty() || (reload && !reload->command.empty());
}

std::string to_string(const place& x) {
  return x.line > 0 ? x.file + ":" + std::to_string(x.line) : x.file;
}

std::string instance::key() const {
  return name + "#" + std::to_string(index);
}

std::string instance::display() const {
  return counted ? name + ":" + std::to_string(index) : name;
}

std::optional<instance> parse_key(std::string_view key) {
  auto hash = key.rfind('#');
  if (hash == std::string_view::npos)
    return std::nullopt;
  auto index = parse_integer(key.substr(hash + 1));
  if (!index || *index < 0 || *index > UINT32_MAX)
    return std::nullopt;
  auto name = key.substr(0, hash);
  if (!check_name(name))
    return std::nullopt;
  return instance{std::string{name}, static_cast<std::uint32_t>(*index), false};
}

namespace {

result<void> check_name_of(std::string_view what, std::string_view name) {
  auto shown = "\"" + printable(name, 80) + "\"";
  auto wrong = [](char c) {
    return !is_alphanumeric(c) && c != '_' && c != '.' && c != '-';
  };
  if (name.empty())
    return fail(errc::invalid_argument,
                "a " + std::string{what} + " needs a name");
  if (name.size() > longest_name)
    return fail(errc::invalid_argument,
                shown + " is too long for a name: 63 characters at most");
  if (!is_alphanumeric(name.front())
      || std::any_of(name.begin(), name.end(), wrong))
    return fail(errc::invalid_argument,
                shown
                  + " is not a name: it must begin with a letter or digit and "
                    "go on with letters, digits, \"_\", \".\" or \"-\"");
  if (is_command_word(name))
    return fail(errc::invalid_argument,
                shown + " is a word of the commands: take another name");
  return {};
}

} // namespace

result<void> check_name(std::string_view name) {
  return check_name_of("service", name);
}

result<void> check_group_name(std::string_view name) {
  return check_name_of("group", name);
}

bool is_command_word(std::string_view text) {
  return std::any_of(reserved.begin(), reserved.end(), [&](auto word) {
    return equal_ignoring_case(text, word);
  });
}

service for_instance(const service& x, std::uint32_t index) {
  auto result = x;
  auto text = std::to_string(index);
  for (auto& argument : result.exec)
    put_index(argument, text);
  for (auto& argument : result.stop.command)
    put_index(argument, text);
  if (result.reload)
    for (auto& argument : result.reload->command)
      put_index(argument, text);
  for (auto* hook : {&result.before, &result.after, &result.on_failed})
    for (auto& command : hook->commands)
      for (auto& argument : command)
        put_index(argument, text);
  put_index(result.on_failed.url, text);
  for (auto& [_, value] : result.env)
    put_index(value, text);
  for (auto& socket : result.listen)
    put_index(socket.address, text);
  put_index(result.dir, text);
  put_index(result.input, text);
  put_index(result.pidfile, text);
  put_index(result.match, text);
  if (result.daemon) {
    put_index(result.daemon->pidfile, text);
    put_index(result.daemon->match, text);
  }
  if (result.log)
    put_index(result.log->file, text);
  return result;
}

std::vector<std::string> addresses_of(const service& x) {
  std::vector<std::string> result;
  for (auto& socket : x.listen)
    for (std::uint32_t i = 0; i < x.count; ++i) {
      auto address = socket.address;
      put_index(address, std::to_string(i));
      if (result.empty() || result.back() != address)
        result.push_back(std::move(address));
    }
  return result;
}

std::string log_file(const service& x, std::uint32_t index,
                     std::string_view state_dir, bool error) {
  if (!x.log)
    return {};
  auto path = x.log->file;
  if (path.empty())
    path = std::string{state_dir} + "/log/" + instance_of(x, index).display()
           + ".log";
  else
    put_index(path, std::to_string(index));
  if (!error)
    return path;
  auto slash = path.rfind('/');
  auto dot = path.rfind('.');
  auto has_extension = dot != std::string::npos && dot > 0
                       && (slash == std::string::npos || dot > slash + 1);
  return path.insert(has_extension ? dot : path.size(), ".err");
}

} // namespace saker::supervision
