#pragma once

#include "resp/value.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::resp {

/// Appends RESP to a string, in the dialect of one client. Headers and leaves
/// may be written without a tree: `out.array(2); out.bulk("a"); out.integer(1)`
/// — the caller then keeps the counts right.
///
/// | in RESP3        | in RESP2                          |
/// |-----------------|-----------------------------------|
/// | `_`             | `$-1`; `*-1` by `null_array()`    |
/// | `#t`, `#f`      | `:1`, `:0`                        |
/// | `,2.5`          | a bulk string                     |
/// | `=8 txt:…`      | a bulk string without the prefix  |
/// | `%n`            | `*2n`                             |
/// | `~n`, `>n`      | `*n`                              |
/// | `(123…`         | a bulk string                     |
/// | `|n`            | nothing like it: not to be used   |
class writer {
public:
  /// `out` must outlive the writer.
  writer(std::string& out, protocol dialect) noexcept
    : out_(out), resp3_(dialect == protocol::resp3) {
    // nop
  }

  void null();
  void null_array();
  void boolean(bool x);
  void integer(std::int64_t x);
  void real(double x);
  void bulk(std::string_view x);

  /// Digits, as many as it takes.
  void big_number(std::string_view x);

  /// CR and LF become blanks, here and in `error`: no reply can be forged.
  void simple(std::string_view x);
  void error(std::string_view x);

  /// One whole reply that is the same in both dialects: `+PONG\r\n`.
  void encoded(std::string_view reply) {
    out_ += reply;
  }

  void verbatim(std::string_view text, std::string_view format = "txt");

  /// The header only; `count` elements follow.
  void array(std::size_t count);
  void set(std::size_t count);
  void push(std::size_t count);

  /// The header only; `count` pairs of key and item follow.
  void map(std::size_t count);

  /// The same; what it describes follows as a value of its own.
  void attribute(std::size_t count);

  /// A whole tree.
  void append(const value& x);

private:
  void header(char type, std::size_t count);
  void line(char type, std::string_view x);
  void all(const std::vector<value>& items);

  std::string& out_;
  bool resp3_;
};

/// `x` as bytes.
std::string encode(const value& x, protocol dialect);

/// A request: an array of bulk strings, as clients send commands.
void append_request(std::string& out, std::span<const std::string_view> args);
std::string encode_request(std::initializer_list<std::string_view> args);

} // namespace saker::resp
