#include "io/pool.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>

namespace saker::io {

namespace {

constexpr std::size_t messages_per_resume = 5;

} // namespace

pool::pool(caf::actor_system& sys, std::size_t threads)
  : caf::execution_unit(&sys), guard_(context_.get_executor()) {
  for (std::size_t i = 0; i < threads; ++i)
    grow();
}

pool::~pool() {
  guard_.reset();
  context_.stop();
  for (auto& thread : threads_)
    if (thread.joinable())
      thread.join();
}

void pool::exec_later(caf::resumable* job) {
  boost::asio::post(context_, [this, job] {
    switch (job->resume(this, messages_per_resume)) {
      case caf::resumable::resume_later: exec_later(job); break;
      case caf::resumable::done:
      case caf::resumable::awaiting_message:
        caf::intrusive_ptr_release(job);
        break;
      case caf::resumable::shutdown_execution_unit: break;
    }
  });
}

void pool::grow() {
  std::lock_guard lock{mutex_};
  ++running_;
  threads_.emplace_back([this] { run(); });
}

std::size_t pool::abandon(std::chrono::milliseconds patience) {
  guard_.reset();
  context_.stop();
  std::unique_lock lock{mutex_};
  ended_.wait_for(lock, patience, [this] { return running_ == 0; });
  if (running_ > 0)
    for (auto& thread : threads_)
      thread.detach();
  return running_;
}

void pool::run() {
  context_.run();
  std::lock_guard lock{mutex_};
  --running_;
  ended_.notify_all();
}

} // namespace saker::io
