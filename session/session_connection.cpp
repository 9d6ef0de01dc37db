// RESET, QUIT and the small commands about the connection itself.
#include "base/text.hpp"
#include "resp/number.hpp"
#include "session/session.hpp"
#include "session/words.hpp"

#include <limits>

namespace saker::session {

session::progress session::reset() {
  static constexpr std::string_view text = "+RESET\r\n";
  reply_mode_ = reply_mode::on;
  if (subscribed() || monitoring_) {
    if (!can_reach({resp::target::broker}))
      return progress::blocked;
    auto id = reach({resp::target::broker});
    effects_.emplace_back(unsubscribe_all{id});
    replies_.promise(id, std::string{text});
    channels_.clear();
    patterns_.clear();
    shards_.clear();
    monitoring_ = false;
  } else {
    replies_.now() += text;
  }
  protocol_ = resp::protocol::resp2;
  multi_.reset();
  database_ = 0;
  name_.clear();
  tracking_.reset();
  begin();
  return progress::done;
}

void session::quit() {
  reply_ok();
  end("the client said QUIT");
}

// -- small ones ----------------------------------------------------------------

void session::ping(arguments args) {
  if (args.size() > 2)
    return refuse_arity("ping");
  auto in_subscribed_state = protocol_ == resp::protocol::resp2 && subscribed();
  auto out = reply();
  if (in_subscribed_state) {
    out.array(2);
    out.bulk("pong");
    out.bulk(args.size() == 2 ? args[1] : "");
  } else if (args.size() == 2) {
    out.bulk(args[1]);
  } else {
    out.encoded("+PONG\r\n");
  }
}

void session::time() {
  using namespace std::chrono;
  auto all = duration_cast<microseconds>(now_.wall.time_since_epoch()).count();
  auto out = reply();
  out.array(2);
  out.bulk(std::to_string(all / 1'000'000));
  out.bulk(std::to_string(all % 1'000'000));
}

void session::select(std::string_view index) {
  using limits = std::numeric_limits<int>;
  auto x = resp::strict_integer(index);
  if (!x)
    return reply_error("ERR value is not an integer or out of range");
  if (*x < limits::min() || *x > limits::max())
    return reply_error("ERR value is out of range, value must between "
                       "-2147483648 and 2147483647");
  if (*x < 0 || static_cast<std::size_t>(*x) >= settings_->databases)
    return reply_error("ERR DB index is out of range");
  database_ = *x;
  reply_ok();
}

void session::client_setname(std::string_view name) {
  if (auto no = client_name_error(name); !no.empty())
    return reply_error(no);
  name_ = name;
  reply_ok();
}

void session::client_setinfo(arguments args) {
  auto is_name = equal_ignoring_case(args[2], "LIB-NAME");
  if (!is_name && !equal_ignoring_case(args[2], "LIB-VER"))
    return reply_error("ERR Unrecognized option '"
                       + std::string{excerpt(args[2])} + "'");
  if (args[3].size() > longest_client_name)
    return reply_error(std::string{"ERR "} + (is_name ? "lib-name" : "lib-ver")
                       + " cannot be longer than 1024 bytes.");
  if (!is_plain_word(args[3]))
    return reply_error(std::string{"ERR "} + (is_name ? "lib-name" : "lib-ver")
                       + " cannot contain spaces, newlines or special "
                         "characters.");
  (is_name ? library_ : library_version_) = args[3];
  reply_ok();
}

/// Confirmations and messages of channels come in any case.
void session::client_reply(std::string_view mode) {
  if (equal_ignoring_case(mode, "ON")) {
    reply_mode_ = reply_mode::on;
    reply_ok();
  } else if (equal_ignoring_case(mode, "OFF")) {
    reply_mode_ = reply_mode::off;
  } else if (!equal_ignoring_case(mode, "SKIP")) {
    reply_error("ERR syntax error");
  } else if (reply_mode_ != reply_mode::off) {
    reply_mode_ = reply_mode::skip_next;
  }
}

void session::client_info(arguments args) {
  auto x = figures(now_);
  for (auto word : args)
    x.argument_bytes += word.size();
  reply().verbatim(to_line(x) + '\n');
}

} // namespace saker::session
