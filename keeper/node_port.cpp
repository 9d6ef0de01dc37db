#include "keeper/node_port.hpp"

#include <boost/asio/post.hpp>

namespace saker::keeper {

using boost::asio::posix::stream_descriptor;

node_port::node_port(boost::asio::io_context& io, unique_fd socket, events what)
  : io_(io), channel_(std::move(socket)), socket_(io, channel_.fd()),
    events_(std::move(what)) {
  wait_readable();
}

node_port::~node_port() {
  socket_.release(); // the channel closes it
}

// -- sending ------------------------------------------------------------------

void node_port::reply(std::uint64_t seq, link::answer what,
                      std::vector<unique_fd> fds) {
  channel_.send(encode(link::reply{seq, std::move(what)}), std::move(fds));
  flush_soon();
}

void node_port::push(const link::push& what, std::vector<unique_fd> fds) {
  channel_.send(encode(what), std::move(fds));
  flush_soon();
}

/// One write for all that this turn of the loop has to say.
void node_port::flush_soon() {
  if (deaf_)
    channel_.drop_output();
  if (writing_ || closed_ || deaf_)
    return;
  writing_ = true;
  boost::asio::post(io_, [this, alive = std::weak_ptr{alive_}] {
    if (!alive.expired())
      flush();
  });
}

void node_port::flush() {
  writing_ = false;
  if (closed_)
    return;
  if (!channel_.flush()) {
    // It reads no more, but what it said before still counts: the end is told
    // by reading.
    deaf_ = true;
    channel_.drop_output();
    return work();
  }
  if (channel_.wants_write())
    return wait_writable();
  std::weak_ptr alive{alive_};
  events_.drained();
  if (!alive.expired())
    work();
}

void node_port::wait_writable() {
  writing_ = true;
  socket_.async_wait(stream_descriptor::wait_write,
                     [this, alive = std::weak_ptr{alive_}](auto error) {
                       if (!error && !alive.expired())
                         flush();
                     });
}

// -- receiving ----------------------------------------------------------------

void node_port::wait_readable() {
  if (reading_)
    return;
  reading_ = true;
  socket_.async_wait(stream_descriptor::wait_read,
                     [this, alive = std::weak_ptr{alive_}](auto error) {
                       if (!error && !alive.expired())
                         read();
                     });
}

void node_port::read() {
  reading_ = false;
  std::weak_ptr alive{alive_};
  auto open = closed_ ? result<bool>{true} : channel_.receive();
  work();
  if (alive.expired())
    return;
  if (!open)
    close(open.error());
  else if (!*open)
    close(fail(errc::closed, "the node closed it"));
}

void node_port::resume() {
  if (!paused_)
    return;
  paused_ = false;
  work();
}

void node_port::read_rest() {
  auto more = !closed_;
  while (more) {
    auto open = channel_.receive();
    more = false;
    // Somebody may have kept a copy of the other end: no frame, no more turns.
    for (auto frame = channel_.next(); frame; frame = channel_.next())
      if (auto seq = link::sequence_of(*frame)) {
        more = open && *open;
        events_.request(*seq, link::decode_request(*frame));
      }
  }
  closed_ = true;
}

/// Hands out the requests that were read, as long as there is room for their
/// answers.
void node_port::work() {
  std::weak_ptr alive{alive_};
  while (!closed_ && !paused_ && !full()) {
    auto frame = channel_.next();
    if (!frame && channel_.broken())
      return close(fail(errc::corrupt, channel_.why().detail));
    if (!frame)
      return wait_readable();
    auto seq = link::sequence_of(*frame);
    if (!seq)
      return close(fail(errc::corrupt, "the node sent no request: "
                                         + to_string(*frame).substr(0, 200)));
    auto more = events_.request(*seq, link::decode_request(*frame));
    if (alive.expired())
      return;
    paused_ = !more;
  }
}

void node_port::close(const failure& why) {
  if (closed_)
    return;
  closed_ = true;
  auto call = events_.closed; // may drop this object
  call(why);
}

} // namespace saker::keeper
