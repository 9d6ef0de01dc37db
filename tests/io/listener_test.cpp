#include "io/listener.hpp"

#include "tests/io/loop_world.hpp"
#include "tests/support/resource_limit.hpp"

#include <cerrno>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>

namespace saker::io {
namespace {

using loop_test = test::loop_world;

/// A socket that listens.
struct open_door {
  open_door() {
    address.sun_family = AF_UNIX; // autobind: an abstract name of its own
    EXPECT_EQ(::bind(server.get(), reinterpret_cast<sockaddr*>(&address),
                     sizeof(sa_family_t)),
              0);
    EXPECT_EQ(::listen(server.get(), 16), 0);
    EXPECT_EQ(::getsockname(server.get(), reinterpret_cast<sockaddr*>(&address),
                            &length),
              0);
  }

  unique_fd knock() {
    unique_fd client{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(
      ::connect(client.get(), reinterpret_cast<sockaddr*>(&address), length),
      0);
    return client;
  }

  unique_fd server{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  socklen_t length = sizeof(address);
};

TEST_F(loop_test, accepts_clients_on_a_socket_it_was_given) {
  open_door door;
  auto count = 0;
  auto near = listen_on(
    uut, std::move(door.server),
    {[&](unique_fd client) { count += bool(client); }, [](int) { FAIL(); }});
  std::vector<unique_fd> clients;
  for (auto i = 0; i < 3; ++i)
    clients.push_back(door.knock());
  uut.drain();
  EXPECT_EQ(count, 3);
  near->close();
  uut.drain();
}

TEST_F(loop_test, accepts_nobody_while_its_owner_has_no_room) {
  open_door door;
  auto taken = 0;
  auto room = 2;
  std::vector<int> taken_when_full;
  auto near = listen_on(uut, std::move(door.server),
                        {[&](unique_fd) {
                           ++taken;
                           --room;
                         },
                         [](int) { FAIL(); },
                         {},
                         [&] {
                           if (room > 0)
                             return true;
                           taken_when_full.push_back(taken);
                           room = 2; // in the next turn
                           return false;
                         }});
  std::vector<unique_fd> clients;
  for (auto i = 0; i < 5; ++i)
    clients.push_back(door.knock());
  uut.drain();
  EXPECT_EQ(taken_when_full, (std::vector<int>{2, 4}));
  EXPECT_EQ(taken, 5);
  near->close();
  uut.drain();
}

TEST_F(loop_test, tells_clients_when_there_is_no_descriptor_left) {
  open_door door;
  std::vector<unique_fd> taken;
  std::vector<int> errors;
  auto near = listen_on(
    uut, std::move(door.server),
    {[&](unique_fd client) { taken.push_back(std::move(client)); },
     [&](int error) { errors.push_back(error); },
     [](int socket) { (void)::send(socket, "full", 4, MSG_NOSIGNAL); }});
  std::vector<unique_fd> clients;
  for (auto i = 0; i < 3; ++i)
    clients.push_back(door.knock());
  {
    // The kernel gives the lowest free number: so none is left below it.
    unique_fd next{::dup(clients[0].get())};
    test::resource_limit none{RLIMIT_NOFILE,
                              static_cast<rlim_t>(next.get()) + 1};
    uut.drain();
    EXPECT_TRUE(taken.empty());
    EXPECT_EQ(errors, std::vector<int>{EMFILE});
  }
  for (auto& x : clients) {
    char text[8] = {};
    EXPECT_EQ(::recv(x.get(), text, sizeof(text), MSG_DONTWAIT), 4);
    EXPECT_STREQ(text, "full");
    EXPECT_EQ(::recv(x.get(), text, sizeof(text), MSG_DONTWAIT), 0);
  }
  auto later = door.knock();
  uut.drain();
  EXPECT_EQ(taken.size(), 1u);
  near->close();
  uut.drain();
}

} // namespace
} // namespace saker::io
