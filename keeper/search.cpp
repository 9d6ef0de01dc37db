#include "keeper/search.hpp"

namespace saker::keeper {

void search::begin_sweep() {
  // The list of all processes is not read in one piece: it takes two looks.
  quiet_ = began_ || !what_.stranger;
  began_ = true;
  alive_ = 0;
}

bool search::meet(pid_t pid) {
  auto first = met_.insert(pid).second;
  if (what_.kill) {
    quiet_ = false;
    ++alive_;
    killed_ += first ? 1 : 0;
  } else if (first) {
    quiet_ = false;
  }
  return first;
}

void search::bury(pid_t pid, bool by_us) {
  quiet_ = false;
  // Killed with the group of its leader, before it was met.
  if (met_.insert(pid).second && by_us && what_.kill)
    ++killed_;
}

} // namespace saker::keeper
