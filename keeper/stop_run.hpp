#pragma once

#include "keeper/logger.hpp"
#include "keeper/nursery.hpp"
#include "keeper/table.hpp"
#include "process/ladder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <string>

namespace saker::keeper {

/// Where one child is on its ladder. Pure: time is an argument.
class descent {
public:
  /// A ladder that does not end in KILL, or lasts longer, ends in KILL after
  /// 60 s; text that is no ladder counts as `TERM 10s KILL`.
  descent(const std::string& text, stamp now);

  /// The signal that is due, or 0. Ask until it is 0.
  int due(stamp now);

  /// When the next one is due; nothing after the last.
  std::optional<stamp> next() const noexcept;

  /// KILL is due at once.
  void compress(stamp now);

private:
  process::ladder rungs_;
  std::size_t at_ = 0;
  stamp next_{0};
  stamp last_{0}; ///< for KILL, whatever the ladder says
};

/// Stops all children by the ladders that came with SPAWN, all at once: what
/// the keeper does when there is no node to do it in order.
class stop_run {
public:
  /// Calls `done` once nothing lives any more, or does not die.
  stop_run(boost::asio::io_context& io, table& rows, nursery& children,
           logger& log, std::function<void()> done);

  void begin();

  bool begun() const noexcept {
    return begun_;
  }

  bool over() const noexcept {
    return over_;
  }

  /// KILL for all that still live.
  void compress();

  /// A child has ended.
  void check();

private:
  void tick();
  void send(entry& row, int signal);
  void finish();

  table& rows_;
  nursery& children_;
  logger& log_;
  std::function<void()> done_;
  boost::asio::steady_timer timer_;
  std::map<std::string, descent> descents_;
  stamp give_up_{0};
  bool begun_ = false;
  bool over_ = false;
};

} // namespace saker::keeper
