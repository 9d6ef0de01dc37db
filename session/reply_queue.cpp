#include "session/reply_queue.hpp"

#include <algorithm>

namespace saker::session {

reply_queue::slot& reply_queue::add(slot x) {
  ++open_;
  if (!slots_.empty())
    behind_ += slots_.back().text.size();
  return slots_.emplace_back(std::move(x));
}

std::string& reply_queue::now() {
  if (slots_.empty())
    return output_;
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

void reply_queue::promise_count(request_id batch, resp::protocol dialect) {
  ++unanswered_;
  add({batch, kind::count, dialect});
}

bool reply_queue::fill(request_id id, const resp::value& x) {
  auto waiting = [id](const slot& y) {
    return y.id == id && (y.what == kind::encode || y.what == kind::prepared);
  };
  auto at = std::find_if(slots_.begin() + static_cast<std::ptrdiff_t>(first_),
                         slots_.end(), waiting);
  if (at == slots_.end())
    return false;
  if (at->what == kind::encode) {
    resp::writer{at->text, at->dialect}.append(x);
    if (&*at != &slots_.back())
      behind_ += at->text.size();
  }
  at->what = kind::done;
  --unanswered_;
  flush();
  return true;
}

bool reply_queue::fill_counts(request_id batch,
                              std::span<const std::int64_t> counts) {
  auto found = false;
  for (auto i = first_; i < slots_.size(); ++i) {
    auto& x = slots_[i];
    if (x.what != kind::count || x.id != batch)
      continue;
    auto count = counts.empty() ? 0 : counts.front();
    resp::writer{x.text, x.dialect}.integer(count);
    if (&x != &slots_.back())
      behind_ += x.text.size();
    counts = counts.subspan(counts.empty() ? 0 : 1);
    x.what = kind::done;
    --unanswered_;
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
    output_ += x.text;
    if (first_ + 1 < slots_.size())
      behind_ -= x.text.size();
    x.text = {};
    open_ -= x.commands;
  }
  if (first_ == slots_.size()) {
    slots_.clear();
    if (slots_.capacity() > 64)
      std::vector<slot>{}.swap(slots_);
    first_ = 0;
  } else if (first_ > slots_.size() / 2) {
    slots_.erase(slots_.begin(),
                 slots_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

} // namespace saker::session
