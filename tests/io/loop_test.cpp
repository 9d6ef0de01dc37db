#include "io/loop.hpp"

#include "io/listener.hpp"
#include "io/pinned.hpp"
#include "io/pool.hpp"
#include "io/stream.hpp"
#include "tests/support/resource_limit.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>

namespace saker::io {
namespace {

struct config : caf::actor_system_config {
  config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
  }
};

struct counter_state {
  std::vector<std::thread::id> threads;
  static inline const char* name = "counter";
};

caf::behavior counter(caf::stateful_actor<counter_state>* self, int until,
                      std::promise<std::vector<std::thread::id>>* done) {
  return {
    [self, until, done](int) {
      self->state.threads.push_back(std::this_thread::get_id());
      if (static_cast<int>(self->state.threads.size()) == until) {
        done->set_value(self->state.threads);
        self->quit();
      }
    },
  };
}

class loop_test : public ::testing::Test {
protected:
  config cfg;
  caf::actor_system sys{cfg};
  loop uut{sys};
};

TEST_F(loop_test, runs_pinned_actors_on_its_thread_only) {
  std::promise<std::vector<std::thread::id>> done;
  auto answer = done.get_future();
  auto hdl = spawn_on(&uut, sys, counter, 300, &done);
  std::thread io{[this] { uut.run(); }};
  auto io_id = io.get_id();
  std::vector<std::thread> senders;
  for (auto i = 0; i < 3; ++i)
    senders.emplace_back([hdl] {
      for (auto n = 0; n < 100; ++n)
        caf::anon_send(hdl, n);
    });
  for (auto& x : senders)
    x.join();
  for (auto& id : answer.get())
    EXPECT_EQ(id, io_id);
  uut.stop();
  io.join();
}

/// What was answered when the writes of a turn began, turn by turn.
struct write_watch : turn_hook {
  void at_end_of_turn() override {
    seen.push_back(answered);
  }
  int answered = 0;
  std::vector<int> seen;
};

caf::behavior asker(caf::event_based_actor* self, const caf::actor& whom,
                    loop* where, write_watch* watch) {
  self->send(whom, caf::actor_cast<caf::actor>(self), 1);
  return {
    [where, watch](int) {
      ++watch->answered;
      where->defer(stage::write, *watch);
    },
  };
}

/// The argument is only there because CAF 0.17 binds a null reference for an
/// actor without any, which UBSan tells.
caf::behavior answerer(caf::event_based_actor* self, int) {
  return {
    [self](const caf::actor& who, int x) { self->send(who, x); },
  };
}

TEST_F(loop_test, answers_all_who_ask_in_one_turn_before_its_writes) {
  constexpr int many = 40; // more than one actor gets to read at once
  write_watch watch;
  loop patient{sys, std::chrono::minutes{1}}; // whatever this machine does
  auto whom = spawn_on(&patient, sys, answerer, 0);
  for (auto i = 0; i < many; ++i)
    spawn_on(&patient, sys, asker, whom, &patient, &watch);
  patient.drain();
  EXPECT_EQ(watch.seen, std::vector<int>{many});
}

caf::behavior restless(caf::event_based_actor* self, const bool* enough) {
  self->send(self, 1);
  return {
    [self, enough](int x) {
      if (!*enough)
        self->send(self, x);
    },
  };
}

/// Has had enough with the first message.
caf::behavior content(caf::event_based_actor*, bool* enough, loop* where,
                      write_watch* watch) {
  return {
    [=](int) {
      *enough = true;
      where->defer(stage::write, *watch);
    },
  };
}

/// Sends at the end of a turn, as the broker does.
struct late_sender : turn_hook {
  void at_end_of_turn() override {
    caf::anon_send(whom, 1);
  }
  caf::actor whom;
};

TEST_F(loop_test, a_restless_actor_does_not_keep_a_turn_from_its_end) {
  bool enough = false;
  write_watch watch;
  spawn_on(&uut, sys, restless, &enough);
  late_sender sender;
  sender.whom = spawn_on(&uut, sys, content, &enough, &uut, &watch);
  uut.defer(stage::join, sender);
  uut.drain();
  EXPECT_EQ(watch.seen, std::vector<int>{0});
}

TEST_F(loop_test, keeps_actors_of_a_pool_off_the_workers) {
  pool threads{sys, 2};
  std::promise<std::vector<std::thread::id>> done;
  auto answer = done.get_future();
  auto hdl = spawn_on(&threads, sys, counter, 100, &done);
  for (auto n = 0; n < 100; ++n)
    caf::anon_send(hdl, n);
  EXPECT_EQ(answer.get().size(), 100u);
  hdl = nullptr;
  sys.await_all_actors_done();
}

/// Jobs that wait inside a pool until they are let go.
class pool_test : public loop_test {
protected:
  /// Occupies one thread; returns when it is occupied.
  void occupy() {
    std::promise<void> begun;
    uut.run([this, &begun] {
      begun.set_value();
      let_go.get_future().wait();
      uut.shrink();
    });
    begun.get_future().wait();
  }

  /// Whether a thread is there for another job.
  bool answers() {
    auto done = std::make_shared<std::promise<void>>();
    uut.run([done] { done->set_value(); });
    return done->get_future().wait_for(std::chrono::seconds{10})
           == std::future_status::ready;
  }

  std::promise<void> let_go;
  pool uut{sys, 1, 1};
};

TEST_F(pool_test, replaces_a_thread_that_is_stuck) {
  EXPECT_TRUE(answers());
  occupy();
  EXPECT_TRUE(uut.may_grow());
  EXPECT_TRUE(uut.grow());
  EXPECT_EQ(uut.able(), 1u);
  EXPECT_TRUE(answers());
  let_go.set_value();
  while (!uut.may_grow())
    std::this_thread::yield();
  EXPECT_EQ(uut.able(), 1u);
  EXPECT_TRUE(answers());
}

TEST_F(pool_test, replaces_so_many_and_no_more) {
  occupy();
  EXPECT_TRUE(uut.grow());
  EXPECT_FALSE(uut.may_grow());
  EXPECT_FALSE(uut.grow()); // the other one too
  EXPECT_EQ(uut.able(), 0u);
  uut.shrink();
  EXPECT_EQ(uut.able(), 1u);
  let_go.set_value();
  while (!uut.may_grow())
    std::this_thread::yield();
}

/// The threads of this process with that name.
std::size_t threads_named(const std::string& name) {
  std::size_t count = 0;
  for (auto& x : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream file{x.path() / "comm"};
    std::string text;
    std::getline(file, text);
    count += text == name;
  }
  return count;
}

TEST_F(pool_test, has_as_many_threads_as_before_when_it_is_over) {
  EXPECT_TRUE(answers());
  auto before = threads_named("saker-script");
  EXPECT_EQ(before, 1u);
  occupy();
  uut.grow();
  EXPECT_TRUE(answers());
  EXPECT_EQ(threads_named("saker-script"), before + 1);
  let_go.set_value();
  while (threads_named("saker-script") > before)
    std::this_thread::yield();
  EXPECT_TRUE(answers());
}

/// A stream on one end of a socket pair and its plain other end.
class stream_test : public loop_test {
protected:
  explicit stream_test(int type = SOCK_STREAM) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
    peer.reset(ends[0]);
    near = open_stream(uut, unique_fd{ends[1]},
                       {[this] {
                          heard += near->input();
                          ++reads;
                        },
                        [this] { ++drained; }, [this] { ++closed; }});
  }

  std::string receive(std::size_t limit = 1 << 20) {
    std::string bytes(limit, '\0');
    auto n = ::recv(peer.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }

  unique_fd peer;
  std::shared_ptr<stream> near;
  std::string heard;
  int reads = 0;
  int drained = 0;
  int closed = 0;
};

TEST_F(stream_test, joins_what_one_turn_wrote_into_one_packet) {
  near->write("+a\r\n");
  near->write(share("+b\r\n"));
  near->write("+c\r\n");
  EXPECT_EQ(receive(), "");
  uut.drain();
  EXPECT_EQ(receive(), "+a\r\n+b\r\n+c\r\n");
  EXPECT_EQ(near->unsent(), 0u);
}

/// Here each system call that sends is one packet, which can be counted.
class packet_test : public stream_test {
protected:
  packet_test() : stream_test(SOCK_SEQPACKET) {
    // nop
  }

  std::vector<std::string> packets() {
    std::vector<std::string> result;
    for (auto x = receive(); !x.empty(); x = receive())
      result.push_back(std::move(x));
    return result;
  }
};

TEST_F(packet_test, sends_once_in_a_turn_whatever_was_written) {
  std::string all;
  for (auto i = 0; i < 200; ++i) {
    auto line = "+" + std::to_string(i) + "\r\n";
    near->write(line);
    near->write(share(line));
    near->write_all_of(line);
    all += line + line + line;
  }
  uut.drain();
  EXPECT_EQ(packets(), std::vector<std::string>{all});
  near->write_all_of("+a\r\n");
  uut.drain();
  near->write("+b\r\n");
  near->write_all_of("+c\r\n");
  uut.drain();
  EXPECT_EQ(packets(), (std::vector<std::string>{"+a\r\n", "+b\r\n+c\r\n"}));
  EXPECT_EQ(near->pieces(), 0u);
}

TEST_F(stream_test, reads_only_when_asked) {
  ASSERT_EQ(::send(peer.get(), "ping", 4, 0), 4);
  uut.drain();
  EXPECT_EQ(heard, "");
  near->read();
  uut.drain();
  EXPECT_EQ(heard, "ping");
  ASSERT_EQ(::send(peer.get(), "pong", 4, 0), 4);
  uut.drain();
  EXPECT_EQ(heard, "ping");
  near->read();
  uut.drain();
  EXPECT_EQ(heard, "pingpong");
}

TEST_F(stream_test, keeps_order_when_the_kernel_takes_only_a_part) {
  std::string sent;
  for (auto i = 0; i < 200'000; ++i) {
    auto line = std::to_string(i) + "\r\n";
    sent += line;
    if (i % 3 == 0)
      near->write(share(line));
    else if (i % 3 == 1)
      near->write_all_of(line);
    else
      near->write(line);
  }
  uut.drain();
  EXPECT_GT(near->unsent(), 0u);
  EXPECT_EQ(drained, 0);
  std::string got;
  while (got.size() < sent.size()) {
    auto more = receive();
    ASSERT_FALSE(more.empty());
    got += more;
    uut.drain();
  }
  EXPECT_TRUE(got == sent);
  EXPECT_EQ(near->unsent(), 0u);
  EXPECT_EQ(drained, 1);
}

TEST_F(stream_test, tells_when_all_has_left_if_asked_though_nothing_waits) {
  near->write("+a\r\n");
  near->tell_drained();
  EXPECT_EQ(drained, 0);
  uut.drain();
  EXPECT_EQ(receive(), "+a\r\n");
  EXPECT_EQ(drained, 1);
  near->tell_drained(); // nothing is unsent
  near->write("+b\r\n");
  uut.drain();
  EXPECT_EQ(drained, 1);
}

TEST_F(stream_test, tells_the_end_of_input_and_can_still_write) {
  near->read();
  ::shutdown(peer.get(), SHUT_WR);
  uut.drain();
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(near->reason(), "");
  near->write("+bye\r\n");
  uut.drain();
  EXPECT_EQ(receive(), "+bye\r\n");
}

TEST_F(stream_test, tells_why_a_write_failed) {
  peer.reset();
  near->write("+x\r\n");
  uut.drain();
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(near->reason(), "Broken pipe");
  EXPECT_EQ(near->unsent(), 0u);
}

TEST_F(stream_test, says_nothing_after_it_was_closed) {
  near->read();
  near->write("+x\r\n");
  near->close();
  uut.drain();
  EXPECT_EQ(closed, 0);
  EXPECT_EQ(receive(), "");
}

TEST_F(stream_test, sends_the_last_reply_although_input_is_left_unread) {
  ASSERT_EQ(::send(peer.get(), "more", 4, 0), 4);
  near->write("-ERR bye\r\n");
  near->finish();
  near->write("never sent");
  uut.drain();
  EXPECT_EQ(receive(), "-ERR bye\r\n");
  EXPECT_EQ(closed, 0);
  peer.reset();
  uut.drain();
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(heard, "");
}

TEST_F(stream_test, rests_while_a_gone_peer_is_not_read_and_tells_it_then) {
  ASSERT_EQ(::send(peer.get(), "last", 4, 0), 4);
  peer.reset();
  uut.drain(); // ends: nothing spins
  EXPECT_EQ(closed, 0);
  near->read();
  uut.drain();
  EXPECT_EQ(heard, "last");
  near->read();
  uut.drain();
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(near->reason(), "");
}

TEST_F(stream_test, ends_at_once_when_both_sides_have_said_all) {
  near->read();
  peer.reset();
  uut.drain();
  ASSERT_EQ(closed, 1);
  near->finish();
  uut.drain();
  EXPECT_EQ(closed, 2);
}

TEST_F(loop_test, runs_what_asio_waits_for) {
  boost::asio::steady_timer timer{uut.context()};
  auto fired = 0;
  timer.expires_after(std::chrono::milliseconds{1});
  timer.async_wait([&](boost::system::error_code) {
    ++fired;
    boost::asio::post(uut.context(), [&] {
      ++fired;
      uut.stop();
    });
  });
  uut.run();
  EXPECT_EQ(fired, 2);
}

TEST_F(stream_test, gives_a_busy_sender_a_larger_buffer) {
  std::string data(100'000, 'x');
  std::size_t offset = 0;
  while (heard.size() < data.size()) {
    auto n = ::send(peer.get(), data.data() + offset, data.size() - offset,
                    MSG_DONTWAIT);
    if (n > 0)
      offset += static_cast<std::size_t>(n);
    near->read();
    uut.drain();
  }
  EXPECT_LT(reads, 10);
}

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
