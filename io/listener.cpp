#include "io/listener.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cerrno>
#include <chrono>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace saker::io {

namespace {

using namespace std::chrono_literals;

constexpr int clients_per_turn = 64;
constexpr auto rest_when_exhausted = 100ms;

bool is_exhaustion(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS
         || error == ENOMEM;
}

class socket_listener final
  : public listener,
    public std::enable_shared_from_this<socket_listener> {
public:
  socket_listener(boost::asio::io_context& context, unique_fd socket,
                  listener_events events)
    : socket_(context), timer_(context), events_(std::move(events)) {
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
    boost::system::error_code ec;
    socket_.assign(socket.get(), ec);
    if (!ec)
      (void)socket.release();
  }

  void wait() {
    socket_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [self = shared_from_this()](boost::system::error_code ec) {
        if (!ec && self->socket_.is_open())
          self->accept();
      });
  }

  void close() override {
    timer_.cancel();
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

private:
  void accept() {
    for (auto i = 0; i < clients_per_turn; ++i) {
      unique_fd client{::accept4(socket_.native_handle(), nullptr, nullptr,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (client) {
        exhausted_ = false;
        // Replies are joined per turn already; a delay would only hurt.
        int on = 1;
        ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        events_.accepted(std::move(client));
        if (!socket_.is_open())
          return;
      } else if (is_exhaustion(errno)) {
        return rest(errno);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        break;
      }
      // Anything else concerns the one client that is gone already.
    }
    wait();
  }

  void rest(int error) {
    if (!exhausted_)
      events_.exhausted(error);
    exhausted_ = true;
    timer_.expires_after(rest_when_exhausted);
    timer_.async_wait(
      [self = shared_from_this()](boost::system::error_code ec) {
        if (!ec && self->socket_.is_open())
          self->accept();
      });
  }

  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer timer_;
  listener_events events_;
  bool exhausted_ = false;
};

} // namespace

listener::~listener() {
  // nop
}

std::shared_ptr<listener> listen_on(boost::asio::io_context& context,
                                    unique_fd socket, listener_events events) {
  auto result = std::make_shared<socket_listener>(context, std::move(socket),
                                                  std::move(events));
  result->wait();
  return result;
}

} // namespace saker::io
