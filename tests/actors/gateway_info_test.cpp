#include "tests/support/gateway_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using gateway_test = test::gateway_world;

TEST_F(gateway_test, tells_about_itself) {
  auto text = std::string{command({"INFO"}, resp::command_id::info).text()};
  for (auto part : {"redis_version:", "connected_clients:0", "role:master",
                    "used_memory:", "loading:0", "process_id:"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  EXPECT_NE(text.find("unapplied_files:0\r\n"), std::string::npos) << text;
  drift = {{"a.lua (new)", "b.lua (changed)"}, {"saker.toml (changed)"}};
  text = command({"INFO", "server"}, resp::command_id::info).text();
  for (auto part : {"unapplied_files:3\r\n",
                    "unapplied_services:a.lua (new), b.lua (changed)\r\n",
                    "unapplied_configuration:saker.toml (changed)\r\n"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  figures.loading_scripts.set(1);
  text = command({"INFO"}, resp::command_id::info).text();
  EXPECT_NE(text.find("loading:1\r\n"), std::string::npos) << text;
  auto one
    = std::string{command({"INFO", "clients"}, resp::command_id::info).text()};
  EXPECT_EQ(one.find("redis_version"), std::string::npos);
}

TEST_F(gateway_test, writes_into_the_log_what_debug_log_says) {
  auto reply = command({"DEBUG", "LOG", "one\x1b[2J\ntwo"},
                       resp::command_id::debug);
  EXPECT_EQ(reply, resp::ok());
  EXPECT_EQ(warnings,
            std::vector<std::string>{"DEBUG LOG: one\\x1b[2J\\x0atwo"});
}

TEST_F(gateway_test, tells_how_long_commands_of_clients_and_scripts_took) {
  figures.statistics.called(resp::command_id::ping, 1, 1us);
  figures.script_statistics.called(resp::command_id::ping, 1, 3us);
  auto reply = command({"LATENCY", "HISTOGRAM", "ping"},
                       resp::command_id::latency_histogram);
  ASSERT_NE(reply.find("ping"), nullptr);
  EXPECT_EQ(reply.find("ping")->find("calls")->integer(), 2);
}

TEST_F(gateway_test, tells_what_memory_it_takes) {
  figures.unsent_bytes.set(77);
  auto reply = command({"MEMORY", "STATS"}, resp::command_id::memory_stats);
  ASSERT_NE(reply.find("total.allocated"), nullptr);
#ifndef __SANITIZE_ADDRESS__ // its heap is not the C library's
  EXPECT_GT(reply.find("total.allocated")->integer().value_or(0), 0);
#endif
  EXPECT_GT(reply.find("peak.allocated")->integer().value_or(0), 1 << 20);
  EXPECT_EQ(reply.find("clients.normal")->integer(), 77);
  EXPECT_EQ(reply.find("keys.count")->integer(), 0);
}

TEST_F(gateway_test, tells_the_sections_that_redis_would) {
  auto info = [this](std::vector<std::string> words) {
    words.insert(words.begin(), "INFO");
    return std::string{command(words, resp::command_id::info).text()};
  };
  auto headings = [](const std::string& text) {
    std::string found;
    for (std::size_t at = 0; (at = text.find("# ", at)) != text.npos; ++at)
      found += text.substr(at + 2, text.find('\r', at) - at - 2) + ' ';
    return found;
  };
  EXPECT_EQ(headings(info({})),
            "Server Clients Memory Persistence Stats Replication CPU Services "
            "Modules Errorstats Cluster Keyspace ");
  EXPECT_EQ(headings(info({"DEFAULT"})), headings(info({})));
  for (auto all : {"all", "everything"})
    EXPECT_EQ(headings(info({all})),
              "Server Clients Memory Persistence Stats Replication CPU "
              "Services Modules Commandstats Errorstats Latencystats Cluster "
              "Keyspace ");
  EXPECT_EQ(headings(info({"keyspace", "nosuch", "CLUSTER", "cluster"})),
            "Cluster Keyspace ");
  EXPECT_EQ(info({"nosuch"}), "");
  EXPECT_EQ(headings(info({"default", "commandstats"})).find("Latency"),
            std::string::npos);
}

TEST_F(gateway_test, tells_how_often_commands_were_called) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("PING\r\nPING\r\nSELECT 77\r\nECHO\r\n");
  settle();
  auto text
    = std::string{command({"INFO", "commandstats", "errorstats", "stats"},
                          resp::command_id::info)
                    .text()};
  for (auto part :
       {"cmdstat_ping:calls=2,", "cmdstat_select:calls=1,",
        "rejected_calls=0,failed_calls=1\r\n", "cmdstat_echo:calls=0,usec=0,",
        "errorstat_ERR:count=2\r\n", "total_error_replies:2\r\n",
        "total_connections_received:1\r\n", "total_reads_processed:1\r\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
}

TEST_F(gateway_test, forgets_what_it_counted) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("PING\r\nNOSUCH\r\nCONFIG RESETSTAT\r\nPING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(),
            "+PONG\r\n-ERR unknown command 'NOSUCH', with args beginning "
            "with: \r\n+OK\r\n+PONG\r\n");
  auto& counted = figures.statistics;
  EXPECT_EQ(counted.figures(resp::command_id::ping).calls, 1u);
  EXPECT_EQ(counted.figures(resp::command_id::config_resetstat).calls, 1u);
  EXPECT_EQ(counted.all_errors(), 0u);
  EXPECT_EQ(figures.connections.get(), 0);
  EXPECT_EQ(figures.clients.get(), 1);
}

} // namespace
} // namespace saker
