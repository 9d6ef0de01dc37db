#include "link/channel.hpp"

#include "link/request.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>

namespace saker::link {

namespace {

constexpr std::size_t max_unclaimed_fds = 8192;
constexpr std::size_t segment_target = 65'536;
constexpr std::size_t receive_budget = std::size_t{256} << 10;

/// A request that may be sent (`max_request`) has nothing beyond these: what is
/// too long for its meaning is refused with an answer, and only nonsense breaks
/// the link. The smallest element has four bytes.
constexpr resp::reply_limits frame_limits = {
  .depth = 4,
  .bulk = std::size_t{16} << 20,
  .elements = max_request / 4,
  .line = 64,
};

struct control_buffer {
  alignas(cmsghdr) char bytes[CMSG_SPACE(sizeof(int) * 253)];
};

/// Moves the descriptors of a received message into `out`.
void collect_fds(msghdr& message, std::deque<unique_fd>& out) {
  for (auto c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
      continue;
    auto count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
      out.emplace_back(fd);
    }
  }
}

/// Puts the numbers of `fds` into the control part of a message.
void attach_fds(msghdr& message, control_buffer& buffer,
                const std::vector<unique_fd>& fds) {
  if (fds.empty())
    return;
  message.msg_control = buffer.bytes;
  message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
  auto c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
  for (std::size_t i = 0; i < fds.size(); ++i) {
    auto fd = fds[i].get();
    std::memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(int));
  }
}

bool is_closed(int error) {
  return error == EPIPE || error == ECONNRESET || error == ENOTCONN;
}

} // namespace

channel::channel(unique_fd socket)
  : socket_(std::move(socket)), in_(frame_limits) {
  auto flags = ::fcntl(fd(), F_GETFL);
  ::fcntl(fd(), F_SETFL, flags | O_NONBLOCK);
  ::fcntl(fd(), F_SETFD, FD_CLOEXEC);
}

// -- sending ------------------------------------------------------------------

void channel::send(std::string frame, std::vector<unique_fd> fds) {
  queued_ += frame.size();
  queued_fds_ += fds.size();
  // Plain frames share a segment; one with descriptors starts its own and lets
  // nothing join it, so that its descriptors come with its first byte.
  auto joins = fds.empty() && !out_.empty() && out_.back().fds.empty()
               && out_.back().bytes.size() < segment_target;
  if (joins)
    out_.back().bytes += frame;
  else
    out_.push_back({std::move(frame), 0, std::move(fds)});
}

result<void> channel::flush() {
  while (!out_.empty()) {
    auto more = write_front();
    if (!more)
      return more.error();
    if (!*more)
      break;
  }
  return {};
}

void channel::drop_output() {
  out_.clear();
  queued_ = queued_fds_ = 0;
}

result<bool> channel::write_front() {
  auto& front = out_.front();
  iovec part{front.bytes.data() + front.sent, front.bytes.size() - front.sent};
  control_buffer control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  attach_fds(message, control, front.fds);
  auto sent = ::sendmsg(fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    auto error = errno;
    // ETOOMANYREFS: too many descriptors are under way; they will be read.
    if (error == EAGAIN || error == EINTR || error == ETOOMANYREFS)
      return error == EINTR;
    if (is_closed(error))
      return fail(errc::closed, "the other end of the link is gone");
    return system_failure("sendmsg", "link", error);
  }
  // The kernel has the descriptors as soon as it took one byte.
  queued_fds_ -= front.fds.size();
  front.fds.clear();
  front.sent += static_cast<std::size_t>(sent);
  queued_ -= static_cast<std::size_t>(sent);
  if (front.sent < front.bytes.size())
    return false;
  out_.pop_front();
  return true;
}

// -- receiving ----------------------------------------------------------------

result<bool> channel::receive() {
  auto budget = receive_budget;
  while (budget > 0) {
    auto open = read_once(budget);
    if (!open || !*open)
      return open;
  }
  return true;
}

result<bool> channel::read_once(std::size_t& budget) {
  std::array<char, 65'536> buffer; // NOLINT(*-member-init): read into
  iovec part{buffer.data(), buffer.size()};
  control_buffer control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof(control.bytes);
  auto got = ::recvmsg(fd(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got < 0) {
    auto error = errno;
    if (error == EINTR)
      return true;
    if (error == EAGAIN) {
      budget = 0;
      return true;
    }
    if (is_closed(error))
      return false;
    return system_failure("recvmsg", "link", error);
  }
  collect_fds(message, received_);
  if ((message.msg_flags & MSG_CTRUNC) != 0)
    return fail(
      errc::limit,
      "this process may not open as many files as it was sent: raise "
      "LimitNOFILE of the unit (or `ulimit -Hn` of who starts Saker)");
  if (received_.size() > max_unclaimed_fds)
    return fail(errc::corrupt, "descriptors came that no frame announced");
  if (got == 0)
    return false;
  in_.feed({buffer.data(), static_cast<std::size_t>(got)});
  auto taken = static_cast<std::size_t>(got);
  budget = taken < budget ? budget - taken : 0;
  return true;
}

std::optional<resp::value> channel::next() {
  return in_.next();
}

result<std::vector<unique_fd>> channel::take(std::size_t count) {
  if (received_.size() < count)
    return fail(errc::corrupt, "a frame announced " + std::to_string(count)
                                 + " descriptors, "
                                 + std::to_string(received_.size()) + " came");
  std::vector<unique_fd> out;
  for (; count > 0; --count) {
    out.push_back(std::move(received_.front()));
    received_.pop_front();
  }
  return out;
}

result<std::pair<unique_fd, unique_fd>> make_link() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return system_failure("socketpair", "link", errno);
  return std::pair{unique_fd{ends[0]}, unique_fd{ends[1]}};
}

} // namespace saker::link
