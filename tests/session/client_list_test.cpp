#include "session/client_list.hpp"

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
         "CLIENT ID\r\nPI");
  auto figures = x.uut.figures(test::at(65));
  figures.fd = 9;
  figures.unsent_frames = 2;
  figures.unsent_bytes = 100;
  EXPECT_EQ(to_line(figures),
            "id=7 addr=127.0.0.1:4711 laddr=127.0.0.1:12007 fd=9 name=bob "
            "age=65 idle=65 flags=P db=2 sub=2 psub=1 ssub=0 multi=-1 qbuf=2 "
            "oll=2 omem=100 open=0 cmd=client|id user=default redir=-1 resp=3 "
            "lib-name=py lib-ver=1");
}

TEST(client_list_test, counts_idle_time_from_the_last_bytes) {
  test::world x;
  x.now = test::at(30);
  x.feed("PING\r\n");
  EXPECT_EQ(x.uut.figures(test::at(35)).idle.count(), 5);
  EXPECT_EQ(x.uut.figures(test::at(35)).age.count(), 35);
}

TEST(client_list_test, shows_those_who_were_asked_for) {
  std::vector<client_figures> all(3);
  all[0].id = 1;
  all[1].id = 2;
  all[1].channels = 1;
  all[2].id = 3;
  all[2].patterns = 1;
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
  EXPECT_EQ(shown({}), "123");
  EXPECT_EQ(shown({"TYPE", "pubsub"}), "23");
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

} // namespace
} // namespace saker::session
