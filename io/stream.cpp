#include "io/stream.hpp"

#include "base/buffer.hpp"
#include "base/result.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace saker::io {

namespace {

/// Bytes of one read. The buffer belongs to the thread: what came is copied
/// into a string of its size, so that an idle stream costs nothing.
constexpr std::size_t read_size = std::size_t{64} * 1024;

/// Input beyond this is given back as soon as it is no longer needed.
constexpr std::size_t input_kept = 4 * 1024;

/// So often a stream that nobody reads may be told that there is input before
/// the kernel is asked to say no more: usually its owner is just about to.
constexpr int patience = 4;

/// Owned bytes are joined up to this size before a new chunk begins.
constexpr std::size_t chunk_size = 16 * 1024;

/// A longer list of pieces is given back once all is sent.
constexpr std::size_t chunks_kept = 8;

/// How long a peer may take to close after our last byte.
constexpr std::chrono::milliseconds linger_time{500};

class socket_stream final : public stream,
                            public turn_hook,
                            public poll_source,
                            public send_source,
                            public std::enable_shared_from_this<socket_stream> {
public:
  socket_stream(loop& where, unique_fd socket, stream_events events)
    : where_(where), socket_(std::move(socket)), linger_(where.context()),
      events_(std::move(events)) {
    auto flags = ::fcntl(socket_.get(), F_GETFL);
    ::fcntl(socket_.get(), F_SETFL, flags | O_NONBLOCK);
  }

  ~socket_stream() override {
    leave(); // before the number of the descriptor can be another's
  }

  /// Not in the constructor: whoever hears of a failure may ask for `reason`.
  void begin() {
    if (auto error = where_.sockets().add(socket_.get(), EPOLLIN, *this))
      fail(error);
  }

  void read() override {
    if (!socket_ || reading_)
      return;
    reading_ = true;
    unread_ = 0;
    if (input_.capacity() > input_kept)
      std::string{}.swap(input_);
    else
      input_.clear();
    want();
  }

  void ready(std::uint32_t events) override {
    // A stream lives as long as its owner, which may let go meanwhile.
    auto self = shared_from_this();
    if (waiting_ && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
      writable();
    if (!socket_ || (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0)
      return;
    if (reading_)
      return receive();
    // Errors cannot be unwanted: so leave, and come back with the next read.
    if (++unread_ > patience) {
      if ((events & (EPOLLERR | EPOLLHUP)) != 0)
        leave();
      else
        want();
    }
  }

  std::string_view input() const noexcept override {
    return input_;
  }

  void write(std::string_view bytes) override {
    if (bytes.empty() || !socket_ || finishing_)
      return;
    unsent_ += bytes.size();
    if (auto* last = last_string()) {
      last->append(bytes);
    } else {
      auto own = take_buffer();
      own += bytes;
      chunks_.emplace_back(std::move(own));
    }
    arm();
  }

  void write_all_of(std::string bytes) override {
    if (bytes.empty() || !socket_ || finishing_ || last_string()) {
      write(std::string_view{bytes});
      return give_buffer(std::move(bytes));
    }
    unsent_ += bytes.size();
    chunks_.emplace_back(std::move(bytes));
    arm();
  }

  void write(shared_bytes bytes) override {
    if (!bytes || bytes->empty() || !socket_ || finishing_)
      return;
    unsent_ += bytes->size();
    chunks_.emplace_back(std::move(bytes));
    arm();
  }

  std::size_t unsent() const noexcept override {
    return unsent_;
  }

  std::uint64_t sent() const noexcept override {
    return sent_;
  }

  void tell_drained() override {
    slow_ = unsent_ > 0;
  }

  std::size_t pieces() const noexcept override {
    return chunks_.size() - first_;
  }

  int descriptor() const noexcept override {
    return socket_.get();
  }

  void finish() override {
    if (!socket_ || finishing_)
      return;
    finishing_ = true;
    arm();
  }

  void close() override {
    linger_.cancel();
    leave();
    where_.sends().remove(*this);
    socket_.reset();
    chunks_.clear();
    first_ = 0;
    unsent_ = 0;
  }

  const std::string& reason() const noexcept override {
    return reason_;
  }

  void at_end_of_turn() override {
    if (unsent_ > 0)
      return where_.sends().add(*this);
    auto self = shared_from_this(); // as above
    all_sent();
  }

  int send_to() const noexcept override {
    return socket_.get();
  }

  std::size_t gather(std::span<iovec> parts) override {
    std::size_t count = 0;
    auto skip = sent_of_first_;
    for (auto i = first_; i < chunks_.size() && count < parts.size(); ++i) {
      auto bytes = view(chunks_[i]).substr(skip);
      skip = 0;
      parts[count].iov_base = const_cast<char*>(bytes.data());
      parts[count++].iov_len = bytes.size();
    }
    return count;
  }

  void sent(send_result what) override {
    auto self = shared_from_this(); // as above
    if (took(what))
      flush();
  }

private:
  using chunk = std::variant<std::string, shared_bytes>;

  static std::string_view view(const chunk& x) {
    if (auto* own = std::get_if<std::string>(&x))
      return *own;
    return *std::get<shared_bytes>(x);
  }

  /// What owned bytes may still be appended to.
  std::string* last_string() noexcept {
    auto* last = chunks_.empty() ? nullptr
                                 : std::get_if<std::string>(&chunks_.back());
    return last && last->size() < chunk_size ? last : nullptr;
  }

  /// Tells the poller what is awaited now.
  void want() {
    std::uint32_t events = 0;
    if (!ended_ && (reading_ || unread_ <= patience))
      events |= EPOLLIN;
    if (waiting_)
      events |= EPOLLOUT;
    if (!left_)
      return where_.sockets().want(events, *this);
    if (events != 0 && where_.sockets().add(socket_.get(), events, *this) == 0)
      left_ = false;
  }

  void leave() {
    where_.sockets().remove(*this);
    left_ = true;
  }

  void receive() {
    // Not in the thread's own storage, which each thread has and clears.
    thread_local const auto buffer
      = std::make_unique_for_overwrite<char[]>(read_size);
    auto n = ::recv(socket_.get(), buffer.get(), read_size, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
      return; // told again
    if (shut_)
      return n > 0 ? void() : end();
    reading_ = false;
    if (n > 0) {
      input_.assign(buffer.get(), static_cast<std::size_t>(n));
      return events_.readable();
    }
    auto error = n == 0 ? 0 : errno;
    ended_ = true;
    want();
    fail(error);
  }

  void arm() {
    if (!waiting_)
      where_.defer(stage::write, *this);
  }

  void flush() {
    while (unsent_ > 0)
      if (!took(send_alone(*this)))
        return;
    all_sent();
  }

  /// Whether the kernel may take more.
  bool took(send_result what) {
    if (what.taken == -EINTR)
      return true;
    if (what.taken == -EAGAIN || what.taken == -EWOULDBLOCK)
      return wait(), false;
    if (what.taken < 0)
      return fail(static_cast<int>(-what.taken)), false;
    consume(static_cast<std::size_t>(what.taken));
    // It took a part: it is full, and says so without being asked again.
    if (static_cast<std::size_t>(what.taken) < what.offered)
      return wait(), false;
    return true;
  }

  void all_sent() {
    if (finishing_)
      return shut();
    if (slow_) {
      slow_ = false;
      events_.drained();
    }
  }

  // A close with unread input makes the kernel send a reset, which may
  // overtake the last reply: so say that nothing more comes, and read what is
  // left until the peer closes or its time is over.
  void shut() {
    if (shut_)
      return;
    shut_ = true;
    if (ended_)
      return end();
    ::shutdown(socket_.get(), SHUT_WR);
    linger_.expires_after(linger_time);
    linger_.async_wait(
      [self = shared_from_this()](boost::system::error_code ec) {
        if (!ec && self->socket_)
          self->end();
      });
    read();
  }

  void end() {
    close();
    events_.closed();
  }

  void consume(std::size_t n) {
    unsent_ -= n;
    sent_ += n;
    n += sent_of_first_;
    while (first_ < chunks_.size() && n >= view(chunks_[first_]).size()) {
      n -= view(chunks_[first_]).size();
      if (auto* own = std::get_if<std::string>(&chunks_[first_]))
        give_buffer(std::move(*own));
      chunks_[first_++] = shared_bytes{};
    }
    sent_of_first_ = n;
    if (first_ == chunks_.size()) {
      chunks_.clear();
      first_ = 0;
      if (chunks_.capacity() > chunks_kept)
        std::vector<chunk>{}.swap(chunks_);
    } else if (first_ > chunks_.size() / 2) {
      chunks_.erase(chunks_.begin(),
                    chunks_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
  }

  void wait() {
    waiting_ = true;
    slow_ = true;
    want();
  }

  void writable() {
    waiting_ = false;
    flush();
    if (socket_ && !waiting_)
      want();
  }

  void fail(int error) {
    reason_ = error == 0 ? std::string{} : errno_text(error);
    if (error != 0)
      close();
    events_.closed();
  }

  loop& where_;
  unique_fd socket_;
  boost::asio::steady_timer linger_;
  stream_events events_;
  std::string input_;
  std::vector<chunk> chunks_;
  std::size_t first_ = 0; // those before it have been sent
  std::size_t unsent_ = 0;
  std::uint64_t sent_ = 0;
  std::size_t sent_of_first_ = 0;
  int unread_ = 0; // how often input was reported to nobody
  bool reading_ = false;
  bool ended_ = false;   // nothing more comes
  bool left_ = false;    // the poller
  bool waiting_ = false; // for the kernel to take more
  bool slow_ = false;    // tell `drained` once all is sent
  bool finishing_ = false;
  bool shut_ = false; // nothing more is sent, what comes is thrown away
  std::string reason_;
};

} // namespace

stream::~stream() {
  // nop
}

std::shared_ptr<stream>
open_stream(loop& where, unique_fd socket, stream_events events) {
  auto result = std::make_shared<socket_stream>(where, std::move(socket),
                                                std::move(events));
  result->begin();
  return result;
}

} // namespace saker::io
