#pragma once

#include "base/errc.hpp"

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace saker {

/// Why something below the actors failed.
struct failure {
  errc code = errc::none;
  std::string detail; ///< for people: verb, object, reason, hint

  bool operator==(const failure&) const = default;
};

/// `code: detail`, for logs.
inline std::string to_string(const failure& x) {
  auto text = std::string{to_string(x.code)};
  return x.detail.empty() ? text : text + ": " + x.detail;
}

/// The value, or why there is none. The layers under actors/ return this and
/// nothing else; they neither throw nor know CAF. Ask `if (x)` before `*x`.
template <class T>
using result = boost::system::result<T, failure>;

/// Called by `result::value()` on a failure: a bug of the caller.
[[noreturn]] inline void
throw_exception_from_error(const failure& x, const auto&) {
  throw std::logic_error("unchecked failure: " + to_string(x));
}

/// `return fail(errc::io, "open /x: Permission denied");`
inline failure fail(errc code, std::string detail = {}) {
  return failure{code, std::move(detail)};
}

/// A failed system call: `open /x: Permission denied`. `number` is an errno.
failure
system_failure(std::string_view verb, std::string_view object, int number);

/// The name and text of an errno: `ENOENT` and `No such file or directory`.
std::string_view errno_name(int number) noexcept;
std::string errno_text(int number);

} // namespace saker
