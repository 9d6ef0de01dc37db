#include "io/loop.hpp"

#include "io/asio_descriptor.hpp"

#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>

#include <algorithm>

namespace saker::io {

namespace {

/// The loop that runs on this thread.
thread_local loop* here = nullptr;

/// How many actors run between two looks at the clock.
constexpr std::size_t resumes_per_look = 8;

/// Sets `here` for the duration of a scope.
struct presence {
  explicit presence(loop* x) : before(here) {
    here = x;
  }
  ~presence() {
    here = before;
  }
  loop* before;
};

} // namespace

loop::loop(caf::actor_system& sys, std::chrono::microseconds most,
           std::size_t together)
  : caf::execution_unit(&sys), most_(most), sends_(together) {
  sockets_.add(descriptor_of(context_), EPOLLIN, asio_);
}

loop::~loop() {
  take_remote();
  for (auto* job : ready_)
    caf::intrusive_ptr_release(job);
}

void loop::run() {
  presence mark{this};
  while (!stopped_.load(std::memory_order_acquire)) {
    work();
    // What is ready must not wait for the kernel; what waits in the kernel
    // must not wait for what is ready.
    auto busy = context_.poll() > 0 || is_ready() || has_hooks();
    sockets_.look(busy ? 0 : -1);
  }
}

void loop::drain() {
  presence mark{this};
  do {
    work();
  } while (context_.poll() + sockets_.look(0) > 0 || is_ready() || has_hooks());
}

void loop::stop() {
  stopped_.store(true, std::memory_order_release);
  sockets_.wake();
}

void loop::exec_later(caf::resumable* job) {
  if (here == this) {
    ready_.push_back(job);
    return;
  }
  bool first = false;
  {
    std::lock_guard guard{mutex_};
    first = remote_.empty();
    remote_.push_back(job);
    has_remote_.store(true, std::memory_order_release);
  }
  if (first) // one wake-up per burst
    sockets_.wake();
}

void loop::work() {
  take_remote();
  run_ready();
  deliver();
  run_hooks(stage::write);
  sends_.send();
}

void loop::run_ready() {
  using clock = std::chrono::steady_clock;
  if (ready_.empty())
    return;
  auto end = clock::now() + most_;
  while (!ready_.empty()) {
    for (std::size_t i = 0; i < resumes_per_look && !ready_.empty(); ++i)
      resume_first();
    if (!ready_.empty() && clock::now() >= end)
      return;
  }
}

// What the join hooks send is delivered in the same turn, so that a publish
// leaves with the write that ends it: to all who listen, or those who come
// late would take the next one apart too. Who has had its time waits.
void loop::deliver() {
  waiting_.swap(ready_);
  auto left = deliveries_per_turn;
  while (left > 0 && run_hooks(stage::join)) {
    auto now = std::min(left, ready_.size());
    left -= now;
    for (; now > 0; --now)
      resume_first();
  }
  waiting_.insert(waiting_.end(), ready_.begin(), ready_.end());
  ready_.clear();
  waiting_.swap(ready_);
}

void loop::resume_first() {
  auto* job = ready_.front();
  ready_.pop_front();
  resume(job);
}

void loop::resume(caf::resumable* job) {
  switch (job->resume(this, messages_per_resume)) {
    case caf::resumable::resume_later: ready_.push_back(job); break;
    case caf::resumable::done:
    case caf::resumable::awaiting_message:
      caf::intrusive_ptr_release(job);
      break;
    case caf::resumable::shutdown_execution_unit: break;
  }
}

bool loop::is_ready() const noexcept {
  return !ready_.empty();
}

void loop::take_remote() {
  if (!has_remote_.load(std::memory_order_acquire))
    return;
  {
    std::lock_guard guard{mutex_};
    taken_.swap(remote_);
    has_remote_.store(false, std::memory_order_relaxed);
  }
  ready_.insert(ready_.end(), taken_.begin(), taken_.end());
  taken_.clear();
}

} // namespace saker::io
