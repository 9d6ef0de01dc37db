#include "io/fd_watch.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

namespace saker::io {

namespace {

class descriptor_watch final
  : public fd_watch,
    public std::enable_shared_from_this<descriptor_watch> {
public:
  descriptor_watch(boost::asio::io_context& context, int fd) : fd_(context) {
    boost::system::error_code ignored;
    fd_.assign(fd, ignored);
  }

  ~descriptor_watch() override {
    let_go();
  }

  void when_readable(std::function<void()> then) override {
    wait(boost::asio::posix::stream_descriptor::wait_read, reading_,
         std::move(then));
  }

  void when_writable(std::function<void()> then) override {
    wait(boost::asio::posix::stream_descriptor::wait_write, writing_,
         std::move(then));
  }

  void close() override {
    let_go();
  }

private:
  void wait(boost::asio::posix::stream_descriptor::wait_type what,
            bool& pending, std::function<void()> then) {
    if (pending || !fd_.is_open())
      return;
    pending = true;
    fd_.async_wait(what,
                   [self = shared_from_this(), &pending,
                    then = std::move(then)](boost::system::error_code ec) {
                     pending = false;
                     if (!ec && self->fd_.is_open())
                       then();
                   });
  }

  // The descriptor is not ours: it must not be closed with this object.
  void let_go() {
    if (fd_.is_open())
      (void)fd_.release();
  }

  boost::asio::posix::stream_descriptor fd_;
  bool reading_ = false;
  bool writing_ = false;
};

} // namespace

fd_watch::~fd_watch() {
  // nop
}

std::shared_ptr<fd_watch> watch_fd(boost::asio::io_context& context, int fd) {
  return std::make_shared<descriptor_watch>(context, fd);
}

} // namespace saker::io
