#include "io/tunnel.hpp"

#include "base/units.hpp"
#include "io/segments.hpp"
#include "io/silence.hpp"
#include "io/tunnel_proof.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>

namespace saker::io {

namespace {

namespace asio = boost::asio;

using asio::ip::tcp;
using boost::system::error_code;
using plain_stream = tcp::socket;
using tls_stream = asio::ssl::stream<tcp::socket>;

constexpr std::size_t longest_record = std::size_t{64} * 1024;
constexpr std::size_t pump_size = std::size_t{64} * 1024;

/// The socket under a stream.
tcp::socket& socket_of(plain_stream& x) {
  return x;
}

tcp::socket& socket_of(tls_stream& x) {
  return x.next_layer();
}

template <class F>
void secure(plain_stream& x, bool, F then) {
  asio::post(x.get_executor(), [then]() mutable { then(error_code{}); });
}

template <class F>
void secure(tls_stream& x, bool dialled, F then) {
  x.async_handshake(dialled ? asio::ssl::stream_base::client
                            : asio::ssl::stream_base::server,
                    std::move(then));
}

template <class Stream>
class basic_tunnel final
  : public tunnel,
    public std::enable_shared_from_this<basic_tunnel<Stream>> {
public:
  template <class... Ts>
  basic_tunnel(loop& where, tunnel_options how, tunnel_events events,
               Ts&&... xs)
    : stream_(std::forward<Ts>(xs)...), inner_(where.context()),
      timer_(where.context()), how_(std::move(how)),
      events_(std::move(events)) {
    // nop
  }

  void begin(const tcp::endpoint& to) {
    dialled_ = true;
    address_ = text_of(to);
    within_patience();
    error_code none;
    socket_of(stream_).open(to.protocol(), none);
    ::fcntl(socket_of(stream_).native_handle(), F_SETFD, FD_CLOEXEC);
    socket_of(stream_).async_connect(
      to, guarded("connect to", [this] { handshake(); }));
  }

  void begin(unique_fd socket, bool dialled) {
    dialled_ = dialled;
    error_code ec;
    auto number = socket.release();
    sockaddr_storage who{};
    socklen_t length = sizeof(who);
    ::getsockname(number, reinterpret_cast<sockaddr*>(&who), &length);
    auto family = who.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
    if (socket_of(stream_).assign(family, number, ec); ec)
      ::close(number);
    else
      address_ = text_of(socket_of(stream_).remote_endpoint(ec));
    within_patience();
    handshake();
  }

  result<unique_fd> join() override {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                     ends)
        != 0)
      return system_failure("make", "a socket pair", errno);
    unique_fd theirs{ends[1]};
    error_code ec;
    if (inner_.assign(asio::local::stream_protocol{}, ends[0], ec); ec) {
      ::close(ends[0]);
      return fail(errc::io, "watch a socket pair: " + ec.message());
    }
    incoming_.resize(pump_size);
    outgoing_.resize(pump_size);
    silence_.emplace(how_.dead_after, clock::now());
    watch();
    pump_in();
    pump_out();
    return theirs;
  }

  void close() override {
    closed_ = true;
    events_ = {};
    error_code none;
    timer_.cancel();
    socket_of(stream_).close(none);
    inner_.close(none);
  }

  std::string address() const override {
    return address_;
  }

  tunnel_figures figures() const override {
    return figures_;
  }

private:
  using clock = silence::clock;

  static std::string text_of(const tcp::endpoint& x) {
    auto host = x.address().to_string();
    return (x.address().is_v6() ? '[' + host + ']' : host) + ':'
           + std::to_string(x.port());
  }

  /// A handler that goes on with `then`, or ends the tunnel: `verb ADDRESS:
  /// reason`. Keeps the tunnel alive until it has run.
  template <class F>
  auto guarded(const char* verb, F then) {
    return [self = this->shared_from_this(), verb, then](const error_code& ec,
                                                         auto&&...) mutable {
      if (self->closed_)
        return;
      if (ec)
        return self->end(verb, ec.message());
      then();
    };
  }

  void end(const std::string& verb, const std::string& why) {
    auto tell = std::move(events_.closed);
    close();
    if (tell)
      tell(fail(errc::io, verb + ' ' + address_ + ": " + why));
  }

  // -- until both sides know each other

  void within_patience() {
    timer_.expires_after(how_.patience);
    timer_.async_wait([self = this->shared_from_this()](const error_code& ec) {
      if (ec || self->closed_ || self->greeted_)
        return;
      auto ms = in_milliseconds(self->how_.patience);
      self->end("speak to", "no answer within " + std::to_string(ms) + " ms");
    });
  }

  void handshake() {
    error_code none;
    socket_of(stream_).set_option(tcp::no_delay{true}, none);
    secure(stream_, dialled_, guarded("TLS with", [this] { greet(); }));
  }

  void greet() {
    mine_ = fresh_nonce() + how_.hello;
    exchange(mine_, [this] {
      theirs_ = std::move(record_);
      prove();
    });
  }

  void prove() {
    if (theirs_.size() < nonce_size)
      return end("speak to", "this is no hello of a Saker");
    exchange(proof(how_.cookie, dialled_, mine_, theirs_), [this] {
      if (!same_secret(record_, proof(how_.cookie, !dialled_, theirs_, mine_)))
        return end("speak to", "it does not know the cookie of this cluster; "
                               "give all nodes the same cookie-file");
      greeted_ = true;
      if (auto tell = std::exchange(events_.greeted, nullptr))
        tell(theirs_.substr(nonce_size));
    });
  }

  /// Sends a record, then reads one into `record_`. Both sides do: a record
  /// fits into the buffers of a socket.
  template <class F>
  void exchange(const std::string& text, F then) {
    auto size = static_cast<std::uint32_t>(text.size());
    auto bytes = std::make_shared<std::string>();
    for (auto shift : {24u, 16u, 8u, 0u})
      *bytes += static_cast<char>(size >> shift & 0xff);
    *bytes += text;
    asio::async_write(
      stream_, asio::buffer(*bytes),
      guarded("speak to", [this, bytes, then] { read_record(then); }));
  }

  template <class F>
  void read_record(F then) {
    asio::async_read(stream_, asio::buffer(head_),
                     guarded("speak to", [this, then] {
                       std::size_t size = 0;
                       for (auto x : head_)
                         size = size << 8 | static_cast<unsigned char>(x);
                       if (size > longest_record)
                         return end("speak to", "this is no hello of a Saker");
                       record_.resize(size);
                       asio::async_read(stream_, asio::buffer(record_),
                                        guarded("speak to", then));
                     }));
  }

  // -- afterwards

  /// Looks halfway, and when the silence would be too long: neither before, nor
  /// later than `dead_after` promises.
  void watch() {
    timer_.expires_at(silence_->next());
    timer_.async_wait([self = this->shared_from_this()](const error_code& ec) {
      if (!ec && !self->closed_)
        self->look();
    });
  }

  void look() {
    // What we do not take is not the other side's silence.
    auto now = clock::now();
    if (delivering_)
      silence_->heard(now);
    auto segments = data_segments_in(socket_of(stream_).native_handle());
    if (!silence_->too_long(now, segments))
      return watch();
    auto ms = in_milliseconds(silence_->length(now));
    end("hear", "nothing for " + std::to_string(ms) + " ms");
  }

  void pump_in() {
    stream_.async_read_some(
      asio::buffer(incoming_),
      [self = this->shared_from_this()](const error_code& ec, std::size_t n) {
        self->received(ec, n);
      });
  }

  void received(const error_code& ec, std::size_t n) {
    if (closed_)
      return;
    if (ec)
      return end("read from", ec == asio::error::eof
                                  || ec == asio::ssl::error::stream_truncated
                                ? "it closed the connection"
                                : ec.message());
    silence_->heard(clock::now());
    figures_.received += n;
    delivering_ = true;
    asio::async_write(inner_, asio::buffer(incoming_.data(), n),
                      guarded("hand over what came from", [this] {
                        delivering_ = false;
                        silence_->heard(clock::now());
                        pump_in();
                      }));
  }

  void pump_out() {
    inner_.async_read_some(
      asio::buffer(outgoing_),
      [self = this->shared_from_this()](const error_code& ec, std::size_t n) {
        self->took(ec, n);
      });
  }

  void took(const error_code& ec, std::size_t n) {
    if (closed_)
      return;
    if (ec)
      return end("write to", "this side has closed the link");
    figures_.sent += n;
    asio::async_write(stream_, asio::buffer(outgoing_.data(), n),
                      guarded("write to", [this] { pump_out(); }));
  }

  Stream stream_;
  asio::local::stream_protocol::socket inner_;
  asio::steady_timer timer_;
  tunnel_options how_;
  tunnel_events events_;
  std::string address_;
  bool dialled_ = false;
  bool greeted_ = false;
  bool closed_ = false;
  bool delivering_ = false;
  std::string mine_;
  std::string theirs_;
  std::array<char, 4> head_{};
  std::string record_;
  std::optional<silence> silence_; // once there is something to hear
  std::string incoming_; // of pump_size, once there is something to pump
  std::string outgoing_;
  tunnel_figures figures_;
};

template <class... From>
std::shared_ptr<tunnel> begin_tunnel(loop& where, tunnel_options how,
                                     tunnel_events events, From... from) {
  auto begin = [&](auto x) -> std::shared_ptr<tunnel> {
    x->begin(std::move(from)...);
    return x;
  };
  if (auto tls = how.tls)
    return begin(std::make_shared<basic_tunnel<tls_stream>>(
      where, std::move(how), std::move(events), where.context(), *tls));
  return begin(std::make_shared<basic_tunnel<plain_stream>>(
    where, std::move(how), std::move(events), where.context()));
}

} // namespace

tunnel::~tunnel() {
  // nop
}

std::shared_ptr<tunnel>
dial(loop& where, const std::string& host, std::uint16_t port,
     tunnel_options how, tunnel_events events) {
  error_code ec;
  tcp::endpoint to{asio::ip::make_address(host, ec), port};
  return begin_tunnel(where, std::move(how), std::move(events), to);
}

std::shared_ptr<tunnel> tunnel_over(loop& where, unique_fd socket, bool dialled,
                                    tunnel_options how, tunnel_events events) {
  return begin_tunnel(where, std::move(how), std::move(events),
                      std::move(socket), dialled);
}

} // namespace saker::io
