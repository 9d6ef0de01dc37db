#include "io/http_post.hpp"

#include "base/text.hpp"
#include "base/version.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <optional>
#include <type_traits>

#include <openssl/x509_vfy.h>

namespace saker::io {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = boost::asio::ssl;

using boost::asio::ip::tcp;
using boost::system::error_code;
using plain_http = beast::tcp_stream;
using tls_http = ssl::stream<beast::tcp_stream>;

/// Believes whom this machine believes.
ssl::context usual_authorities() {
  ssl::context x{ssl::context::tls_client};
  error_code none; // without any, no certificate is believed, which is told
  x.set_default_verify_paths(none);
  x.set_verify_mode(ssl::verify_peer);
  ::SSL_CTX_set_min_proto_version(x.native_handle(), TLS1_2_VERSION);
  return x;
}

/// Whose certificate it must be. Servers that have several are told the name;
/// an address is none.
void expect_host(SSL* x, const std::string& host) {
  if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(x), host.c_str()) == 1)
    return;
  ::SSL_set1_host(x, host.c_str());
  SSL_set_tlsext_host_name(x, host.c_str());
}

/// One exchange, on a loop of its own: only so does every step end in time.
template <class Stream>
class http_exchange {
public:
  template <class... Ts>
  explicit http_exchange(const http_order& what, Ts&... xs)
    : what_(what), stream_(loop_, xs...) {
    request_.method(http::verb::post);
    request_.target(what.to.target);
    request_.version(11);
    request_.set(http::field::host, what.to.authority);
    request_.set(http::field::user_agent, "saker/" + std::string{version});
    request_.set(http::field::content_type, "application/json");
    request_.set(http::field::connection, "close");
    request_.body() = what.json;
    request_.prepare_payload();
  }

  result<void> run() {
    error_code ec;
    auto where = tcp::resolver{loop_}.resolve(what_.to.host, what_.to.port, ec);
    if (ec)
      return failed("look up", ec);
    auto& socket = beast::get_lowest_layer(stream_);
    socket.expires_at(what_.until);
    socket.async_connect(where, [this](error_code why, const auto&) {
      over("connect to", why, [this] { secure(); });
    });
    loop_.run();
    return verdict_;
  }

private:
  result<void> failed(const char* step, error_code ec) const {
    auto late = ec == beast::error::timeout;
    return fail(late ? errc::timeout : errc::io,
                std::string{step} + ' ' + what_.to.authority + ": "
                  + (late ? "no answer in time" : ec.message()));
  }

  template <class Next>
  void over(const char* step, error_code ec, Next next) {
    if (ec)
      verdict_ = failed(step, ec);
    else
      next();
  }

  void secure() {
    if constexpr (std::is_same_v<Stream, tls_http>) {
      expect_host(stream_.native_handle(), what_.to.host);
      stream_.async_handshake(ssl::stream_base::client, [this](error_code ec) {
        if (auto why = ::SSL_get_verify_result(stream_.native_handle());
            ec && why != X509_V_OK)
          verdict_ = doubted(why);
        else
          over("speak TLS with", ec, [this] { send(); });
      });
    } else {
      send();
    }
  }

  failure doubted(long why) const {
    return fail(errc::refused,
                what_.to.authority + ": its certificate is not believed: "
                  + ::X509_verify_cert_error_string(why)
                  + "; install the one of its authority on this machine, or "
                    "name it by SSL_CERT_FILE where Saker starts");
  }

  void send() {
    http::async_write(stream_, request_, [this](error_code ec, std::size_t) {
      over("send to", ec, [this] { receive(); });
    });
  }

  void receive() {
    answer_.emplace();
    http::async_read_header(
      stream_, buffer_, *answer_, [this](error_code ec, std::size_t) {
        over("read the answer of", ec, [this] { judge(); });
      });
  }

  void judge() {
    auto& head = answer_->get();
    // The number: the library does not know every status, for example 103.
    auto family = head.result_int() / 100;
    // `100 Continue` and the like: the answer itself comes behind.
    if (family == 1 && head.result() != http::status::switching_protocols)
      return receive();
    if (family == 2)
      return;
    verdict_ = fail(errc::refused,
                    what_.to.authority + " answers "
                      + std::to_string(head.result_int()) + ' '
                      + printable(std::string_view{head.reason()}, 60));
  }

  const http_order& what_;
  boost::asio::io_context loop_{1};
  Stream stream_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_{std::size_t{16} * 1024};
  std::optional<http::response_parser<http::empty_body>> answer_;
  result<void> verdict_;
};

} // namespace

result<void> http_post(const http_order& what) {
  if (std::chrono::steady_clock::now() >= what.until)
    return fail(errc::timeout, what.to.authority
                                 + " was not told: too many "
                                   "others were first");
  if (!what.to.tls)
    return http_exchange<plain_http>{what}.run();
  auto authorities = usual_authorities();
  return http_exchange<tls_http>{what, authorities}.run();
}

} // namespace saker::io
