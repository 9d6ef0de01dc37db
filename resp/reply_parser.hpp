#pragma once

#include "base/result.hpp"
#include "resp/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::resp {

/// What a server may send us. Checked before anything is allocated.
struct reply_limits {
  std::size_t depth = 32;                      ///< arrays within arrays
  std::size_t bulk = std::size_t{512} << 20;   ///< bytes of one string
  std::size_t elements = std::size_t{1} << 24; ///< of one array; map: pairs
  std::size_t line = 65536;                    ///< bytes up to a CR LF
};

/// Reads RESP2 and RESP3 values out of a stream of bytes, for those who are
/// the client: keeper link, command line, tests. Works through each byte
/// once, however the stream is cut.
///
///     reply_parser in;
///     in.feed(bytes);
///     while (auto x = in.next())
///       use(*x);          // x->is<push>() for out-of-band data
///     if (in.failed())
///       disconnect(in.why());
///
/// Blob errors become `error`, big numbers bulk strings; attributes are
/// skipped. A null array of RESP2 is `null`.
class reply_parser {
public:
  explicit reply_parser(reply_limits limits = {}) : limits_(limits) {
    // nop
  }

  /// Copies the bytes. Ignored after a failure.
  void feed(std::string_view bytes);

  /// The next whole value; nothing if more bytes are needed or it failed.
  std::optional<value> next();

  /// True after bytes that are not RESP or exceed a limit; stays so.
  bool failed() const noexcept {
    return why_.code != errc::none;
  }

  /// `errc::syntax` or `errc::limit`, with what was wrong.
  const failure& why() const noexcept {
    return why_;
  }

  /// True between two values: nothing is half read.
  bool idle() const noexcept {
    return open_.empty() && !bulk_ && at_ == buffer_.size();
  }

private:
  enum class step { more, leaf, opened, failed };

  /// An aggregate that still lacks elements.
  struct frame {
    char type;
    std::size_t missing; ///< elements; of a map keys and items
    std::vector<value> items;
  };

  step read(value& leaf);
  step read_bulk(char type, std::string_view count, value& leaf);
  step read_aggregate(char type, std::string_view count, value& leaf);
  step refuse(errc code, std::string detail);
  std::optional<std::string_view> line();
  bool close_full(value& item);
  void compact();

  reply_limits limits_;
  std::string buffer_;
  std::size_t at_ = 0;              ///< first byte not yet read
  std::size_t scanned_ = 0;         ///< no CR before here
  std::optional<std::size_t> bulk_; ///< length of the string being read
  char bulk_type_ = '$';
  std::vector<frame> open_;
  failure why_;
};

} // namespace saker::resp
