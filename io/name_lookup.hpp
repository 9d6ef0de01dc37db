#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace saker::io {

/// Numeric addresses of a host, in the order in which they are to be tried.
using host_addresses = std::vector<std::string>;

/// Asks the system, by getaddrinfo(3); may take as long as it likes. Fails:
/// `io`, with what gai_strerror(3) says.
result<host_addresses> addresses_of_host(const std::string& host);

/// One name that is looked up.
class name_question {
public:
  /// Fails: `io`.
  static result<std::shared_ptr<name_question>> make();

  /// Becomes readable when the answer is there.
  int fd() const noexcept {
    return fd_.get();
  }

  /// Nothing while it is looked up. Any thread.
  std::optional<result<host_addresses>> answer() const;

  /// Once, on any thread.
  void answered(result<host_addresses> what);

private:
  explicit name_question(unique_fd fd) : fd_(std::move(fd)) {
    // nop
  }

  unique_fd fd_;             // an eventfd
  mutable std::mutex mutex_; // guards answer_
  std::optional<result<host_addresses>> answer_;
};

/// How names are looked up.
struct name_lookup_links {
  /// Runs that on a thread which may wait; false: there is none.
  std::function<bool(std::function<void()>)> run;
  std::function<result<host_addresses>(const std::string&)> ask
    = addresses_of_host;
};

/// A thread of its own for each; the process may end without it.
bool run_on_a_thread(std::function<void()> what);

/// Looks up names of hosts while nobody waits. A name that is asked for again
/// before there is an answer is not looked up twice at a time: that is the
/// bound of threads. One thread uses it.
class name_lookup {
public:
  explicit name_lookup(name_lookup_links with) : links_(std::move(with)) {
    // nop
  }

  /// `purpose` tells questions about one host apart. Fails: `io`.
  result<std::shared_ptr<name_question>>
  begin(const std::string& host, const std::string& purpose);

private:
  name_lookup_links links_;
  std::map<std::string, std::shared_ptr<name_question>> open_; ///< by purpose
};

} // namespace saker::io
