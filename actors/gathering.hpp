#pragma once

#include "messages/supervisor_actor.hpp"
#include "resp/value.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace saker {

/// `{name, code, desc}`: how a command to one instance or service ended.
inline resp::value outcome_row(const std::string& name, const verdict& x) {
  return resp::map{}
    .add("name", name)
    .add("code", static_cast<std::int64_t>(x.code))
    .add("desc", x.text);
}

/// The rows of one reply, which come one by one and in any order. The reply is
/// given when none is missing and the journal has answered too, as often as it
/// was asked.
class gathering {
public:
  using promise = caf::typed_response_promise<resp::value>;

  /// For so many rows and the answer of the journal.
  gathering(promise to, std::size_t rows)
    : to_(std::move(to)), rows_(rows), missing_(rows + 1) {
    // nop
  }

  void row(std::size_t at, const std::string& name, const verdict& x) {
    rows_[at] = {name, x};
    one_less();
  }

  /// The journal is asked once more.
  void expect_storage() {
    ++missing_;
  }

  /// The journal has answered, or was not asked.
  void stored() {
    one_less();
  }

  /// It is done all the same: each row says that it will not last.
  void not_stored(const std::string& why) {
    not_stored_ = why;
    one_less();
  }

private:
  void one_less() {
    if (--missing_ > 0)
      return;
    resp::array list;
    for (auto& [name, x] : rows_) {
      if (!not_stored_.empty())
        x.text
          += (x.text.empty() ? "" : "; ")
             + ("this will be forgotten at the next start: " + not_stored_);
      list.items.push_back(outcome_row(name, x));
    }
    to_.deliver(resp::value{std::move(list)});
  }

  promise to_;
  std::vector<std::pair<std::string, verdict>> rows_;
  std::size_t missing_;
  std::string not_stored_;
};

} // namespace saker
