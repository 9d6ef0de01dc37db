#include "base/text.hpp"
#include "config/environment.hpp"
#include "config/key_table.hpp"

#include <charconv>
#include <vector>

#include <grp.h>

namespace saker::config {

namespace {

void read_node(const slot& from, std::string& node) {
  std::string name;
  from.read(name);
  if (name.empty())
    return;
  if (!valid_name(name))
    return from.refuse("a node is named with 1 to 63 letters, digits and "
                       "\"_.-\", a letter or digit first");
  node = std::move(name);
}

void read_directory(const slot& from, std::string& path) {
  auto value = from.text();
  if (!value)
    return;
  if (value->empty() || value->front() != '/')
    return from.refuse("must be an absolute path");
  path = std::move(*value);
}

void read_mode(const slot& from, mode_t& mode) {
  auto value = from.text("text in octal, such as \"0660\"");
  if (!value)
    return;
  unsigned number = 0;
  auto* end = value->data() + value->size();
  auto [at, ec] = std::from_chars(value->data(), end, number, 8);
  if (ec != std::errc{} || at != end || number > 0777)
    return from.refuse("must be octal, from \"0000\" to \"0777\", not \""
                       + printable(*value, 20) + '"');
  mode = number;
}

void read_group(const slot& from, settings& x) {
  auto name = from.text();
  if (!name || name->empty())
    return;
  std::vector<char> memory(std::size_t{16} * 1024);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name->c_str(), &entry, memory.data(), memory.size(), &found);
  auto number = parse_integer(*name);
  if (found)
    x.socket_gid = found->gr_gid;
  else if (number && *number >= 0 && *number < 0xffffffff)
    x.socket_gid = static_cast<gid_t>(*number);
  else
    return from.refuse("there is no group \"" + printable(*name, 40) + '"');
  x.socket_group = std::move(*name);
}

// -- the keys --------------------------------------------------------------------

constexpr known_key node_keys[] = {
  {"node", [](const slot& s, draft& x) { read_node(s, x.value.node); }},
  {"state-dir",
   [](const slot& s, draft& x) { read_directory(s, x.state_dir); }},
  {"runtime-dir",
   [](const slot& s, draft& x) { read_directory(s, x.runtime_dir); }},
  {"listen",
   [](const slot& s, draft& x) {
     s.read(x.listen);
     x.listen_slot = s;
   }},
  {"socket-group", [](const slot& s, draft& x) { read_group(s, x.value); }},
  {"socket-mode",
   [](const slot& s, draft& x) { read_mode(s, x.value.socket_mode); }},
  {"max-clients",
   [](const slot& s, draft& x) {
     s.integer(x.value.max_clients, 1, 1'000'000);
   }},
  {"io-uring", [](const slot& s, draft& x) { s.read(x.value.io_uring); }},
};

} // namespace

std::span<const known_key> keys_of_node() noexcept {
  return node_keys;
}

} // namespace saker::config
