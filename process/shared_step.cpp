#include "process/shared_step.hpp"

#include <new>

#include <sys/mman.h>

namespace saker::process {

bool shared_step::make() noexcept {
  auto page = ::mmap(nullptr, sizeof(word), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED)
    return false;
  word_.reset(new (page) word{spawn_step::fork});
  return true;
}

void shared_step::unmap::operator()(word* x) const noexcept {
  ::munmap(x, sizeof(word));
}

} // namespace saker::process
