#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "messages/atoms.hpp"
#include "messages/keeper_link_actor.hpp"
#include "supervision/service.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace saker {

/// Where the output of one child comes from and where it goes.
struct output_attachment {
  std::string key; ///< `name#index`
  /// Read ends of its FIFOs, which are moved out; null: those of before stay,
  /// only files and settings change.
  handed_fds fds;
  /// Absolute paths, one for each FIFO; the last one serves the rest. Several
  /// children may share one. None: output is thrown away.
  std::vector<std::string> files;
  supervision::log_settings settings; ///< size, keep, full
  std::uint64_t lost = 0; ///< what the keeper threw away: a line in the log
};

/// What became of the last output of a child.
struct drained_output {
  std::string key;
  std::uint64_t moved = 0; ///< bytes that went into files
  std::uint64_t lost = 0;  ///< bytes that were discarded
  std::uint64_t left = 0;  ///< bytes that wait in the FIFO: `full="block"`
};

/// A piece of output for those who watch. Pieces end anywhere, also within a
/// line.
struct output_copy {
  std::string key;
  std::uint32_t number = 0; ///< 0: out, or both; 1: err
  shared_bytes bytes;       ///< never null; may be empty
  std::uint64_t missed = 0; ///< bytes before these that were skipped
  bool last = false;        ///< the child ended: its last line is complete
  bool added = false;       ///< whole lines, which are not the child's own
};

/// Whole lines about one child that do not come through its FIFOs: what its
/// hooks put out.
struct added_lines {
  std::string key;
  std::string file; ///< absolute; empty: only those who watch get them
  supervision::log_settings settings;
  std::string text; ///< each line with its newline
};

/// Trouble with a log file.
struct log_notice {
  enum class kind : std::uint8_t {
    full,        ///< it takes nothing any more; `why` tells
    healed,      ///< it does again; `lost` bytes were discarded
    not_rotated, ///< it grows beyond its size; `why` tells
  };

  kind what = kind::full;
  std::string key;
  std::string file;
  failure why;
  std::uint64_t lost = 0;
};

/// Who watches output. The answer is the credit for the next pieces: over 1 MiB
/// without an answer, pieces are skipped and counted.
using output_listener_actor = caf::typed_actor<
  caf::replies_to<atom::deliver, output_copy>::with<caf::unit_t>>;

/// Who hears of trouble with log files.
using log_listener_actor
  = caf::typed_actor<caf::reacts_to<atom::report, log_notice>>;

/// The WRITERS: move the output of children from FIFOs to log files. One
/// address for all; behind it is a WRITER for each file system.
using writer_actor = caf::typed_actor<
  // From now on read these FIFOs, or change where their bytes go.
  caf::reacts_to<atom::attach, output_attachment>,
  // The instance is gone for good: write what waits, then forget the key.
  caf::reacts_to<atom::detach, std::string>,
  // Write these lines behind what the child has put out so far, and let those
  // who watch have them. They are left out while a disk hangs and more than
  // 4 MiB wait for it.
  caf::reacts_to<atom::emit, added_lines>,
  // The child ended: write what waits now, and let those who watch have it,
  // then answer. What others write on goes on being read. An unknown key is
  // answered too.
  caf::replies_to<atom::finish, std::string>::with<drained_output>,
  // The last lines of that file (at most 1 KiB for each and 1 MiB for all, but
  // 64 KiB in any case), without the last newline. What waits for that file is
  // written before.
  caf::replies_to<atom::tail, std::string, std::uint32_t>::with<std::string>,
  // Begin new log files for this key now.
  caf::replies_to<atom::rotate, std::string>::with<bool>,
  // Empty its log files and remove the rotated ones.
  caf::replies_to<atom::clear, std::string>::with<bool>,
  // Tell that actor what this key puts out, whether it is attached or not yet.
  caf::reacts_to<atom::watch, std::string, output_listener_actor>,
  // Tell it no more.
  caf::reacts_to<atom::withdraw, std::string, output_listener_actor>,
  // Tell that actor of trouble with log files; it replaces the one before.
  caf::reacts_to<atom::listen, log_listener_actor>>;

/// The WRITERS, as they see themselves.
using writers_actor = writer_actor::extend<
  // From a WRITER: it begins to work.
  caf::reacts_to<atom::tick>,
  // SELF: look whether one of them hangs.
  caf::reacts_to<atom::expire>>;

/// A WRITER: does this for the log files of one file system, which may make it
/// wait. The answers tell how far it is.
using file_writer_actor = caf::typed_actor<
  // As above; answered when it is done.
  caf::replies_to<atom::attach, output_attachment>::with<caf::unit_t>,
  // The key goes, to another writer or for good: write what waits, forget it,
  // and give its FIFOs back.
  caf::replies_to<atom::detach, std::string>::with<handed_fds>,
  // As above; answered when it is done.
  caf::replies_to<atom::emit, added_lines>::with<caf::unit_t>,
  // As above.
  caf::replies_to<atom::finish, std::string>::with<drained_output>,
  caf::replies_to<atom::tail, std::string, std::uint32_t>::with<std::string>,
  caf::replies_to<atom::rotate, std::string>::with<bool>,
  caf::replies_to<atom::clear, std::string>::with<bool>,
  caf::reacts_to<atom::watch, std::string, output_listener_actor>,
  caf::reacts_to<atom::withdraw, std::string, output_listener_actor>,
  caf::reacts_to<atom::listen, log_listener_actor>,
  // SELF: a FIFO is readable.
  caf::reacts_to<atom::readable, std::uint64_t>,
  // SELF: it is this FIFO's turn again.
  caf::reacts_to<atom::pump, std::uint64_t>,
  // SELF: output had time to gather.
  caf::reacts_to<atom::tick>,
  // SELF: a file that took nothing was left alone long enough.
  caf::reacts_to<atom::expire, std::uint64_t>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::output_attachment)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::drained_output)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::output_copy)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::log_notice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::added_lines)
