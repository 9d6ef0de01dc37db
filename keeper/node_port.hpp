#pragma once

#include "link/answer.hpp"
#include "link/channel.hpp"
#include "link/request.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace saker::keeper {

/// The keeper's end of the link to one run of the node, in the loop.
class node_port {
public:
  struct events {
    /// One request. Returns false to get no further one until `resume()`.
    std::function<bool(std::uint64_t seq, result<link::request>)> request;

    /// What was queued has been written: there is room again.
    std::function<void()> drained;

    /// The other end closed, or sent what makes no sense. Called once.
    std::function<void(const failure&)> closed;
  };

  /// Unread output above which requests are not read any more.
  static constexpr std::size_t high_water = std::size_t{1} << 20;

  /// The same for descriptors: they count against our limit of open files.
  static constexpr std::size_t most_fds = 256;

  node_port(boost::asio::io_context& io, unique_fd socket, events what);

  node_port(const node_port&) = delete;
  node_port& operator=(const node_port&) = delete;

  ~node_port();

  void
  reply(std::uint64_t seq, link::answer what, std::vector<unique_fd> fds = {});
  void push(const link::push& what, std::vector<unique_fd> fds = {});
  void resume();

  /// The node has ended: carries out what it still sent; answers are dropped.
  void read_rest();

  bool full() const noexcept {
    return channel_.queued() >= high_water || channel_.queued_fds() >= most_fds;
  }

private:
  void wait_readable();
  void wait_writable();
  void read();
  void work();
  void flush_soon();
  void flush();
  void close(const failure& why);

  boost::asio::io_context& io_;
  link::channel channel_;
  boost::asio::posix::stream_descriptor socket_;
  events events_;
  bool paused_ = false;
  bool reading_ = false; ///< waits for input
  bool writing_ = false; ///< a flush is planned or waits
  bool closed_ = false;
  bool deaf_ = false; ///< what is sent is dropped
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

} // namespace saker::keeper
