#include "io/http_post.hpp"

#include "base/text.hpp"
#include "base/version.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <optional>

namespace saker::io {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;

using boost::asio::ip::tcp;
using boost::system::error_code;

/// One exchange, on a loop of its own: only so does every step end in time.
class http_exchange {
public:
  explicit http_exchange(const http_order& what) : what_(what) {
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
    stream_.expires_at(what_.until);
    stream_.async_connect(where, [this](error_code why, const auto&) {
      over("connect to", why, [this] { send(); });
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
    // `100 Continue` and the like: the answer itself comes behind.
    if (http::to_status_class(head.result())
          == http::status_class::informational
        && head.result() != http::status::switching_protocols)
      return receive();
    if (http::to_status_class(head.result()) == http::status_class::successful)
      return;
    verdict_ = fail(errc::refused,
                    what_.to.authority + " answers "
                      + std::to_string(head.result_int()) + ' '
                      + printable(std::string_view{head.reason()}, 60));
  }

  const http_order& what_;
  boost::asio::io_context loop_{1};
  beast::tcp_stream stream_{loop_};
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
  return http_exchange{what}.run();
}

} // namespace saker::io
