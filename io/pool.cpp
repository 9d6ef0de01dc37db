#include "io/pool.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>

#include <algorithm>

#include <pthread.h>

namespace saker::io {

namespace {

constexpr std::size_t messages_per_resume = 5;

} // namespace

pool::pool(caf::actor_system& sys, std::size_t threads, std::size_t spare)
  : caf::execution_unit(&sys), guard_(context_.get_executor()),
    wanted_(threads), spare_(spare) {
  std::lock_guard lock{mutex_};
  for (std::size_t i = 0; i < threads; ++i)
    start();
}

pool::~pool() {
  guard_.reset();
  {
    std::lock_guard lock{mutex_};
    context_.stop();
  }
  // From here on no thread takes itself off the list.
  for (auto* list : {&threads_, &gone_})
    for (auto& x : *list)
      x.join();
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

void pool::run(std::function<void()> job) {
  boost::asio::post(context_, std::move(job));
}

bool pool::grow() {
  std::lock_guard lock{mutex_};
  if (stuck_++ >= spare_)
    return false;
  for (auto& x : gone_)
    x.join();
  gone_.clear();
  start();
  return true;
}

void pool::shrink() {
  std::lock_guard lock{mutex_};
  if (--stuck_ < spare_)
    ++surplus_;
}

std::size_t pool::able() const noexcept {
  auto stuck = stuck_.load();
  return wanted_ + std::min(stuck, spare_) - stuck;
}

bool pool::may_grow() const noexcept {
  return stuck_ < spare_;
}

void pool::start() {
  threads_.emplace_back([this] { work(); });
}

void pool::work() {
  ::pthread_setname_np(::pthread_self(), "saker-script");
  while (context_.run_one() > 0)
    if (surplus_ > 0 && leave())
      return;
}

/// Whether this thread is the one too many.
bool pool::leave() {
  std::lock_guard lock{mutex_};
  if (surplus_ == 0 || context_.stopped())
    return false;
  --surplus_;
  auto me = std::find_if(threads_.begin(), threads_.end(), [](auto& x) {
    return x.get_id() == std::this_thread::get_id();
  });
  gone_.splice(gone_.end(), threads_, me);
  return true;
}

} // namespace saker::io
