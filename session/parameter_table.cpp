#include "session/parameter_table.hpp"

#include "base/text.hpp"
#include "session/parameter_table_cluster.hpp"
#include "session/parameter_table_keys.hpp"
#include "session/parameter_table_network.hpp"
#include "session/parameter_table_persistence.hpp"
#include "session/parameter_table_replication.hpp"
#include "session/parameter_table_server.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace saker::session {

namespace {

constexpr bool
before(const parameter_info& x, const parameter_info& y) noexcept {
  return x.name < y.name;
}

template <std::size_t... Sizes>
constexpr auto joined(const parameter_info (&... parts)[Sizes]) {
  std::array<parameter_info, (Sizes + ...)> all{};
  auto end = all.begin();
  ((end = std::copy(parts, parts + Sizes, end)), ...);
  std::sort(all.begin(), all.end(), before);
  return all;
}

// As redis-server 7.0.15 tells them. Most of them mean something only where
// there are keys, replicas or a disk; clients set and read them all the same.
constexpr auto table
  = joined(tables::cluster_parameters, tables::keys_parameters,
           tables::network_parameters, tables::persistence_parameters,
           tables::replication_parameters, tables::server_parameters);

static_assert(std::adjacent_find(table.begin(), table.end(),
                                 [](auto& x, auto& y) { return !before(x, y); })
                == table.end(),
              "each parameter has one name");

} // namespace

std::span<const parameter_info> all_parameters() noexcept {
  return table;
}

const parameter_info* find_parameter(std::string_view name) {
  auto word = to_lower(name);
  auto i = std::lower_bound(
    std::begin(table), std::end(table), word,
    [](const parameter_info& x, const std::string& y) { return x.name < y; });
  return i != std::end(table) && i->name == word ? i : nullptr;
}

} // namespace saker::session
