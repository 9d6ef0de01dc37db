#include "acl/name_list.hpp"

#include <algorithm>
#include <functional>

namespace saker::acl {

namespace {

constexpr std::size_t first_places = 8; // a power of two

} // namespace

bool name_list::contains(std::string_view name) const noexcept {
  return !names_.empty() && places_[place_of(name)] != 0;
}

void name_list::add(std::string_view name) {
  if (contains(name))
    return;
  if (2 * (names_.size() + 1) > places_.size())
    grow();
  auto place = place_of(name);
  names_.emplace_back(name);
  places_[place] = static_cast<std::uint32_t>(names_.size());
}

void name_list::clear() noexcept {
  names_.clear();
  places_.clear();
}

std::size_t name_list::place_of(std::string_view name) const noexcept {
  auto last = places_.size() - 1;
  auto i = std::hash<std::string_view>{}(name)&last;
  while (places_[i] != 0 && names_[places_[i] - 1] != name)
    i = (i + 1) & last;
  return i;
}

void name_list::grow() {
  places_.assign(std::max(first_places, 2 * places_.size()), 0);
  for (std::size_t i = 0; i < names_.size(); ++i)
    places_[place_of(names_[i])] = static_cast<std::uint32_t>(i + 1);
}

} // namespace saker::acl
