#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::resp {

/// What a client may send. Checked before anything is allocated.
struct request_limits {
  std::size_t arguments = INT_MAX;           ///< of one command
  std::size_t bulk = std::size_t{512} << 20; ///< bytes of one argument
};

/// What a client may send before it has authenticated itself.
inline constexpr request_limits limits_before_auth{10, 16384};

/// Longest inline command and longest line of a count, in bytes.
inline constexpr std::size_t max_request_line = std::size_t{64} * 1024;

/// What a client is told, in plain text, that begins with a handshake of TLS.
inline constexpr std::string_view tls_on_plain_port
  = "this port speaks no TLS; connect without it, or to an address of [tls] "
    "listen";

/// Reads requests (multibulk and inline) out of a stream of bytes, each byte
/// once however the stream is cut. Arguments are views: into the bytes that
/// were fed where possible, so that a short command costs no allocation.
///
///     in.feed(bytes);               // borrowed, not copied …
///     while (in.next() == parser::state::command)
///       execute(in.args());         // valid until the next call
///     in.hold();                    // … until here: the rest is kept
///
/// Empty requests (`*0`, `*-1`, blank lines) are skipped. Texts of errors are
/// those of Redis 7.0.15.
class parser {
public:
  enum class state : std::uint8_t {
    command,    ///< `args()` holds one whole command, at least one argument
    incomplete, ///< more bytes are needed
    failed,     ///< `error()` tells why; nothing more will be read
  };

  explicit parser(request_limits limits = {}) : limits_(limits) {
    // nop
  }

  parser(const parser&) = delete; // views point into it
  parser& operator=(const parser&) = delete;

  /// Chooses the small limits and their error texts, or the ordinary ones.
  void authenticated(bool x) noexcept {
    authenticated_ = x;
  }

  /// For what is read from now on.
  void limit(request_limits x) noexcept {
    limits_ = x;
  }

  /// Takes bytes. They must stay alive until `hold`.
  void feed(std::string_view bytes);

  /// Finds the next command.
  state next();

  /// Makes `next` return the present command once more.
  void unread() noexcept {
    again_ = ready_;
  }

  /// The present command, after `next` returned `command`.
  std::span<const std::string_view> args() const noexcept {
    return args_;
  }

  /// Copies what has not been read, so that the bytes fed may go away. The
  /// present command becomes invalid unless it was unread.
  void hold();

  /// Bytes kept or still to be read, book-keeping of arguments included.
  std::size_t held() const noexcept {
    return input_.size() - (ready_ || counted_ ? start_ : at_)
           + slices_.size() * sizeof(slice);
  }

  /// Bytes that more input could fill without an allocation.
  std::size_t spare() const noexcept {
    return kept_.capacity() - kept_.size();
  }

  /// `Protocol error: …`, without the code `ERR`. Empty unless failed.
  const std::string& error() const noexcept {
    return error_;
  }

private:
  struct slice {
    std::size_t offset; ///< from the start of `input_` or `unquoted_`
    std::size_t length;
  };

  state read();
  state read_multibulk();
  state read_count();
  state read_arguments();
  state read_inline();
  state refuse(std::string_view what);
  void finish() noexcept;
  void show(std::string_view bytes);
  bool read_length(std::string_view digits);

  request_limits limits_;
  bool authenticated_ = true;
  bool ready_ = false;   ///< `slices_` are a whole command, ending at `at_`
  bool again_ = false;   ///< and it is to be returned once more
  bool inline_ = false;  ///< slices point into `unquoted_`
  bool counted_ = false; ///< the `*n` of a command has been read
  bool bulk_ = false;    ///< the `$n` of an argument has been read
  bool failed_ = false;
  std::size_t missing_ = 0; ///< arguments of the present command
  std::size_t length_ = 0;  ///< bytes of the present argument
  std::size_t start_ = 0;   ///< of the present command
  std::size_t at_ = 0;      ///< first byte not yet read
  std::size_t scanned_ = 0; ///< no end of line before here
  std::string_view input_;  ///< borrowed, or all of `kept_`
  std::string kept_;
  std::string unquoted_;
  std::vector<slice> slices_;
  std::vector<std::string_view> args_;
  std::string error_;
};

/// Splits a line as redis-cli and inline commands do: blanks separate, "…"
/// with escapes (`\n`, `\x41` …), '…' literal but for `\'`. Appends the bytes
/// of the arguments to `bytes` and their lengths to `lengths`. False if
/// quotes do not match or something follows a closing quote.
bool split_inline(std::string_view line, std::string& bytes,
                  std::vector<std::size_t>& lengths);

} // namespace saker::resp
