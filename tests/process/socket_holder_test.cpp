#include "process/socket_holder.hpp"

#include "base/unique_fd.hpp"
#include "process/proc_table.hpp"
#include "process/wall_time.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace saker::process {
namespace {

std::string me() {
  auto entry = find_process(::getpid());
  return entry->comm + " (pid " + std::to_string(::getpid()) + ", since "
         + utc_text(*wall_time_of(entry->start_time)) + ")";
}

template <class Address>
unique_fd bound(const Address& x, socklen_t size) {
  auto* any = reinterpret_cast<const sockaddr*>(&x);
  unique_fd fd{::socket(any->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(::bind(fd.get(), any, size), 0);
  return fd;
}

TEST(socket_holder_test, names_who_listens_on_a_port) {
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto fd = bound(any, sizeof(any));
  socklen_t size = sizeof(any);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&any), &size);
  auto port = ntohs(any.sin_port);
  EXPECT_EQ(port_holder(port), ""); // bound, but it does not listen
  ASSERT_EQ(::listen(fd.get(), 1), 0);
  EXPECT_EQ(port_holder(port), me());
  fd.reset();
  EXPECT_EQ(port_holder(port), "");
}

TEST(socket_holder_test, names_who_has_a_socket_file) {
  test::temporary_directory dir;
  auto path = (dir.path() / "a socket").string();
  sockaddr_un x{};
  x.sun_family = AF_UNIX;
  std::memcpy(x.sun_path, path.c_str(), path.size() + 1);
  auto fd = bound(x, sizeof(x));
  EXPECT_EQ(socket_holder(path), me());
  EXPECT_EQ(socket_holder(path + "x"), "");
  EXPECT_EQ(socket_holder("socket"), "");
}

} // namespace
} // namespace saker::process
