#include "io/send_batch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <liburing.h>
#include <sys/socket.h>

namespace saker::io {

namespace {

/// The kernel takes as many parts at once (IOV_MAX).
constexpr std::size_t most_parts = 1024;

constexpr int send_flags = MSG_NOSIGNAL | MSG_DONTWAIT;

std::size_t size_of(std::span<const iovec> parts) {
  std::size_t result = 0;
  for (auto& x : parts)
    result += x.iov_len;
  return result;
}

} // namespace

send_source::~send_source() {
  if (in_)
    in_->remove(*this);
}

send_result send_alone(send_source& who) {
  std::array<iovec, most_parts> room;
  auto parts = std::span{room}.first(who.gather(room));
  ssize_t taken = 0;
  if (parts.size() == 1) {
    taken = ::send(who.send_to(), parts[0].iov_base, parts[0].iov_len,
                   send_flags);
  } else {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    taken = ::sendmsg(who.send_to(), &message, send_flags);
  }
  return {taken < 0 ? -errno : taken, size_of(parts)};
}

// -- the ring -------------------------------------------------------------------

/// Room for a batch and what the kernel says of it. The sources are not called
/// between `offer` and the results, so the parts stay where they are.
class send_batch::ring {
public:
  explicit ring(std::size_t most)
    : opened_(::io_uring_queue_init(static_cast<unsigned>(most), &ring_, 0)
              == 0),
      messages_(most), outcomes_(most), parts_(most + most_parts) {
    // nop
  }

  ~ring() {
    if (opened_)
      ::io_uring_queue_exit(&ring_);
  }

  ring(const ring&) = delete;
  ring& operator=(const ring&) = delete;

  /// Linux has rings since 5.1, but sends by them only since 5.6, as it has the
  /// means to ask.
  bool can_send() noexcept {
    auto* known = opened_ ? ::io_uring_get_probe_ring(&ring_) : nullptr;
    if (!known)
      return false;
    auto result = ::io_uring_opcode_supported(known, IORING_OP_SEND)
                  && ::io_uring_opcode_supported(known, IORING_OP_SENDMSG);
    ::io_uring_free_probe(known);
    return result;
  }

  /// Takes what `who` has to send as number `slot` of at most `most`; false if
  /// there is no more room for parts.
  bool offer(send_source& who, std::size_t slot) {
    auto room = std::span{parts_}.subspan(used_);
    if (room.size() < most_parts)
      return false;
    auto parts = room.first(who.gather(room.first(most_parts)));
    auto* entry = ::io_uring_get_sqe(&ring_);
    if (parts.size() == 1) {
      ::io_uring_prep_send(entry, who.send_to(), parts[0].iov_base,
                           parts[0].iov_len, send_flags);
    } else {
      auto& message = messages_[slot];
      message = {};
      message.msg_iov = parts.data();
      message.msg_iovlen = parts.size();
      ::io_uring_prep_sendmsg(entry, who.send_to(), &message, send_flags);
    }
    ::io_uring_sqe_set_data64(entry, slot);
    outcomes_[slot] = {unknown, size_of(parts)};
    used_ += parts.size();
    ++left_;
    return true;
  }

  /// Sends what was offered; false if the kernel did not take all of it: the
  /// ring is of no use any more then.
  bool send() {
    used_ = 0;
    while (left_ > 0) {
      auto status = ::io_uring_submit_and_wait(&ring_,
                                               static_cast<unsigned>(left_));
      left_ -= reap();
      if (status < 0 && status != -EINTR)
        return false;
    }
    return true;
  }

  /// What came of a slot; `unknown` if the kernel did not take it.
  send_result of(std::size_t slot) const noexcept {
    return outcomes_[slot];
  }

  static constexpr ssize_t unknown = -4096; // no errno

private:
  std::size_t reap() {
    unsigned head = 0;
    unsigned count = 0;
    io_uring_cqe* entry = nullptr;
    io_uring_for_each_cqe(&ring_, head, entry) {
      outcomes_[::io_uring_cqe_get_data64(entry)].taken = entry->res;
      ++count;
    }
    ::io_uring_cq_advance(&ring_, count);
    return count;
  }

  io_uring ring_{};
  bool opened_;
  std::size_t left_ = 0; // of those offered
  std::size_t used_ = 0; // of the parts
  std::vector<msghdr> messages_;
  std::vector<send_result> outcomes_;
  std::vector<iovec> parts_;
};

// -- the batch ------------------------------------------------------------------

send_batch::send_batch(std::size_t most) : most_(most) {
  if (most_ == 0)
    return;
  ring_ = std::make_unique<ring>(most_);
  if (!ring_->can_send())
    ring_.reset();
}

send_batch::~send_batch() {
  for (auto* x : waiting_)
    if (x)
      x->in_ = nullptr;
}

void send_batch::add(send_source& who) {
  if (who.in_)
    return;
  who.in_ = this;
  who.index_ = waiting_.size();
  waiting_.push_back(&who);
}

void send_batch::remove(send_source& who) noexcept {
  if (who.in_ != this)
    return;
  who.in_ = nullptr;
  for (auto* list : {&now_, &waiting_})
    if (who.index_ < list->size() && (*list)[who.index_] == &who)
      (*list)[who.index_] = nullptr;
}

void send_batch::send() {
  if (waiting_.empty())
    return;
  now_.swap(waiting_);
  auto several = now_.size() > 1;
  for (std::size_t first = 0; first < now_.size();)
    first = several && ring_ ? send_together(first) : send_one(first);
  now_.clear();
}

// A source that another one destroys, or takes out, in its `sent` is null by
// then; it hears nothing, though its bytes may have left.
send_source* send_batch::take(std::size_t i) noexcept {
  auto* who = std::exchange(now_[i], nullptr);
  if (who)
    who->in_ = nullptr;
  return who;
}

std::size_t send_batch::send_one(std::size_t i) {
  if (auto* who = take(i))
    who->sent(send_alone(*who));
  return i + 1;
}

std::size_t send_batch::send_together(std::size_t first) {
  auto end = first;
  auto most = std::min(now_.size(), first + most_);
  while (end < most && (!now_[end] || ring_->offer(*now_[end], end - first)))
    ++end;
  auto all = ring_->send();
  for (auto i = first; i < end; ++i) {
    auto* who = take(i);
    if (!who)
      continue;
    auto what = ring_->of(i - first);
    if (what.taken == ring::unknown)
      what = send_alone(*who);
    else
      ++joined_;
    who->sent(what);
  }
  if (!all)
    ring_.reset();
  return end;
}

} // namespace saker::io
