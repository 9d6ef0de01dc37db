#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace saker::pubsub {

/// A hash table whose entries lie side by side: what is kept a hundred thousand
/// times must not cost a node and a bucket each. `Entry` is small and copied; it
/// knows its `hash()`, and `Entry{}` is a free place, of which `free()` is true.
/// Any change may move all entries.
template <class Entry>
class flat_table {
public:
  std::size_t size() const noexcept {
    return size_;
  }

  bool empty() const noexcept {
    return size_ == 0;
  }

  /// The entry of this hash that `same` says yes to, or `nullptr`.
  template <class Same>
  Entry* find(std::uint32_t hash, Same same) noexcept {
    if (size_ == 0)
      return nullptr;
    for (auto i = home(hash); !places_[i].free(); i = next(i))
      if (same(places_[i]))
        return &places_[i];
    return nullptr;
  }

  template <class Same>
  const Entry* find(std::uint32_t hash, Same same) const noexcept {
    return const_cast<flat_table*>(this)->find(hash, same);
  }

  /// Adds what is not there yet.
  void insert(Entry x) {
    if ((size_ + 1) * 4 > places_.size() * 3)
      rebuild(std::max(smallest, places_.size() + places_.size() / 2));
    put(x);
    ++size_;
  }

  /// Removes what `find` returned.
  void erase(Entry* x) {
    auto gap = static_cast<std::size_t>(x - places_.data());
    // What follows moves up, unless it would come before its home.
    for (auto i = next(gap); !places_[i].free(); i = next(i))
      if (distance(home(places_[i].hash()), i) >= distance(gap, i)) {
        places_[gap] = places_[i];
        gap = i;
      }
    places_[gap] = Entry{};
    --size_;
    if (size_ == 0)
      std::vector<Entry>{}.swap(places_);
    else if (places_.size() > smallest && size_ * 5 < places_.size())
      rebuild(std::max(smallest, size_ * 2));
  }

  /// Calls `f(entry)` for each, in no order. `f` must not change the table.
  template <class F>
  void for_each(F f) const {
    for (auto& x : places_)
      if (!x.free())
        f(x);
  }

private:
  static constexpr std::size_t smallest = 4;

  std::size_t home(std::uint32_t hash) const noexcept {
    return static_cast<std::size_t>((std::uint64_t{hash} * places_.size())
                                    >> 32);
  }

  std::size_t next(std::size_t i) const noexcept {
    return i + 1 == places_.size() ? 0 : i + 1;
  }

  std::size_t distance(std::size_t from, std::size_t to) const noexcept {
    return to >= from ? to - from : to + places_.size() - from;
  }

  void put(Entry x) noexcept {
    auto i = home(x.hash());
    while (!places_[i].free())
      i = next(i);
    places_[i] = x;
  }

  void rebuild(std::size_t capacity) {
    std::vector<Entry> old(capacity);
    old.swap(places_);
    for (auto& x : old)
      if (!x.free())
        put(x);
  }

  std::vector<Entry> places_;
  std::size_t size_ = 0;
};

} // namespace saker::pubsub
