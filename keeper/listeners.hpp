#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "link/request.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::keeper {

/// Listening sockets, held over the restarts of the node, so that no client is
/// refused: the kernel queues connections meanwhile. Of those that the node
/// moved as it died, the next one wants only some; nobody would ever accept on
/// the others.
class listeners {
public:
  ~listeners() {
    close_all();
  }

  /// A copy of the socket that listens there, made if there is none yet, and
  /// the address in fact. Fails: `errc::invalid_argument` for an address,
  /// `errc::io` with `step ERRNO: text`.
  result<std::pair<unique_fd, std::string>> listen(const link::listen& what);

  /// Copies of sockets that are held, for a child: it will not find them to be
  /// non-blocking. Fails: `not_found`, `io`.
  result<std::vector<unique_fd>>
  lend(const std::vector<std::string>& addresses);

  /// A new node: it has asked for none of them yet.
  void begin_node();

  /// Closes what this node has not asked for, unless a child was lent it: it is
  /// needed at the next start of that child. Returns the addresses.
  std::vector<std::string> close_unwanted();

  /// Closes it, if it is held, and removes a socket file.
  void unlisten(std::string_view address);

  void close_all();

private:
  struct held {
    unique_fd fd;
    std::string actual;
    bool wanted = true; ///< by the node that runs
    bool lent = false;
  };

  std::map<std::string, held, std::less<>> held_;
};

} // namespace saker::keeper
