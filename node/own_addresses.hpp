#pragma once

#include "config/listen_address.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

namespace saker::node {

/// Where clients connect now: no service may listen there. CONFIG SET moves
/// them while definitions are read on another thread.
class own_addresses {
public:
  void set(const std::vector<config::listen_address>& all) {
    std::lock_guard guard{mutex_};
    all_.clear();
    for (auto& x : all)
      all_.push_back(to_string(x));
  }

  bool has(const std::string& address) const {
    std::lock_guard guard{mutex_};
    return std::find(all_.begin(), all_.end(), address) != all_.end();
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

} // namespace saker::node
