#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace saker::resp {

/// The two dialects. A connection starts with `resp2`; HELLO changes it.
enum class protocol : std::uint8_t { resp2 = 2, resp3 = 3 };

class value;
struct entry;

struct null {
  bool operator==(const null&) const = default;
};

/// One line, for example `OK`. CR and LF become blanks on the wire.
struct simple {
  std::string text;
  bool operator==(const simple&) const = default;
};

/// One line that starts with a code, for example `ERR no such thing`; without
/// the leading `-`. CR and LF become blanks on the wire.
struct error {
  std::string text;
  bool operator==(const error&) const = default;
};

/// Text to be shown as it is; a bulk string in RESP2.
struct verbatim {
  std::string text;
  std::string format = "txt"; ///< exactly three bytes
  bool operator==(const verbatim&) const = default;
};

struct array {
  std::vector<value> items;
};

/// An array in RESP2.
struct set {
  std::vector<value> items;
};

/// Out-of-band data; an array in RESP2.
struct push {
  std::vector<value> items;
};

/// In the order given; a flat array in RESP2.
struct map {
  std::vector<entry> entries;

  /// Appends one entry; does not look for an equal key.
  map& add(value key, value item);
};

bool operator==(const array& x, const array& y);
bool operator==(const set& x, const set& y);
bool operator==(const push& x, const push& y);
bool operator==(const map& x, const map& y);

/// Any RESP2 or RESP3 value. Owns everything it holds. Built from what it
/// means: `value{3}`, `value{"bulk"}`, `value{simple{"OK"}}`,
/// `value{array{{1, "two", nullptr}}}`, `value{map{}.add("pid", 7)}`.
class value {
public:
  using storage = std::variant<null, bool, std::int64_t, double, std::string,
                               simple, error, verbatim, array, map, set, push>;

  // The bodies stand below, where `entry` is complete.
  value() noexcept;
  value(std::nullptr_t) noexcept;
  value(double x) noexcept;

  /// A bulk string: any bytes.
  value(std::string x) noexcept;
  value(std::string_view x);
  value(const char* x);

  template <std::same_as<bool> T>
  value(T x) noexcept;

  /// Above 2^63 - 1 an unsigned number wraps.
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) value(T x)
  noexcept;

  template <class T>
  requires(
    std::same_as<
      T,
      null> || std::same_as<T, simple> || std::same_as<T, error> || std::same_as<T, verbatim> || std::same_as<T, array> || std::same_as<T, map> || std::same_as<T, set> || std::same_as<T, push>)
    value(T x)
  noexcept;

  const storage& data() const noexcept {
    return data_;
  }

  template <class T>
  bool is() const noexcept {
    return std::holds_alternative<T>(data_);
  }

  template <class T>
  const T* get_if() const noexcept {
    return std::get_if<T>(&data_);
  }

  template <class T>
  T* get_if() noexcept {
    return std::get_if<T>(&data_);
  }

  bool is_null() const noexcept {
    return is<null>();
  }

  bool is_error() const noexcept {
    return is<error>();
  }

  /// The bytes of a bulk, simple, verbatim or error; otherwise empty. Valid
  /// as long as this value is.
  std::string_view text() const noexcept;

  /// An integer, a boolean as 0 or 1, or a bulk or simple string that is one.
  std::optional<std::int64_t> integer() const noexcept;

  /// The elements of an array, set or push; otherwise empty. Valid as long as
  /// this value is: keep it in a variable before looping over them.
  std::span<const value> items() const noexcept;

  /// The item of that key: in a map, or in a flat array as RESP2 sends maps.
  /// Keys are compared by `text()`. `nullptr` if there is none.
  const value* find(std::string_view key) const noexcept;

  friend bool operator==(const value& x, const value& y);

private:
  storage data_;
};

struct entry {
  value key;
  value item;
  bool operator==(const entry&) const = default;
};

inline value::value() noexcept = default;

template <std::same_as<bool> T>
value::value(T x) noexcept : data_(x) {
  // nop
}

template <std::integral T>
requires(!std::same_as<T, bool> && !std::same_as<T, char>) value::value(T x)
noexcept : data_(static_cast<std::int64_t>(x)) {
  // nop
}

template <class T>
requires(
  std::same_as<
    T,
    null> || std::same_as<T, simple> || std::same_as<T, error> || std::same_as<T, verbatim> || std::same_as<T, array> || std::same_as<T, map> || std::same_as<T, set> || std::same_as<T, push>)
  value::value(T x)
noexcept : data_(std::move(x)) {
  // nop
}

inline value::value(std::nullptr_t) noexcept {
  // nop
}

inline value::value(double x) noexcept : data_(x) {
  // nop
}

inline value::value(std::string x) noexcept : data_(std::move(x)) {
  // nop
}

inline value::value(std::string_view x) : data_(std::string{x}) {
  // nop
}

inline value::value(const char* x) : data_(std::string{x}) {
  // nop
}

/// `+OK`.
value ok();

/// An error of the common code: `-ERR <text>`.
value err(std::string_view text);

/// One line for logs and tests: `[+OK, "bulk", 3, null, {"key": 2.5}]`. Bytes
/// that a terminal would obey are escaped.
std::string to_string(const value& x);

std::ostream& operator<<(std::ostream& out, const value& x);

} // namespace saker::resp
