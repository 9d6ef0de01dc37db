#include "keeper/birth.hpp"

namespace saker::keeper {

birth::birth(boost::asio::io_context& io, process::spawn_report report,
             std::chrono::milliseconds limit, callback done)
  : report_(std::move(report)), readable_(io, report_.fd()), timer_(io, limit),
    done_(std::make_shared<callback>(std::move(done))) {
  timer_.async_wait([this, alive = std::weak_ptr{done_}](auto error) {
    auto call = alive.lock();
    if (error || !call || !*call)
      return;
    auto tell = std::exchange(*call, {});
    tell(process::spawn_progress{report_.pending()});
  });
  wait();
}

birth::~birth() {
  readable_.release(); // the report closes it
}

void birth::wait() {
  readable_.async_wait(
    boost::asio::posix::stream_descriptor::wait_read,
    [this, alive = std::weak_ptr{done_}](auto error) {
      auto call = alive.lock();
      if (error || !call || !*call)
        return;
      auto progress = report_.read();
      if (std::holds_alternative<process::spawn_pending>(progress))
        return wait();
      // The callback may drop this object: nothing of it is used after.
      auto done = std::exchange(*call, {});
      done(progress);
    });
}

} // namespace saker::keeper
