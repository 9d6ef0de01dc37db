#include "io/stream.hpp"

#include "base/result.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <deque>
#include <variant>

#include <sys/socket.h>
#include <sys/uio.h>

namespace saker::io {

namespace {

/// An idle connection costs the smaller one; a busy one gets the larger one
/// after a read that filled it.
constexpr std::size_t small_buffer = 4 * 1024;
constexpr std::size_t large_buffer = 64 * 1024;

/// Owned bytes are joined up to this size before a new chunk begins.
constexpr std::size_t chunk_size = 16 * 1024;

/// How long a peer may take to close after our last byte.
constexpr std::chrono::milliseconds linger_time{500};

class socket_stream final : public stream,
                            public turn_hook,
                            public std::enable_shared_from_this<socket_stream> {
public:
  socket_stream(boost::asio::io_context& context, turn& where, unique_fd socket,
                stream_events events)
    : where_(where),
      socket_(context),
      linger_(context),
      events_(std::move(events)) {
    // The protocol is only asked for by functions that are not used here.
    boost::asio::generic::stream_protocol protocol{AF_INET, 0};
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address),
                      &length)
        == 0)
      protocol = {address.ss_family, 0};
    boost::system::error_code ec;
    socket_.assign(protocol, socket.get(), ec);
    if (!ec) {
      (void)socket.release();
      socket_.native_non_blocking(true, ec);
    }
    buffer_.resize(small_buffer);
  }

  void read() override {
    if (!socket_.is_open() || reading_)
      return;
    reading_ = true;
    if (received_ == buffer_.size() && buffer_.size() < large_buffer)
      buffer_.resize(large_buffer);
    else if (received_ < small_buffer / 2 && buffer_.size() > small_buffer)
      std::string(small_buffer, '\0').swap(buffer_);
    received_ = 0;
    socket_.async_read_some(
      boost::asio::buffer(buffer_),
      [self = shared_from_this()](boost::system::error_code ec, std::size_t n) {
        self->reading_ = false;
        if (!self->socket_.is_open())
          return;
        self->received_ = n;
        if (self->shut_)
          return ec ? self->end() : self->read();
        if (!ec)
          return self->events_.readable();
        self->fail(ec == boost::asio::error::eof ? 0 : ec.value());
      });
  }

  std::string_view input() const noexcept override {
    return {buffer_.data(), received_};
  }

  void write(std::string_view bytes) override {
    if (bytes.empty() || !socket_.is_open() || finishing_)
      return;
    unsent_ += bytes.size();
    auto* last = chunks_.empty() ? nullptr
                                 : std::get_if<std::string>(&chunks_.back());
    if (last && last->size() < chunk_size)
      last->append(bytes);
    else
      chunks_.emplace_back(std::string{bytes});
    arm();
  }

  void write(shared_bytes bytes) override {
    if (!bytes || bytes->empty() || !socket_.is_open() || finishing_)
      return;
    unsent_ += bytes->size();
    chunks_.emplace_back(std::move(bytes));
    arm();
  }

  std::size_t unsent() const noexcept override {
    return unsent_;
  }

  void finish() override {
    if (!socket_.is_open() || finishing_)
      return;
    finishing_ = true;
    arm();
  }

  void close() override {
    boost::system::error_code ignored;
    linger_.cancel();
    socket_.close(ignored);
    chunks_.clear();
    unsent_ = 0;
  }

  const std::string& reason() const noexcept override {
    return reason_;
  }

  void at_end_of_turn() override {
    // A stream lives as long as its owner or a pending operation: both may let
    // go while the kernel is asked.
    auto self = shared_from_this();
    flush();
  }

private:
  using chunk = std::variant<std::string, shared_bytes>;

  static std::string_view view(const chunk& x) {
    if (auto* own = std::get_if<std::string>(&x))
      return *own;
    return *std::get<shared_bytes>(x);
  }

  void arm() {
    if (!waiting_)
      where_.defer(stage::write, *this);
  }

  void flush() {
    while (unsent_ > 0) {
      auto sent = send();
      if (sent < 0) {
        if (errno == EINTR)
          continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
          return wait();
        return fail(errno);
      }
      consume(static_cast<std::size_t>(sent));
    }
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
    boost::system::error_code ignored;
    socket_.shutdown(boost::asio::socket_base::shutdown_send, ignored);
    linger_.expires_after(linger_time);
    linger_.async_wait(
      [self = shared_from_this()](boost::system::error_code ec) {
        if (!ec && self->socket_.is_open())
          self->end();
      });
    read();
  }

  void end() {
    close();
    events_.closed();
  }

  ssize_t send() {
    std::array<iovec, 64> parts;
    std::size_t count = 0;
    auto skip = sent_of_first_;
    for (auto& x : chunks_) {
      auto bytes = view(x).substr(skip);
      skip = 0;
      parts[count].iov_base = const_cast<char*>(bytes.data());
      parts[count].iov_len = bytes.size();
      if (++count == parts.size())
        break;
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    return ::sendmsg(socket_.native_handle(), &message,
                     MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  void consume(std::size_t n) {
    unsent_ -= n;
    n += sent_of_first_;
    while (!chunks_.empty() && n >= view(chunks_.front()).size()) {
      n -= view(chunks_.front()).size();
      chunks_.pop_front();
    }
    sent_of_first_ = n;
  }

  void wait() {
    waiting_ = true;
    slow_ = true;
    socket_.async_wait(
      boost::asio::socket_base::wait_write,
      [self = shared_from_this()](boost::system::error_code ec) {
        self->waiting_ = false;
        if (!self->socket_.is_open())
          return;
        if (ec)
          return self->fail(ec.value());
        self->flush();
      });
  }

  void fail(int error) {
    reason_ = error == 0 ? std::string{} : errno_text(error);
    if (error != 0)
      close();
    events_.closed();
  }

  turn& where_;
  boost::asio::generic::stream_protocol::socket socket_;
  boost::asio::steady_timer linger_;
  stream_events events_;
  std::string buffer_;
  std::size_t received_ = 0;
  std::deque<chunk> chunks_;
  std::size_t unsent_ = 0;
  std::size_t sent_of_first_ = 0;
  bool reading_ = false;
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
open_stream(boost::asio::io_context& context, turn& where, unique_fd socket,
            stream_events events) {
  return std::make_shared<socket_stream>(context, where, std::move(socket),
                                         std::move(events));
}

} // namespace saker::io
