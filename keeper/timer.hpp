#pragma once

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <utility>

namespace saker::keeper {

/// Calls `what` after `delay`, unless the timer is set again, cancelled or
/// destroyed before.
template <class F>
void call_after(boost::asio::steady_timer& timer,
                std::chrono::nanoseconds delay, F what) {
  timer.expires_after(delay);
  timer.async_wait([what = std::move(what)](auto error) mutable {
    if (!error)
      what();
  });
}

} // namespace saker::keeper
