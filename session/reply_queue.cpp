#include "session/reply_queue.hpp"

#include "base/buffer.hpp"

#include <algorithm>
#include <limits>

namespace saker::session {

std::string& reply_queue::output() {
  if (output_.empty() && output_.capacity() <= std::string{}.capacity())
    output_ = take_buffer();
  return output_;
}

reply_queue::slot& reply_queue::add(slot x) {
  ++open_;
  if (!slots_.empty())
    behind_ += slots_.back().text.size();
  return slots_.emplace_back(std::move(x));
}

std::string& reply_queue::now() {
  if (slots_.empty())
    return output();
  auto& last = slots_.back();
  if (last.what != kind::done)
    return add({}).text;
  ++open_;
  ++last.commands;
  return last.text;
}

void reply_queue::promise(request_id id, resp::protocol dialect) {
  ++unanswered_;
  add({id, kind::encode, dialect});
}

void reply_queue::promise(request_id id, std::string ready) {
  ++unanswered_;
  add({id, kind::prepared}).text = std::move(ready);
}

void reply_queue::promise_count(request_id batch, resp::protocol dialect,
                                bool silent) {
  ++unanswered_;
  add({batch, silent ? kind::silent_count : kind::count, dialect});
}

// -- groups --------------------------------------------------------------------

void reply_queue::open_group() {
  auto begin = before_ + slots_.size();
  groups_.push_back({begin, std::numeric_limits<std::size_t>::max(), 0});
  add({0, kind::group});
}

void reply_queue::close_group() {
  auto& last = groups_.back();
  last.end = before_ + slots_.size();
  for (auto i = last.begin + 1; i < last.end; ++i)
    if (slots_[i - before_].what != kind::done)
      ++last.missing;
  if (last.missing > 0)
    return;
  finish(last);
  groups_.pop_back();
  flush();
}

/// All of it is there: nothing stands before it any more.
void reply_queue::finish(const group& x) {
  slots_[x.begin - before_].what = kind::done;
}

/// A slot has been filled while groups are open.
void reply_queue::count_down(std::size_t index) {
  auto number = before_ + index;
  // An open group counts what is missing when it is closed.
  auto mine = std::find_if(groups_.begin(), groups_.end(), [&](auto& x) {
    return x.begin < number && number < x.end && x.missing > 0;
  });
  if (mine == groups_.end() || --mine->missing > 0)
    return;
  finish(*mine);
  groups_.erase(mine);
}

// -- filling -------------------------------------------------------------------

bool reply_queue::fill(request_id id, const resp::value& x) {
  auto waiting = [id](const slot& y) {
    return y.id == id && (y.what == kind::encode || y.what == kind::prepared);
  };
  auto at = std::find_if(slots_.begin() + static_cast<std::ptrdiff_t>(first_),
                         slots_.end(), waiting);
  if (at == slots_.end())
    return false;
  if (at->what == kind::encode) {
    // The first one goes where it would be moved to.
    auto is_first = &*at == &slots_[first_];
    auto& text = is_first ? output() : at->text;
    resp::writer{text, at->dialect}.append(x);
    if (&*at != &slots_.back())
      behind_ += at->text.size();
  }
  at->what = kind::done;
  --unanswered_;
  if (!groups_.empty())
    count_down(static_cast<std::size_t>(at - slots_.begin()));
  flush();
  return true;
}

bool reply_queue::fill_counts(request_id batch,
                              std::span<const std::int64_t> counts) {
  auto found = false;
  for (auto i = first_; i < slots_.size(); ++i) {
    auto& x = slots_[i];
    if (x.id != batch
        || (x.what != kind::count && x.what != kind::silent_count))
      continue;
    auto count = counts.empty() ? 0 : counts.front();
    if (x.what == kind::count)
      resp::writer{x.text, x.dialect}.integer(count);
    if (&x != &slots_.back())
      behind_ += x.text.size();
    counts = counts.subspan(counts.empty() ? 0 : 1);
    x.what = kind::done;
    --unanswered_;
    if (!groups_.empty())
      count_down(i);
    found = true;
  }
  flush();
  return found;
}

/// Moves what has become ready to the output.
void reply_queue::flush() {
  for (; first_ < slots_.size() && slots_[first_].what == kind::done;
       ++first_) {
    auto& x = slots_[first_];
    output() += x.text;
    if (first_ + 1 < slots_.size())
      behind_ -= x.text.size();
    x.text = {};
    open_ -= x.commands;
  }
  if (first_ == slots_.size()) {
    slots_.clear(); // and there is no group any more
    if (slots_.capacity() > 64)
      std::vector<slot>{}.swap(slots_);
    first_ = 0;
  } else if (first_ > slots_.size() / 2) {
    before_ += first_;
    slots_.erase(slots_.begin(),
                 slots_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

} // namespace saker::session
