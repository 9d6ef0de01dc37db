#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::session {

/// The commands between MULTI and EXEC, in order. All bytes lie in one string.
///
///     transaction x;
///     x.add(args);                // while they come in
///     for (; !x.empty(); x.pop()) // at EXEC
///       execute(x.front());
class transaction {
public:
  transaction() = default;
  transaction(const transaction&) = delete; // views point into it
  transaction& operator=(const transaction&) = delete;

  /// Takes one command, which has at least one word. Not after `front`.
  void add(std::span<const std::string_view> args);

  /// One of the commands was refused: EXEC must not run the others.
  void spoil() noexcept {
    spoilt_ = true;
  }

  bool spoilt() const noexcept {
    return spoilt_;
  }

  /// All commands that were added, also those that were popped.
  std::size_t size() const noexcept {
    return words_.size();
  }

  /// No command is left.
  bool empty() const noexcept {
    return next_ == words_.size();
  }

  /// The next command; the same until `pop`. Valid as long as this object.
  std::span<const std::string_view> front();

  void pop() noexcept;

  /// How EXEC was spelt, for those who monitor.
  std::string ended_by;

  /// Bytes held, book-keeping included.
  std::size_t held() const noexcept;

private:
  std::string bytes_;
  std::vector<std::size_t> lengths_; ///< of each word of each command
  std::vector<std::size_t> words_;   ///< of each command
  std::size_t next_ = 0;             ///< command that `front` shows
  std::size_t next_length_ = 0;      ///< its first word in `lengths_`
  std::size_t next_byte_ = 0;
  std::vector<std::string_view> front_;
  bool spoilt_ = false;
};

} // namespace saker::session
