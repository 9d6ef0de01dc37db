#include "io/listener.hpp"

#include "base/warning_pace.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cerrno>
#include <chrono>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace saker::io {

namespace {

using namespace std::chrono_literals;

constexpr int clients_per_turn = 64;
constexpr int longest_queue = 4096; // of the kernel, as a rule
constexpr auto rest_when_exhausted = 100ms;

bool is_exhaustion(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS
         || error == ENOMEM;
}

/// So many of the last descriptors are not for clients: who looks who one is
/// needs one too.
constexpr rlim_t last_descriptors = 4;

/// The kernel gives the lowest free number, so a high one is among the last.
bool is_among_the_last(const unique_fd& socket) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0
         && static_cast<rlim_t>(socket.get()) + last_descriptors
              >= limit.rlim_cur;
}

class socket_listener final
  : public listener,
    public poll_source,
    public std::enable_shared_from_this<socket_listener> {
public:
  socket_listener(loop& where, unique_fd socket, listener_events events)
    : where_(where), socket_(std::move(socket)), timer_(where.context()),
      events_(std::move(events)) {
    auto flags = ::fcntl(socket_.get(), F_GETFL);
    ::fcntl(socket_.get(), F_SETFL, flags | O_NONBLOCK);
    where_.sockets().add(socket_.get(), EPOLLIN, *this);
    keep_spare();
  }

  ~socket_listener() override {
    where_.sockets().remove(*this);
  }

  void ready(std::uint32_t) override {
    auto self = shared_from_this();
    accept();
  }

  void close() override {
    timer_.cancel();
    where_.sockets().remove(*this);
    socket_.reset();
    spare_.reset();
  }

  void finish() override {
    auto self = shared_from_this();
    // As many as wait in the kernel; who comes later comes too late.
    for (auto i = 0; i < longest_queue && socket_; ++i) {
      auto client = next();
      if (!client)
        break;
      welcome(std::move(client));
    }
    close();
  }

private:
  /// Of the try to tell a client that there is no descriptor.
  enum class outcome {
    told,
    nobody,   ///< there was no client
    helpless, ///< not even for that
  };

  void accept() {
    for (auto i = 0; i < clients_per_turn; ++i) {
      if (events_.room && !events_.room())
        return;
      auto client = next();
      if (client && events_.turn_away && is_among_the_last(client)) {
        tell(EMFILE);
        events_.turn_away(client.get());
      } else if (client) {
        keep_spare();
        welcome(std::move(client));
        if (!socket_)
          return;
      } else if (auto error = errno; is_exhaustion(error)) {
        tell(error);
        auto so = turn_away();
        if (so == outcome::helpless)
          return rest();
        if (so == outcome::nobody)
          return;
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return;
      }
      // Anything else concerns the one client that is gone already.
    }
  }

  void welcome(unique_fd client) {
    // Replies are joined per turn already; a delay would only hurt.
    int on = 1;
    ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    events_.accepted(std::move(client));
  }

  unique_fd next() {
    return unique_fd{
      ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  }

  /// A descriptor that is given up to tell a client that there is none.
  void keep_spare() {
    if (!spare_ && events_.turn_away)
      spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }

  /// The kernel says that there is no descriptor even if there is no client.
  outcome turn_away() {
    if (!spare_)
      return outcome::helpless;
    spare_.reset();
    auto client = next();
    auto so = outcome::told;
    if (client)
      events_.turn_away(client.get());
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      so = outcome::nobody;
    else
      so = outcome::helpless;
    client.reset();
    keep_spare();
    return so;
  }

  /// Clients may come and go at the edge of what is possible thousands of times
  /// in a second.
  void tell(int error) {
    if (warnings_.is_due(std::chrono::steady_clock::now()))
      events_.exhausted(error);
  }

  void rest() {
    where_.sockets().want(0, *this);
    timer_.expires_after(rest_when_exhausted);
    timer_.async_wait(
      [self = shared_from_this()](boost::system::error_code ec) {
        if (ec || !self->socket_)
          return;
        self->keep_spare();
        self->where_.sockets().want(EPOLLIN, *self);
        self->accept();
      });
  }

  loop& where_;
  unique_fd socket_;
  unique_fd spare_;
  boost::asio::steady_timer timer_;
  listener_events events_;
  warning_pace warnings_;
};

} // namespace

listener::~listener() {
  // nop
}

std::shared_ptr<listener>
listen_on(loop& where, unique_fd socket, listener_events events) {
  return std::make_shared<socket_listener>(where, std::move(socket),
                                           std::move(events));
}

} // namespace saker::io
