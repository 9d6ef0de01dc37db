#include "process/open_files.hpp"

#include <algorithm>

namespace saker::process {

void open_files::used(const std::shared_ptr<log_file>& file) {
  // Most often it is the newest one.
  auto same = [&file](auto& x) {
    return !x.owner_before(file) && !file.owner_before(x);
  };
  if (auto i = std::find_if(files_.rbegin(), files_.rend(), same);
      i != files_.rend()) {
    std::rotate(i.base() - 1, i.base(), files_.end());
    return;
  }
  std::erase_if(files_, [](auto& x) { return x.expired(); });
  if (files_.size() >= most_) {
    if (auto oldest = files_.front().lock())
      oldest->close();
    files_.erase(files_.begin());
  }
  files_.push_back(file);
}

} // namespace saker::process
