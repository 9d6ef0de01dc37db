#pragma once

#include "config/settings.hpp"
#include "resp/value.hpp"
#include "session/audit_limit.hpp"
#include "session/effect.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace saker::session {

/// Where sessions, and whoever carries out commands of other nodes, say who did
/// what. What is too much is left out here, before it costs anything: what goes
/// on from here is bounded in each second. Any thread.
class audit_trail {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using sink = std::function<void(audit_entry)>;

  /// `tell` gets what is to be told; `counts` is called when the first one is
  /// left out: `take_excess` is due in a second. Both by any thread.
  audit_trail(const config::audit_settings& how, sink tell,
              std::function<void()> counts)
    : how_(how), tell_(std::move(tell)), counts_(std::move(counts)),
      limit_(how.per_second, how.refused_per_second) {
    // nop
  }

  /// Whether that is told at all.
  bool takes(audit_kind what) const noexcept;

  /// Whether there is room for one more of it; each that has it is to be told.
  bool admit(audit_kind what, std::string_view user, time_point now);

  void tell(audit_entry x) const {
    tell_(std::move(x));
  }

  std::vector<audit_limit::excess> take_excess();

private:
  config::audit_settings how_;
  sink tell_;
  std::function<void()> counts_;
  std::mutex mutex_; // guards what follows
  audit_limit limit_;
};

using shared_trail = std::shared_ptr<audit_trail>;

/// Commands of one session that others carry out, until it is known how they
/// ended. Changes that are left when it ends are told as `begun`.
class open_audits {
public:
  explicit open_audits(shared_trail to) : to_(std::move(to)) {
    // nop
  }

  ~open_audits();

  open_audits(const open_audits&) = delete;
  open_audits& operator=(const open_audits&) = delete;

  void add(request_id id, audit_entry x) {
    all_.push_back({id, std::move(x), std::nullopt});
  }

  /// One that nobody need know of, unless it is refused; it came in `at` that
  /// time.
  void add_look(request_id id, audit_entry x, audit_trail::time_point at) {
    all_.push_back({id, std::move(x), at});
  }

  void answered(request_id id, const resp::value& reply);

private:
  struct open {
    request_id id;
    audit_entry entry;
    std::optional<audit_trail::time_point> look;
  };

  shared_trail to_;
  std::vector<open> all_;
};

} // namespace saker::session
