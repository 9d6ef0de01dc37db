#pragma once

#include "cli/transport.hpp"
#include "resp/parser.hpp"
#include "resp/writer.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace saker::test {

/// The other end of a command line, without sockets and with a clock of its
/// own. It follows a script: a request that is not the next one is a failure,
/// and so is one that never comes. Time passes only while somebody waits.
///
/// When the script is over, whoever waits for ever finds the connection closed,
/// and nobody can connect any more, so that nothing hangs.
class fake_server : public cli::transport {
public:
  using words = std::vector<std::string>;

  ~fake_server() override {
    for (auto& x : script_)
      ADD_FAILURE() << "was not asked: " << text(x.request);
  }

  // -- the script ----------------------------------------------------------------

  /// The next request and its reply.
  void expect(words request, resp::value reply) {
    expect_bytes(std::move(request),
                 resp::encode(reply, resp::protocol::resp3));
  }

  /// … with several values as the reply: pushes, confirmations.
  void expect_all(words request, std::vector<resp::value> replies) {
    std::string bytes;
    for (auto& x : replies)
      bytes += resp::encode(x, resp::protocol::resp3);
    expect_bytes(std::move(request), std::move(bytes));
  }

  void expect_bytes(words request, std::string bytes) {
    script_.push_back({std::move(request), std::move(bytes), false});
  }

  /// The next request, after which the connection is closed.
  void expect_and_close(words request) {
    script_.push_back({std::move(request), {}, true});
  }

  /// The next request is never answered.
  void expect_and_ignore(words request) {
    expect_bytes(std::move(request), {});
  }

  /// HELLO of somebody without a password, answered as Saker does.
  void expect_hello() {
    expect({"HELLO", "3", "SETNAME", "saker"}, hello());
  }

  static resp::value hello(std::string server = "saker") {
    return resp::map{}.add("server", std::move(server)).add("proto", 3);
  }

  /// Comes without a request, `delay` after what came before.
  void push_later(cli::milliseconds delay, resp::value x) {
    later_.push_back({delay, resp::encode(x, resp::protocol::resp3)});
  }

  /// The connection is closed so long after all that comes by itself.
  void close_after(cli::milliseconds delay) {
    later_.push_back({delay, {}});
  }

  /// Connecting there fails from now on.
  void refuse(const std::string& address) {
    refused_.insert(address);
  }

  /// … and works again from that time on.
  void accept_from(cli::milliseconds time) {
    accepts_from_ = time;
  }

  /// Connecting works although the script is over.
  void survive() {
    survives_ = true;
  }

  /// What was connected to, in order, refused ones too.
  const words& connects() const {
    return connects_;
  }

  // -- transport -----------------------------------------------------------------

  result<void>
  connect(const cli::server_address& to, cli::milliseconds) override {
    auto where = to_string(to);
    connects_.push_back(where);
    if (refused_.contains(where) || now_ < accepts_from_
        || (script_.empty() && !survives_))
      return fail(errc::io, "connect " + where + ": Connection refused");
    in_.emplace();
    incoming_.clear();
    open_ = true;
    return {};
  }

  result<void> send(std::string_view bytes) override {
    if (!open_)
      return fail(errc::closed, "Broken pipe");
    in_->feed(bytes);
    while (in_->next() == resp::parser::state::command)
      answer({in_->args().begin(), in_->args().end()});
    in_->hold();
    return {};
  }

  result<std::string> receive(cli::milliseconds patience) override {
    if (!incoming_.empty())
      return std::exchange(incoming_, {});
    if (!open_)
      return fail(errc::closed, "it closed the connection");
    if (!later_.empty()
        && (patience == cli::forever || later_.front().delay <= patience)) {
      now_ += later_.front().delay;
      auto bytes = std::move(later_.front().bytes);
      later_.pop_front();
      if (!bytes.empty())
        return bytes;
      open_ = false;
      return fail(errc::closed, "it closed the connection");
    }
    if (patience == cli::forever) {
      open_ = false;
      return fail(errc::closed, "the script is over");
    }
    if (!later_.empty())
      later_.front().delay -= patience;
    now_ += patience;
    return std::string{};
  }

  cli::milliseconds now() override {
    return now_;
  }

  void pause(cli::milliseconds time) override {
    EXPECT_GT(time.count(), 0);
    now_ += time;
  }

private:
  struct step {
    words request;
    std::string bytes;
    bool close;
  };

  struct delayed {
    cli::milliseconds delay;
    std::string bytes; ///< none: the end of the connection
  };

  static std::string text(const words& x) {
    std::string result;
    for (auto& word : x)
      result += (result.empty() ? "" : " ") + word;
    return result;
  }

  void answer(const words& request) {
    if (script_.empty()) {
      ADD_FAILURE() << "asked, but the script is over: " << text(request);
      open_ = false;
      return;
    }
    auto next = std::move(script_.front());
    script_.pop_front();
    EXPECT_EQ(text(request), text(next.request));
    incoming_ += next.bytes;
    open_ = open_ && !next.close;
  }

  std::deque<step> script_;
  std::deque<delayed> later_;
  std::set<std::string> refused_;
  words connects_;
  std::optional<resp::parser> in_;
  std::string incoming_;
  bool open_ = false;
  bool survives_ = false;
  cli::milliseconds now_{1'000'000};
  cli::milliseconds accepts_from_{0};
};

} // namespace saker::test
