// Arbitrary rules, one a line, for one user: what is taken must come back from
// the line that lists it, and what is refused must change nothing.
#include "acl/user_list.hpp"
#include "base/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  saker::acl::user_list users;
  auto name = std::string{"bob"};
  auto none = std::vector<std::string>{};
  if (!users.change(name, none))
    std::abort();
  for (auto rule : saker::split(bytes, '\n')) {
    auto before = users.lines();
    auto done = users.change(name, std::vector{std::string{rule}});
    if (!done && users.lines() != before)
      std::abort();
  }
  saker::acl::user_list again;
  if (!again.load(users.lines(), "users") || again.lines() != users.lines())
    std::abort();
  if (again.find(name)->rights() != users.find(name)->rights())
    std::abort();
  return 0;
}
