#pragma once

#include "resp/value.hpp"
#include "resp/writer.hpp"
#include "session/effect.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace saker::session {

/// Puts replies into the order of the commands. A command that is answered at
/// once writes through `now`; one that another actor answers takes a slot by
/// `promise`, which holds back what comes after it. The replies of a group
/// leave together, when the last of them is there.
class reply_queue {
public:
  /// Where the reply of the present command goes: the output, or behind the
  /// open slots. Valid until the next call.
  std::string& now();

  /// A slot that `fill` fills with a value, encoded for `dialect`.
  void promise(request_id id, resp::protocol dialect);

  /// A slot whose bytes are known but have to wait for `fill(id)`.
  void promise(request_id id, std::string ready);

  /// The next slot of a batch of PUBLISHes; a silent one stays empty.
  void
  promise_count(request_id batch, resp::protocol dialect, bool silent = false);

  /// What is replied and promised until `close_group` is one group. Groups do
  /// not nest; several may wait.
  void open_group();
  void close_group();

  /// Fills the slot of `id`. False if there is none: late answers of a
  /// cancelled request are no error.
  bool fill(request_id id, const resp::value& x);

  /// Fills the slots of a batch; missing counts are 0.
  bool fill_counts(request_id batch, std::span<const std::int64_t> counts);

  /// Commands whose replies are not yet in the output.
  std::size_t open() const noexcept {
    return open_;
  }

  /// Slots that wait for somebody.
  std::size_t unanswered() const noexcept {
    return unanswered_;
  }

  /// Bytes in the output and in the slots.
  std::size_t size() const noexcept {
    return output_.size() + behind_
           + (slots_.empty() ? 0 : slots_.back().text.size());
  }

  /// What the output has room for.
  std::size_t capacity() const noexcept {
    return output_.capacity() > std::string{}.capacity() ? output_.capacity()
                                                         : 0;
  }

  /// The largest output since it was forgotten.
  std::size_t peak() const noexcept {
    return std::max(peak_, output_.size());
  }

  void forget_peak() noexcept {
    peak_ = 0;
  }

  /// Whole replies, in order; leaves nothing. Whoever has sent them may give
  /// the string to `give_buffer`: the next one is filled into that.
  std::string take() {
    peak_ = peak();
    return std::exchange(output_, {});
  }

private:
  enum class kind : std::uint8_t {
    done,
    encode,
    prepared,
    count,
    silent_count,
    group, ///< stands before a group until all of it is done
  };

  struct slot {
    request_id id = 0;
    kind what = kind::done;
    resp::protocol dialect = resp::protocol::resp2;
    std::size_t commands = 1; ///< several ready ones share a slot
    std::string text = {};
  };

  /// Slots have numbers that stay when others are erased.
  struct group {
    std::size_t begin; ///< its slot `kind::group`
    std::size_t end;   ///< behind its last slot
    std::size_t missing;
  };

  std::string& output();
  slot& add(slot x);
  void count_down(std::size_t index);
  void finish(const group& x);
  void flush();

  std::string output_;
  std::vector<slot> slots_;
  std::size_t first_ = 0;     ///< slots before this one are gone
  std::size_t before_ = 0;    ///< number of the first one in `slots_`
  std::vector<group> groups_; ///< not yet done; the last may be open
  std::size_t behind_ = 0;    ///< bytes in all slots but the last
  std::size_t open_ = 0;
  std::size_t unanswered_ = 0;
  std::size_t peak_ = 0;
};

} // namespace saker::session
