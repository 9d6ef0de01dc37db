#include "cli/connection.hpp"

#include "tests/cli/fake_server.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

using namespace std::chrono_literals;
using test::fake_server;

constexpr auto patience = milliseconds{2'000};

server_address at(std::string_view text) {
  auto x = parse_server_address(text);
  EXPECT_TRUE(x);
  return x ? *x : server_address{};
}

resp::value message(std::string text) {
  return resp::push{{"message", "c", std::move(text)}};
}

class connection_test : public ::testing::Test {
protected:
  void open() {
    server.expect_hello();
    auto done = us.open();
    ASSERT_TRUE(done) << done.error().detail;
  }

  /// `open` fails after this reply to HELLO.
  failure refused_by(resp::value reply) {
    server.expect({"HELLO", "3", "SETNAME", "saker"}, std::move(reply));
    auto done = us.open();
    EXPECT_FALSE(done);
    return done ? failure{} : done.error();
  }

  fake_server server;
  connection us{server, {at("unix:/x"), at("h:1")}};
};

// -- coming in ---------------------------------------------------------------------

TEST_F(connection_test, takes_the_first_address_that_answers) {
  open();
  EXPECT_EQ(server.connects(), words{"unix:/x"});
  EXPECT_EQ(to_string(us.peer()), "unix:/x");
}

TEST_F(connection_test, goes_on_to_the_next_address) {
  server.refuse("unix:/x");
  open();
  EXPECT_EQ(server.connects(), (words{"unix:/x", "h:1"}));
  EXPECT_EQ(to_string(us.peer()), "h:1");
}

TEST_F(connection_test, tells_of_every_address_that_was_tried) {
  server.refuse("unix:/x");
  server.refuse("h:1");
  auto done = us.open();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::io);
  EXPECT_EQ(done.error().detail, "connect unix:/x: Connection refused\n"
                                 "connect h:1: Connection refused");
}

TEST_F(connection_test, logs_in_with_user_and_password) {
  connection other{server, {at("redis://ann:secret@h")}};
  server.expect({"HELLO", "3", "AUTH", "ann", "secret", "SETNAME", "saker"},
                fake_server::hello());
  EXPECT_TRUE(other.open());
}

TEST_F(connection_test, does_not_talk_to_what_is_not_saker) {
  auto why = refused_by(fake_server::hello("redis"));
  EXPECT_EQ(why.code, errc::refused);
  EXPECT_TRUE(why.detail.starts_with("connect unix:/x: this is redis, not "
                                     "Saker;"))
    << why.detail;
  EXPECT_EQ(server.connects().size(), 1u); // nor does it look elsewhere
}

TEST_F(connection_test, an_old_redis_is_not_saker) {
  EXPECT_TRUE(refused_by(resp::err("unknown command `HELLO`, with args"))
                .detail.starts_with("connect unix:/x: this is something else, "
                                    "not Saker;"));
}

TEST_F(connection_test, what_speaks_another_language_is_not_saker) {
  server.expect_bytes({"HELLO", "3", "SETNAME", "saker"},
                      "HTTP/1.1 400 Bad Request\r\n\r\n");
  auto done = us.open();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::refused);
  EXPECT_NE(done.error().detail.find("does not speak Redis"),
            std::string::npos);
}

TEST_F(connection_test, says_how_to_log_in) {
  auto why = refused_by(resp::error{"NOAUTH HELLO must be called with …"});
  EXPECT_EQ(why.code, errc::not_permitted);
  EXPECT_NE(why.detail.find("it wants a password"), std::string::npos);
  EXPECT_NE(why.detail.find("SAKER_URL=redis://"), std::string::npos);
}

TEST_F(connection_test, says_whose_password_is_wrong) {
  connection other{server, {at("redis://ann:secret@h")}};
  server.expect({"HELLO", "3", "AUTH", "ann", "secret", "SETNAME", "saker"},
                resp::error{"WRONGPASS invalid"});
  auto done = other.open();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail,
            "connect h:12007: wrong password for user ann");
}

TEST_F(connection_test, repeats_what_it_is_told_on_the_way_in) {
  EXPECT_EQ(refused_by(resp::err("max number of clients reached")).detail,
            "connect unix:/x: it says: ERR max number of clients reached");
}

TEST_F(connection_test, comes_again_when_a_node_ends_before_it_greets) {
  server.expect_and_close({"HELLO", "3", "SETNAME", "saker"});
  open();
  EXPECT_EQ(server.connects(), (words{"unix:/x", "unix:/x"}));
}

TEST_F(connection_test, does_not_wait_for_a_greeting_for_ever) {
  server.expect_and_ignore({"HELLO", "3", "SETNAME", "saker"});
  auto begin = server.now();
  auto done = us.open();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::timeout);
  EXPECT_EQ(server.now() - begin, 10s);
}

// -- asking ------------------------------------------------------------------------

TEST_F(connection_test, asks_and_gets_the_reply) {
  open();
  server.expect({"PING", "a b"}, "a b");
  auto x = us.call({"PING", "a b"}, patience);
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, resp::value{"a b"});
}

TEST_F(connection_test, an_error_reply_is_a_value) {
  open();
  server.expect({"X"}, resp::err("no"));
  auto x = us.call({"X"}, patience);
  ASSERT_TRUE(x);
  EXPECT_TRUE(x->is_error());
}

TEST_F(connection_test, says_when_no_answer_comes) {
  open();
  server.expect_and_ignore({"X"});
  auto begin = server.now();
  auto x = us.call({"X"}, patience);
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().code, errc::timeout);
  EXPECT_EQ(x.error().detail, "unix:/x did not answer within 2s");
  EXPECT_EQ(server.now() - begin, patience);
}

TEST_F(connection_test, says_when_the_connection_is_lost) {
  open();
  server.expect_and_close({"X"});
  auto x = us.call({"X"}, patience);
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().code, errc::closed);
  EXPECT_EQ(x.error().detail,
            "the connection to unix:/x is lost: it closed the connection");
}

TEST_F(connection_test, asks_again_while_the_server_loads) {
  open();
  for (auto i = 0; i < 3; ++i)
    server.expect({"X"}, resp::error{"LOADING not yet"});
  server.expect({"X"}, resp::ok());
  auto begin = server.now();
  auto x = us.call({"X"}, patience);
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, resp::ok());
  EXPECT_EQ(server.now() - begin, 300ms);
}

TEST_F(connection_test, asks_for_five_seconds_at_most) {
  open();
  for (auto i = 0; i < 51; ++i)
    server.expect({"X"}, resp::error{"LOADING not yet"});
  auto begin = server.now();
  auto x = us.call({"X"}, patience);
  ASSERT_TRUE(x);
  EXPECT_TRUE(x->is_error());
  EXPECT_EQ(server.now() - begin, 5s);
}

// -- messages ----------------------------------------------------------------------

TEST_F(connection_test, messages_do_not_get_into_replies) {
  open();
  server.expect_all({"X"}, {message("one"), resp::ok()});
  auto x = us.call({"X"}, patience);
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, resp::ok());
  auto push = us.next_push(0ms);
  ASSERT_TRUE(push && *push);
  EXPECT_EQ(**push, message("one"));
  push = us.next_push(0ms);
  ASSERT_TRUE(push);
  EXPECT_FALSE(*push);
}

TEST_F(connection_test, waits_for_a_message) {
  open();
  server.push_later(700ms, message("one"));
  auto push = us.next_push(500ms);
  ASSERT_TRUE(push);
  EXPECT_FALSE(*push);
  push = us.next_push(500ms);
  ASSERT_TRUE(push && *push);
  EXPECT_EQ(**push, message("one"));
}

TEST_F(connection_test, keeps_only_so_many_messages) {
  open();
  std::vector<resp::value> all;
  for (std::size_t i = 0; i < connection::most_pushes + 2; ++i)
    all.push_back(message(std::to_string(i)));
  all.push_back(resp::ok());
  server.expect_all({"X"}, all);
  ASSERT_TRUE(us.call({"X"}, patience));
  EXPECT_EQ(us.missed(), 2u);
  auto push = us.next_push(0ms);
  ASSERT_TRUE(push && *push);
  EXPECT_EQ(**push, message("2"));
}

resp::value confirmed(std::string_view kind, std::string_view name, int count) {
  return resp::push{{kind, name, count}};
}

TEST_F(connection_test, subscribes_when_all_is_confirmed) {
  open();
  server.expect_all({"SUBSCRIBE", "a", "b"},
                    {confirmed("subscribe", "a", 1), message("early"),
                     confirmed("subscribe", "b", 2)});
  EXPECT_TRUE(us.subscribe({"SUBSCRIBE", "a", "b"}));
  auto push = us.next_push(0ms);
  ASSERT_TRUE(push && *push);
  EXPECT_EQ(**push, message("early"));
}

TEST_F(connection_test, says_why_it_may_not_subscribe) {
  open();
  server.expect({"SUBSCRIBE", "a"}, resp::error{"NOPERM no"});
  auto done = us.subscribe({"SUBSCRIBE", "a"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), fail(errc::refused, "NOPERM no"));
}

TEST_F(connection_test, subscribes_again_when_it_connects_again) {
  open();
  server.expect_all({"PSUBSCRIBE", "x*"}, {confirmed("psubscribe", "x*", 1)});
  ASSERT_TRUE(us.subscribe({"PSUBSCRIBE", "x*"}));
  server.expect_hello();
  server.expect_all({"PSUBSCRIBE", "x*"}, {confirmed("psubscribe", "x*", 1)});
  EXPECT_TRUE(us.reopen(1s));
  EXPECT_EQ(server.connects(), (words{"unix:/x", "unix:/x"}));
}

TEST_F(connection_test, what_was_half_read_is_forgotten) {
  open();
  server.expect_bytes({"X"}, "$10\r\nhal");
  EXPECT_FALSE(us.call({"X"}, patience));
  server.expect_hello();
  ASSERT_TRUE(us.reopen(1s));
  server.expect({"X"}, resp::ok());
  auto x = us.call({"X"}, patience);
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, resp::ok());
}

TEST_F(connection_test, tries_to_come_back_for_a_while) {
  open();
  server.accept_from(server.now() + 450ms);
  server.expect_hello();
  auto begin = server.now();
  EXPECT_TRUE(us.reopen(1s));
  EXPECT_EQ(server.now() - begin, 500ms);
}

TEST_F(connection_test, gives_up_in_the_end) {
  open();
  server.refuse("unix:/x");
  auto begin = server.now();
  auto done = us.reopen(1s);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::io);
  EXPECT_EQ(server.now() - begin, 1s);
}

} // namespace
} // namespace saker::cli
