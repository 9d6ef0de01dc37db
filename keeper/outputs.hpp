#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "keeper/table.hpp"
#include "link/request.hpp"
#include "process/spec.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace saker::keeper {

/// The FIFOs of the children's output. One end of each is held here, so that
/// what a child wrote stays in the kernel while its row exists.
class outputs {
public:
  explicit outputs(std::string runtime_dir) : runtime_(std::move(runtime_dir)) {
    // nop
  }

  /// Makes and holds what `mode` asks for (a second one that is not asked for
  /// any more goes), and tells the specification of the child. What is still
  /// in a FIFO stays there.
  result<void>
  prepare(std::string_view key, link::output_mode mode, process::spec& what);

  /// Holds the FIFOs of a child that an earlier keeper started, by their names
  /// or, when these are gone, by the descriptors of the child; `pid` 0: it is
  /// gone too. Fails: `errc::not_found`, as `open_output_fifo`.
  result<void> reopen(std::string_view key, link::output_mode mode, pid_t pid);

  /// Where the output of such a child goes, as far as it can be seen.
  link::output_mode mode_of(std::string_view key, pid_t pid) const;

  /// Read ends for the node, each an open file description of its own.
  std::vector<unique_fd> readers(std::string_view key) const;

  /// Lets go of the FIFOs and removes them.
  void drop(std::string_view key);

  /// The same for all that have no row in `known`.
  void drop_others(const table& known);

  /// Throws away what is in all FIFOs, and counts it.
  void drain();

  /// What the node threw away and did not yet say: it may die before it can.
  void set_lost(std::string_view key, std::uint64_t bytes) noexcept;

  /// Bytes thrown away since the last call, or told by `set_lost` after it.
  std::uint64_t take_lost(std::string_view key);

  bool empty() const noexcept {
    return held_.empty();
  }

private:
  struct held {
    std::array<unique_fd, 2> fds; ///< out, err
    std::uint64_t lost = 0;
  };

  result<std::string> path_of(std::string_view key, std::size_t stream) const;
  result<void>
  hold(held& x, std::string_view key, std::size_t streams, bool make);

  std::string runtime_;
  std::map<std::string, held, std::less<>> held_;
};

} // namespace saker::keeper
