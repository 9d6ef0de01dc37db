// Who did what: what a session tells of the commands of its client.
#include "tests/session/audited_world.hpp"

namespace saker::session {
namespace {

using test::world;

using texts = std::vector<std::string>;

using session_audit_test = test::audited_world;

TEST_F(session_audit_test, tells_who_did_what_and_how_it_ended) {
  world x{audited()};
  x.feed("SVSTOP web db WAIT 5\r\n");
  ASSERT_EQ(told.size(), 1u);
  audit_entry expected;
  expected.at = test::at(0).wall;
  expected.user = "default";
  expected.address = "127.0.0.1:4711";
  expected.client = 7;
  expected.uid = 0;
  expected.command = "svstop";
  expected.args = {"web", "db", "WAIT", "5"};
  expected.services = {"web", "db"};
  EXPECT_EQ(told[0], expected);
}

TEST_F(session_audit_test, waits_for_the_end_of_what_others_carry_out) {
  world x{audited()};
  x.answers = false;
  x.feed("SVSTOP web\r\nSVSTART nope\r\nSVSIGNAL HUP db\r\n");
  EXPECT_EQ(news(), texts{});
  auto first = x.take<request>();
  auto second = x.take<request>();
  x.uut.answer(second.id, resp::error{"NOSERVICE no service \"nope\""});
  EXPECT_EQ(news(), texts{"default svstart nope: failed NOSERVICE"});
  x.uut.answer(first.id, resp::ok());
  EXPECT_EQ(news(), texts{"default svstop web: done"});
}

TEST_F(session_audit_test, tells_what_was_begun_by_a_client_that_is_gone) {
  {
    world x{audited()};
    x.answers = false;
    x.feed("SVSTOP web\r\n");
    EXPECT_EQ(news(), texts{});
  }
  EXPECT_EQ(news(), texts{"default svstop web: begun"});
}

TEST_F(session_audit_test, tells_of_a_shutdown_before_it_begins) {
  world x{audited()};
  x.answers = false; // as there is none
  x.feed("SHUTDOWN KEEP\r\n");
  EXPECT_EQ(news(), texts{"default shutdown KEEP: begun"});
}

TEST_F(session_audit_test, knows_a_shutdown_that_cannot_begin) {
  world x{audited()};
  x.answers = false;
  EXPECT_EQ(x.feed("SHUTDOWN KEEP foo\r\n"),
            "-ERR syntax error; SHUTDOWN takes KEEP or nothing\r\n");
  EXPECT_EQ(news(), texts{"default shutdown KEEP foo: failed ERR"});
  x.feed("shutdown nosave force NOW\r\n");
  EXPECT_EQ(news(), texts{"default shutdown nosave force NOW: begun"});
}

TEST_F(session_audit_test, tells_nothing_of_those_who_only_look_and_listen) {
  world x{audited()};
  x.feed("PING\r\nPUBLISH news x\r\nSVSTATUS\r\nINFO\r\nSVLOG web\r\n"
         "CONFIG GET *\r\nACL LIST\r\nSVPLAN\r\nlook x\r\ndeploy x\r\n"
         "HELLO 3\r\nCLIENT SETNAME me\r\nnonsense\r\nSVSTOP\r\nMULTI\r\n"
         "EXEC\r\nSUBSCRIBE news\r\n");
  EXPECT_EQ(news(), texts{});
}

TEST_F(session_audit_test, tells_of_those_too_if_it_is_asked_to) {
  world x{audited(all_commands())};
  x.feed("PING\r\nSVSTATUS\r\nSVLOG web\r\nCONFIG GET *\r\nlook x\r\n"
         "deploy x\r\nCALL deploy y\r\nEXEC deploy z\r\n");
  EXPECT_EQ(news(),
            (texts{"default svlog web: done", "default config|get *: done",
                   "default deploy x: done", "default deploy y: done",
                   "default deploy z: done"}));
}

TEST_F(session_audit_test, tells_nothing_if_it_is_off) {
  config::audit_settings off;
  off.commands = config::audited_commands::none;
  world x{audited(off), test::stranger_peer()};
  x.feed("SVSTOP web\r\nAUTH nobody x\r\n");
  world y{audited(off)};
  y.feed("SVSTOP web\r\n");
  EXPECT_EQ(news(), texts{});
}

TEST_F(session_audit_test, knows_commands_of_scripts_by_their_right) {
  std::vector<alias> all;
  all.push_back({"deploy", "x.lua", "", -1, resp::right::control});
  all.push_back({"show", "x.lua", "", -1, resp::right::status});
  auto table = std::make_shared<const alias_table>(std::move(all));
  auto with = test::default_settings();
  with.aliases = [table] { return table; };
  world x{audited({}, with)};
  x.reply = [](auto& what) {
    return what.args.back() == "bad" ? resp::err("no") : resp::ok();
  };
  x.feed("deploy a\r\nshow b\r\nCALL deploy bad\r\nCALL show c\r\n"
         "CALL deploy@n2 d\r\n");
  EXPECT_EQ(news(), (texts{"default deploy a: done",
                           "default deploy bad: failed ERR"}));
  EXPECT_EQ(told.size(), 0u);
}

TEST_F(session_audit_test, tells_each_command_of_a_transaction) {
  world x{audited()};
  x.feed("MULTI\r\nSVSTOP web\r\nPING\r\nCONFIG SET timeout 5\r\n");
  EXPECT_EQ(news(), texts{});
  x.feed("EXEC\r\n");
  EXPECT_EQ(news(), (texts{"default svstop web: done",
                           "default config|set timeout 5: done"}));
  x.feed("MULTI\r\nSVSTOP web\r\nDISCARD\r\n");
  EXPECT_EQ(news(), texts{});
}

TEST_F(session_audit_test, tells_also_who_wants_no_reply) {
  world x{audited()};
  x.feed("CLIENT REPLY OFF\r\nSVSTOP web\r\nSLOWLOG RESET\r\n");
  EXPECT_EQ(news(),
            (texts{"default slowlog|reset: done", "default svstop web: done"}))
    << "in the order in which they end";
}

// -- how much --------------------------------------------------------------------

TEST_F(session_audit_test, a_flood_is_counted_and_costs_nobody_else) {
  world x{audited(), test::stranger_peer()};
  std::string flood;
  for (int i = 0; i < 500; ++i)
    flood += "SVSTOP web\r\n";
  x.feed(flood);
  EXPECT_EQ(news().size(), 10u);
  EXPECT_EQ(counted, 1) << "once a second";
  world y{audited()};
  y.feed(flood);
  EXPECT_EQ(news().size(), 100u);
}

TEST_F(session_audit_test, looks_at_the_time_of_the_commands) {
  auto with = audited();
  world x{with, test::stranger_peer()};
  for (int i = 0; i < 12; ++i)
    x.feed("SVSTOP web\r\n");
  EXPECT_EQ(news().size(), 10u);
  x.now = test::at(1);
  x.feed("SVSTOP web\r\n");
  EXPECT_EQ(news().size(), 1u);
  EXPECT_EQ(with.audit->take_excess(),
            (std::vector<audit_limit::excess>{{"", 2}}));
}

// -- who -------------------------------------------------------------------------

TEST_F(session_audit_test, over_the_unix_socket_nobody_is_just_default) {
  auto who = test::root_peer();
  who.via_unix = true;
  who.user = "root";
  who.address = "/run/x.sock:0";
  world x{audited(), who};
  x.feed("SVSTOP web\r\n");
  EXPECT_EQ(told.at(0).user, "root");
  EXPECT_EQ(told.at(0).address, "/run/x.sock:0");
  EXPECT_EQ(told.at(0).uid, 0u);
}

TEST_F(session_audit_test, a_script_is_called_by_its_name) {
  peer who;
  who.address = "script:night.lua";
  who.kind = peer_kind::root;
  who.via_unix = true;
  session uut{0, who, std::make_shared<const settings>(audited()), test::at(0)};
  uut.feed("SVSTOP web\r\n", test::at(0));
  for (auto& x : uut.take_effects())
    uut.answer(std::get<request>(x).id, resp::ok());
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].user, "script:night.lua");
  EXPECT_EQ(told[0].address, "lua");
  EXPECT_EQ(told[0].client, 0u);
  EXPECT_FALSE(told[0].uid);
}

TEST_F(session_audit_test, secrets_are_not_told) {
  world x{guarded()};
  x.feed("AUTH secret\r\n"
         "ACL SETUSER eve on >s3cr3t\r\n"
         "CONFIG SET requirepass s3cr3t\r\n"
         "SVRUN job psql --password s3cr3t\r\n"
         "HELLO 3 AUTH eve s3cr3t\r\nAUTH s3cr3t\r\nAUTH s3cr3t eve\r\n");
  EXPECT_EQ(told.size(), 7u);
  for (auto& text : news())
    EXPECT_EQ(text.find("s3cr3t"), text.npos) << text;
}

} // namespace
} // namespace saker::session
