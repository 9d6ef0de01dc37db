#include "keeper/own_process.hpp"

#include "base/unique_fd.hpp"

#include <string_view>

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace saker::keeper {

void take_in_orphans() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

bool set_own_oom_score(const char* score) {
  unique_fd fd{::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)};
  auto text = std::string_view{score};
  return fd
         && ::write(fd.get(), text.data(), text.size())
              == static_cast<ssize_t>(text.size());
}

void drop_inherited_descriptors() {
  ::close_range(3, ~0U, 0);
  for (auto fd = 0; fd < 3; ++fd)
    if (::fcntl(fd, F_GETFD) < 0)
      (void)::open("/dev/null", O_RDWR); // takes the lowest free number: fd
}

void raise_nofile(rlimit limit) {
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace saker::keeper
