#include "pubsub/topic.hpp"

#include "pubsub/glob.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <new>

namespace saker::pubsub {

namespace {

std::uint16_t capped(std::size_t x) noexcept {
  constexpr std::size_t most = std::numeric_limits<std::uint16_t>::max();
  return static_cast<std::uint16_t>(std::min(x, most));
}

} // namespace

// -- topic ---------------------------------------------------------------------

std::uint32_t topic::hash_of(std::string_view name) noexcept {
  std::uint64_t x = std::hash<std::string_view>{}(name);
  return static_cast<std::uint32_t>(x ^ (x >> 32));
}

topic::topic(subscription_kind kind, std::string_view name,
             std::size_t size) noexcept
  : hash_(hash_of(name)), name_size_(static_cast<std::uint32_t>(name.size())),
    kind_(kind), name_at_(static_cast<std::uint8_t>(size)) {
  if (!name.empty())
    std::memcpy(reinterpret_cast<char*>(this) + size, name.data(), name.size());
}

topic::~topic() {
  if (room_ > 1)
    delete[] many_;
}

topic* topic::make(subscription_kind kind, std::string_view name) {
  if (kind == subscription_kind::pattern)
    return new (::operator new(sizeof(pattern_topic) + name.size()))
      pattern_topic(name);
  return new (::operator new(sizeof(topic) + name.size()))
    topic(kind, name, sizeof(topic));
}

void topic::end(topic* x) noexcept {
  if (x->kind() == subscription_kind::pattern)
    static_cast<pattern_topic*>(x)->~pattern_topic();
  else
    x->~topic();
  ::operator delete(x);
}

/// Returns the place of the newcomer.
std::uint32_t topic::add(subscriber& who) {
  if (used_ == room_)
    resize(room_ == 1 ? 4 : room_ + room_ / 2);
  slots()[used_] = &who;
  ++alive_;
  return used_++;
}

void topic::remove(std::uint32_t place) {
  slots()[place] = nullptr;
  --alive_;
  if (used_ > 2 * alive_ + 8)
    close_gaps();
}

void topic::resize(std::uint32_t room) {
  auto old = slots();
  if (room == 1) {
    auto only = used_ == 0 ? nullptr : old[0];
    if (room_ > 1)
      delete[] many_;
    only_ = only;
  } else {
    auto fresh = new subscriber*[room];
    std::copy_n(old, used_, fresh);
    if (room_ > 1)
      delete[] many_;
    many_ = fresh;
  }
  room_ = room;
}

/// Half of the slots have been left since the last time: O(1) for each.
void topic::close_gaps() {
  auto all = slots();
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < used_; ++i)
    if (auto* who = all[i]) {
      who->find(*this)->at = count;
      all[count++] = who;
    }
  used_ = count;
  resize(std::max<std::uint32_t>(1, count));
}

// -- pattern -------------------------------------------------------------------

pattern_topic::pattern_topic(std::string_view name) noexcept
  : topic(subscription_kind::pattern, name, sizeof(pattern_topic)) {
  auto frame = frame_of(name);
  head_ = capped(frame.head.size());
  tail_ = capped(frame.tail.size());
  auto at = frame.middle.empty()
              ? std::size_t{0}
              : static_cast<std::size_t>(frame.middle.data() - name.data());
  auto is_far = at > std::numeric_limits<std::uint16_t>::max();
  middle_at_ = is_far ? std::uint16_t{0} : capped(at);
  middle_ = is_far ? std::uint16_t{0} : capped(frame.middle.size());
}

} // namespace saker::pubsub
