#include "io/named_tunnel.hpp"

#include "base/units.hpp"
#include "io/fd_watch.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace saker::io {

namespace {

using boost::system::error_code;

/// Goes through the phases: looked up, dialled, greeted; then it is the tunnel
/// that was greeted.
class named_tunnel final : public tunnel,
                           public std::enable_shared_from_this<named_tunnel> {
public:
  named_tunnel(loop& where, named_target to, tunnel_events events)
    : context_(where.context()), timer_(where.context()), to_(std::move(to)),
      events_(std::move(events)) {
    // nop
  }

  void begin(name_lookup& names) {
    auto question = names.begin(to_.host, shown());
    if (!question)
      return later([this, why = question.error()] { end(why.detail); });
    question_ = std::move(*question);
    watch_ = watch_fd(context_, question_->fd());
    watch_->when_readable([self = shared_from_this()] { self->found(); });
    timer_.expires_after(to_.patience);
    timer_.async_wait([self = shared_from_this()](const error_code& ec) {
      if (!ec && self->question_)
        self->too_late();
    });
  }

  result<unique_fd> join() override {
    return inner_->join();
  }

  void close() override {
    closed_ = true;
    events_ = {};
    stop_looking();
    if (inner_)
      inner_->close();
  }

  std::string address() const override {
    return inner_ ? inner_->address() : shown();
  }

  tunnel_figures figures() const override {
    return inner_ ? inner_->figures() : tunnel_figures{};
  }

private:
  std::string shown() const {
    return to_.host + ':' + std::to_string(to_.port);
  }

  /// Nothing is told from inside a call of the owner.
  void later(std::function<void()> what) {
    boost::asio::post(context_,
                      [self = shared_from_this(), what = std::move(what)] {
                        if (!self->closed_)
                          what();
                      });
  }

  void stop_looking() {
    timer_.cancel();
    if (auto watch = std::exchange(watch_, nullptr))
      watch->close();
    question_.reset();
  }

  void too_late() {
    end("look up " + to_.host + ": no answer within "
        + std::to_string(in_milliseconds(to_.patience))
        + " ms; are the name servers of this machine reachable?");
  }

  void found() {
    auto answer = question_ ? question_->answer() : std::nullopt;
    if (closed_ || !answer)
      return;
    stop_looking();
    if (!*answer)
      return end(answer->error().detail);
    left_ = std::move(**answer);
    next();
  }

  void next() {
    while (!left_.empty()) {
      auto address = std::move(left_.front());
      left_.erase(left_.begin());
      if (!to_.allowed || to_.allowed(address))
        return try_out(address);
      add_reason(address
                 + " is no loopback address, and without TLS others "
                   "could listen");
    }
    end(reasons_);
  }

  void try_out(const std::string& address) {
    auto self = shared_from_this();
    inner_ = to_.dial(
      address, {[self](std::string hello) { self->greeted(std::move(hello)); },
                [self](const failure& why) { self->failed(why.detail); }});
  }

  void greeted(std::string hello) {
    greeted_ = true;
    if (auto tell = std::exchange(events_.greeted, nullptr))
      tell(std::move(hello));
  }

  void failed(const std::string& why) {
    if (closed_)
      return;
    if (greeted_)
      return end(why);
    add_reason(why);
    next();
  }

  void add_reason(const std::string& why) {
    reasons_ += (reasons_.empty() ? "" : "; ") + why;
  }

  void end(const std::string& why) {
    auto tell = std::move(events_.closed);
    close();
    if (tell)
      tell(fail(errc::io, why));
  }

  boost::asio::io_context& context_;
  boost::asio::steady_timer timer_;
  named_target to_;
  tunnel_events events_;
  std::shared_ptr<name_question> question_; // null: there is an answer
  std::shared_ptr<fd_watch> watch_;
  host_addresses left_;           // not tried yet
  std::string reasons_;           // of those that were tried
  std::shared_ptr<tunnel> inner_; // to the address that is tried
  bool greeted_ = false;
  bool closed_ = false;
};

} // namespace

std::shared_ptr<tunnel> dial_by_name(loop& where, name_lookup& names,
                                     named_target to, tunnel_events events) {
  auto x = std::make_shared<named_tunnel>(where, std::move(to),
                                          std::move(events));
  x->begin(names);
  return x;
}

} // namespace saker::io
