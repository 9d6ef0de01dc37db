#include "session/client_list.hpp"

#include "session/client_kill.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

std::string error_of(std::vector<std::string> args) {
  args.insert(args.begin(), {"CLIENT", "LIST"});
  auto x = parse_client_filter(args);
  return x ? "" : x.error().detail;
}

TEST(client_list_test, shows_a_session_in_the_fields_of_redis) {
  test::world x;
  x.feed("CLIENT SETINFO LIB-NAME py\r\nCLIENT SETINFO LIB-VER 1\r\n");
  x.feed("HELLO 3 SETNAME bob\r\nSELECT 2\r\nSUBSCRIBE a b\r\nPSUBSCRIBE p\r\n"
         "SSUBSCRIBE c d e\r\n"
         "CLIENT ID\r\nPI");
  auto figures = x.uut.figures(test::at(65));
  figures.fd = 9;
  figures.unsent_frames = 2;
  figures.unsent_bytes = 100;
  EXPECT_GT(figures.memory, sizeof(session));
  figures.memory = 1000;
  figures.spare_buffer = 7;
  figures.reply_buffer = 0; // of the pool
  figures.reply_peak = 8;
  EXPECT_EQ(
    to_line(figures),
    "id=7 addr=127.0.0.1:4711 laddr=127.0.0.1:12007 fd=9 name=bob "
    "age=65 idle=65 flags=P db=2 sub=2 psub=1 ssub=3 multi=-1 "
    "watch=0 qbuf=2 qbuf-free=7 argv-mem=0 multi-mem=0 rbs=0 rbp=8 obl=0 oll=2 "
    "omem=100 tot-mem=1100 events=rw open=0 cmd=client|id user=default "
    "redir=-1 resp=3 lib-name=py lib-ver=1");
}

TEST(client_list_test, tells_what_words_and_replies_take) {
  test::world x;
  x.answers = false;
  auto figures = [&x](int at) { return x.uut.figures(test::at(at)); };
  EXPECT_EQ(figures(0).argument_bytes, 0u);
  x.feed("PING\r\nTASKS\r\nTASKS aa\r\n");
  EXPECT_EQ(figures(0).argument_bytes, 5u + 7u); // two are carried out
  x.uut.answer(1, resp::value{"one"});
  x.uut.answer(2, resp::value{"two"});
  EXPECT_EQ(figures(0).argument_bytes, 0u);
  EXPECT_EQ(figures(0).reply_bytes, 18u); // nobody took them yet
  EXPECT_GE(figures(0).reply_buffer, 18u);
  auto taken = x.uut.take_output();
  EXPECT_EQ(figures(0).reply_bytes, 0u);
  EXPECT_EQ(figures(0).reply_peak, taken.size());
  x.now = test::at(6);
  x.feed("PING\r\n");
  EXPECT_EQ(figures(6).reply_peak, 7u);
  auto line = x.feed("CLIENT INFO\r\n");
  EXPECT_NE(line.find(" argv-mem=10 "), line.npos) << line;
}

TEST(client_list_test, counts_idle_time_from_the_last_bytes) {
  test::world x;
  x.now = test::at(30);
  x.feed("PING\r\n");
  EXPECT_EQ(x.uut.figures(test::at(35)).idle.count(), 5);
  EXPECT_EQ(x.uut.figures(test::at(35)).age.count(), 35);
}

TEST(client_list_test, shows_those_who_were_asked_for) {
  std::vector<client_figures> all(4);
  all[0].id = 1;
  all[1].id = 2;
  all[1].channels = 1;
  all[2].id = 3;
  all[2].patterns = 1;
  all[3].id = 4;
  all[3].shards = 1;
  auto shown = [&all](std::vector<std::string> args) {
    args.insert(args.begin(), {"CLIENT", "LIST"});
    auto filter = parse_client_filter(args);
    EXPECT_TRUE(filter);
    std::string ids;
    for (auto& x : all)
      if (filter->shows(x))
        ids += std::to_string(x.id);
    return ids;
  };
  EXPECT_EQ(shown({}), "1234");
  EXPECT_EQ(shown({"TYPE", "pubsub"}), "234");
  EXPECT_EQ(shown({"type", "NORMAL"}), "1");
  EXPECT_EQ(shown({"TYPE", "replica"}), "");
  EXPECT_EQ(shown({"ID", "3", "1", "77"}), "13");
}

TEST(client_list_test, refuses_in_the_words_of_redis) {
  EXPECT_EQ(error_of({"TYPE", "foo"}), "ERR Unknown client type 'foo'");
  EXPECT_EQ(error_of({"TYPE"}), "ERR syntax error");
  EXPECT_EQ(error_of({"ID"}), "ERR syntax error");
  EXPECT_EQ(error_of({"FOO"}), "ERR syntax error");
  EXPECT_EQ(error_of({"ID", "a"}), "ERR Invalid client ID");
  EXPECT_EQ(error_of({"ID", "0"}), "");
}

TEST(client_list_test, answers_one_line_per_client_as_text) {
  std::vector<client_figures> all(2);
  auto reply = client_list(all, {});
  ASSERT_TRUE(reply.is<resp::verbatim>());
  EXPECT_EQ(reply.text(), to_line(all[0]) + "\n" + to_line(all[1]) + "\n");
}

// -- CLIENT KILL ---------------------------------------------------------------

client_figures some_client(std::uint64_t id) {
  client_figures x;
  x.id = id;
  x.address = "127.0.0.1:" + std::to_string(id);
  x.local_address = "127.0.0.1:12007";
  x.user = id < 3 ? "default" : "bob";
  x.channels = id % 2;
  return x;
}

/// Ids of the clients 1 to 4 that 2 would kill, or the error.
std::string killed(std::vector<std::string> args) {
  args.insert(args.begin(), {"CLIENT", "KILL"});
  auto config = test::default_settings();
  test::set_user(config, "bob", {});
  auto order = parse_kill_order(args, config);
  if (!order)
    return order.error().detail;
  std::string ids;
  for (std::uint64_t id = 1; id <= 4; ++id)
    if (order->hits(some_client(id), 2))
      ids += std::to_string(id);
  return ids;
}

TEST(client_kill_test, hits_those_who_were_meant) {
  EXPECT_EQ(killed({"127.0.0.1:3"}), "3");
  EXPECT_EQ(killed({"127.0.0.1:2"}), "2") << "one address may be its own";
  EXPECT_EQ(killed({"nosuch"}), "");
  EXPECT_EQ(killed({"ADDR", "127.0.0.1:2"}), "");
  EXPECT_EQ(killed({"addr", "127.0.0.1:2", "skipme", "NO"}), "2");
  EXPECT_EQ(killed({"SKIPME", "yes"}), "134");
  EXPECT_EQ(killed({"SKIPME", "no"}), "1234");
  EXPECT_EQ(killed({"ID", "4"}), "4");
  EXPECT_EQ(killed({"ID", "99"}), "");
  EXPECT_EQ(killed({"TYPE", "pubsub"}), "13");
  EXPECT_EQ(killed({"TYPE", "normal", "SKIPME", "no"}), "24");
  EXPECT_EQ(killed({"TYPE", "replica"}), "");
  EXPECT_EQ(killed({"USER", "bob"}), "34");
  EXPECT_EQ(killed({"USER", "bob", "TYPE", "pubsub"}), "3");
  EXPECT_EQ(killed({"LADDR", "127.0.0.1:12007"}), "134");
  EXPECT_EQ(killed({"LADDR", "127.0.0.1:1"}), "");
}

TEST(client_kill_test, refuses_in_the_words_of_redis) {
  EXPECT_EQ(killed({"ID", "0"}), "ERR client-id should be greater than 0");
  EXPECT_EQ(killed({"ID", "abc"}), "ERR client-id should be greater than 0");
  EXPECT_EQ(killed({"TYPE", "foo"}), "ERR Unknown client type 'foo'");
  EXPECT_EQ(killed({"USER", "nosuch"}), "ERR No such user 'nosuch'");
  for (std::vector<std::string> x :
       {std::vector<std::string>{"ADDR", "1:1", "SKIPME", "maybe"},
        {"FOO", "1"},
        {"ADDR", "1:2", "LADDR"}})
    EXPECT_EQ(killed(x), "ERR syntax error") << x[0];
}

TEST(client_kill_test, replies_a_number_or_for_one_address_ok) {
  kill_order many;
  EXPECT_EQ(many.reply(0), resp::value{0});
  EXPECT_EQ(many.reply(3), resp::value{3});
  kill_order one;
  one.one_address = true;
  EXPECT_EQ(one.reply(1), resp::ok());
  EXPECT_EQ(one.reply(0), resp::err("No such client"));
}

} // namespace
} // namespace saker::session
