#pragma once

#include "io/client_tls.hpp"
#include "io/tls_door.hpp"
#include "tests/support/test_certificates.hpp"
#include "tests/support/tls_client.hpp"

#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace saker::test {

struct tls_config : caf::actor_system_config {
  tls_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
  }
};

/// Clients on one side, the door and what it let in on the other.
class tls_door_fixture : public ::testing::Test {
protected:
  tls_door_fixture() {
    std::signal(SIGPIPE, SIG_IGN); // as Saker does
    authority.issue("server");
    use("server", {});
  }

  ~tls_door_fixture() override {
    if (guest)
      guest->close();
    uut.reset();
    where.drain();
  }

  enum class asks { nobody, whoever_has, everybody };

  io::shared_tls context(const std::string& name, asks whom = asks::nobody) {
    auto x = io::load_client_tls(
      {authority / (name + ".pem"), authority / (name + ".key"),
       authority / "ca.pem", whom != asks::nobody, whom == asks::everybody});
    EXPECT_TRUE(x) << x.error().detail;
    return x ? *x : io::shared_tls{};
  }

  void use(const std::string& name, io::tls_door_options how,
           asks whom = asks::nobody) {
    uut = std::make_unique<io::tls_door>(where, context(name, whom), how);
  }

  /// A client at the door; returns its socket.
  unique_fd knock() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    uut->admit(unique_fd{ends[1]},
               {[this](const io::tls_guest& x) {
                  guest = x.open({[this] {
                                    input += guest->input();
                                    ++reads;
                                  },
                                  [this] { ++drained; }, [this] { ++closed; }});
                  shown = x.certificate;
                },
                [this](const std::string& why) { refusals.push_back(why); }});
    return unique_fd{ends[0]};
  }

  /// Moves both sides until nothing changes any more.
  void meet(tls_client& who) {
    for (auto i = 0; i < 8; ++i) {
      who.handshake();
      where.drain();
    }
  }

  std::unique_ptr<tls_client> enter(const tls_client_options& how = {}) {
    auto who = std::make_unique<tls_client>(knock(), how);
    meet(*who);
    EXPECT_TRUE(guest) << (refusals.empty() ? "" : refusals.back());
    return who;
  }

  std::string refused(const tls_client_options& how) {
    auto before = refusals.size();
    tls_client who{knock(), how};
    meet(who);
    EXPECT_FALSE(guest);
    EXPECT_EQ(refusals.size(), before + 1);
    return refusals.empty() ? "not refused" : refusals.back();
  }

  tls_client_options client(const std::string& name) {
    return {.ca = authority / "ca.pem",
            .cert = authority / (name + ".pem"),
            .key = authority / (name + ".key")};
  }

  tls_config cfg;
  caf::actor_system sys{cfg};
  io::loop where{sys};
  test_authority authority;
  std::unique_ptr<io::tls_door> uut;
  std::shared_ptr<io::stream> guest;
  std::string shown; ///< the name of its certificate
  std::vector<std::string> refusals;
  std::string input;
  int reads = 0;
  int drained = 0;
  int closed = 0;
};

} // namespace saker::test
