#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saker::acl {

/// Names in the order in which they came, each of them once. Whether one is
/// there takes as long among many as among few; a copy is plain memory.
class name_list {
public:
  const std::vector<std::string>& all() const noexcept {
    return names_;
  }

  bool contains(std::string_view name) const noexcept;

  /// Nothing happens if it is there.
  void add(std::string_view name);

  void clear() noexcept;

private:
  /// Where it stands in `places_`, or where it belongs.
  std::size_t place_of(std::string_view name) const noexcept;

  void grow();

  std::vector<std::string> names_;
  /// By hash: which name it is, from 1 on; 0: none. At most half are taken.
  std::vector<std::uint32_t> places_;
};

} // namespace saker::acl
