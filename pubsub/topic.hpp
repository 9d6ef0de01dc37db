#pragma once

#include "base/bytes.hpp"
#include "pubsub/flat_table.hpp"
#include "pubsub/subscription.hpp"
#include "resp/value.hpp"

#include <boost/intrusive/set_hook.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace saker::pubsub {

class topic;

/// One receiver as the index knows it.
class subscriber {
public:
  subscriber_id id = 0;
  resp::protocol protocol = resp::protocol::resp2;

  // -- of this turn, see `exchange`

  std::vector<shared_bytes> outbox;
  std::size_t queued_at = not_queued;
  std::uint64_t met_in = 0; ///< the last run that met it …
  std::uint32_t ways = 0;   ///< … in so many ways

  static constexpr auto not_queued = std::numeric_limits<std::size_t>::max();

  /// All kinds together.
  std::size_t subscriptions() const noexcept {
    return places_.size();
  }

private:
  friend class index;
  friend class topic;

  /// Where in a topic this subscriber stands.
  struct place {
    topic* what = nullptr;
    std::uint32_t at = 0;

    std::uint32_t hash() const noexcept;

    bool free() const noexcept {
      return !what;
    }
  };

  place* find(const topic& what) noexcept;

  flat_table<place> places_;
};

/// The subscribers of one channel, pattern or shard, in the order they came.
/// Made and ended by the index only; lies in one block with its name.
class topic {
public:
  topic(const topic&) = delete;
  topic& operator=(const topic&) = delete;

  std::string_view name() const noexcept {
    return {reinterpret_cast<const char*>(this) + name_at_, name_size_};
  }

  subscription_kind kind() const noexcept {
    return kind_;
  }

  std::size_t size() const noexcept {
    return alive_;
  }

  /// Of the name.
  std::uint32_t hash() const noexcept {
    return hash_;
  }

  static std::uint32_t hash_of(std::string_view name) noexcept;

  /// Calls `f(subscriber&)` for each, in order of subscription. `f` must not
  /// change subscriptions.
  template <class F>
  void for_each(F f) const {
    auto all = slots();
    for (std::uint32_t i = 0; i < used_; ++i)
      if (all[i])
        f(*all[i]);
  }

protected:
  topic(subscription_kind kind, std::string_view name,
        std::size_t size) noexcept;
  ~topic();

private:
  friend class index;

  static topic* make(subscription_kind kind, std::string_view name);
  static void end(topic* x) noexcept;

  std::uint32_t add(subscriber& who);
  void remove(std::uint32_t place);
  void resize(std::uint32_t room);
  void close_gaps();

  subscriber* const* slots() const noexcept {
    return room_ == 1 ? &only_ : many_;
  }

  subscriber** slots() noexcept {
    return room_ == 1 ? &only_ : many_;
  }

  // A null slot is where somebody left: leaving moves nobody.
  union {
    subscriber* only_ = nullptr;
    subscriber** many_;
  };
  std::uint32_t used_ = 0; ///< slots, with those that are null
  std::uint32_t room_ = 1;
  std::uint32_t alive_ = 0;
  std::uint32_t hash_;
  std::uint32_t name_size_;
  subscription_kind kind_;
  std::uint8_t name_at_; ///< behind this object
};

/// A topic that is a pattern, in the order of the `pattern_index`.
class pattern_topic final
  : public topic,
    public boost::intrusive::set_base_hook<
      boost::intrusive::link_mode<boost::intrusive::normal_link>,
      boost::intrusive::optimize_size<true>> {
public:
  /// As `frame_of` says; of very long literals a part.
  std::string_view head() const noexcept {
    return name().substr(0, head_);
  }

  std::string_view middle() const noexcept {
    return name().substr(middle_at_, middle_);
  }

  std::string_view tail() const noexcept {
    return name().substr(name().size() - tail_);
  }

private:
  friend class topic;

  explicit pattern_topic(std::string_view name) noexcept;
  ~pattern_topic() = default;

  std::uint16_t head_;
  std::uint16_t tail_;
  std::uint16_t middle_at_;
  std::uint16_t middle_;
};

inline std::uint32_t subscriber::place::hash() const noexcept {
  return what->hash();
}

inline subscriber::place* subscriber::find(const topic& what) noexcept {
  return places_.find(what.hash(),
                      [&](const place& x) { return x.what == &what; });
}

} // namespace saker::pubsub
