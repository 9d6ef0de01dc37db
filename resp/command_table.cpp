#include "resp/command_table.hpp"

#include "base/text.hpp"
#include "resp/command_table_connection.hpp"
#include "resp/command_table_figures.hpp"
#include "resp/command_table_keys.hpp"
#include "resp/command_table_pubsub.hpp"
#include "resp/command_table_scripting.hpp"
#include "resp/command_table_server.hpp"
#include "resp/command_table_supervision.hpp"
#include "resp/command_table_users.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace saker::resp {

namespace {

using kind = argument_info::kind;

template <std::size_t... Sizes>
constexpr auto joined(const command_info (&... parts)[Sizes]) {
  std::array<command_info, (Sizes + ...)> all{};
  auto end = all.begin();
  ((end = std::copy(parts, parts + Sizes, end)), ...);
  std::sort(all.begin(), all.end(),
            [](auto& x, auto& y) { return x.name < y.name; });
  return all;
}

constexpr auto all_commands = joined(
  tables::connection_commands, tables::figures_commands, tables::keys_commands,
  tables::pubsub_commands, tables::scripting_commands, tables::server_commands,
  tables::supervision_commands, tables::users_commands);

// -- lookup: a flat table, open addressing, made by the compiler ----------------

constexpr std::size_t max_name = 16;
constexpr std::size_t slots = 256;
constexpr std::uint8_t free_slot = 0xff;

static_assert(std::size(all_commands) < slots / 2, "make the table larger");

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr std::uint32_t hash(std::string_view name) noexcept {
  std::uint32_t result = 2166136261u;
  for (auto c : name)
    result = (result ^ static_cast<std::uint8_t>(lower(c))) * 16777619u;
  return result ^ (result >> 15);
}

constexpr bool same(std::string_view known, std::string_view name) noexcept {
  if (known.size() != name.size())
    return false;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i] != lower(name[i]))
      return false;
  return true;
}

constexpr auto make_table() {
  std::array<std::uint8_t, slots> table{};
  table.fill(free_slot);
  for (std::size_t i = 0; i < std::size(all_commands); ++i) {
    auto at = hash(all_commands[i].name) % slots;
    while (table[at] != free_slot)
      at = (at + 1) % slots;
    table[at] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto slot_table = make_table();

constexpr bool sound() {
  for (std::size_t i = 0; i < std::size(all_commands); ++i) {
    auto& x = all_commands[i];
    if (x.name.size() > max_name
        || (i > 0 && !(all_commands[i - 1].name < x.name)))
      return false;
    for (auto& sub : x.subcommands)
      if (!sub.name.starts_with(x.name) || sub.name[x.name.size()] != '|')
        return false;
  }
  return true;
}

static_assert(sound(), "names in order, subcommands named `parent|sub`");

// -- usage ---------------------------------------------------------------------

void append_usage(std::string& out, const argument_info& x);

void append_parts(std::string& out, const argument_info& x) {
  for (std::size_t i = 0; i < x.parts.size(); ++i) {
    if (i > 0)
      out += x.type == kind::oneof ? "|" : " ";
    append_usage(out, x.parts[i]);
  }
}

void append_usage(std::string& out, const argument_info& x) {
  if (x.optional)
    out += '[';
  out += x.token;
  if (!x.token.empty() && x.type != kind::token)
    out += ' ';
  auto start = out.size();
  if (!x.parts.empty())
    append_parts(out, x);
  else if (x.type != kind::token)
    out += x.name;
  if (x.multiple)
    out += " [" + out.substr(start) + " ...]";
  if (x.optional)
    out += ']';
}

} // namespace

std::string_view to_string(right x) noexcept {
  switch (x) {
    case right::none: return "none";
    case right::status: return "status";
    case right::events: return "events";
    case right::control: return "control";
    case right::script: return "script";
    case right::admin: return "admin";
  }
  return "none";
}

std::span<const command_info> commands() noexcept {
  return all_commands;
}

const command_info* find_command(std::string_view name) noexcept {
  if (name.size() > max_name)
    return nullptr;
  for (auto at = hash(name) % slots; slot_table[at] != free_slot;
       at = (at + 1) % slots)
    if (same(all_commands[slot_table[at]].name, name))
      return &all_commands[slot_table[at]];
  return nullptr;
}

const command_info*
find_subcommand(const command_info& container, std::string_view name) noexcept {
  for (auto& x : container.subcommands)
    if (same(x.last_name(), name))
      return &x;
  return nullptr;
}

const command_info* find_full_name(std::string_view name) noexcept {
  auto bar = name.find('|');
  auto result = find_command(name.substr(0, bar));
  if (!result || bar == name.npos)
    return result;
  return find_subcommand(*result, name.substr(bar + 1));
}

std::string usage(const command_info& x) {
  auto out = to_upper(x.name);
  std::replace(out.begin(), out.end(), '|', ' ');
  for (auto& argument : x.arguments) {
    out += ' ';
    append_usage(out, argument);
  }
  return out;
}

} // namespace saker::resp
