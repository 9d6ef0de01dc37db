#include "acl/service_calls.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::world;

/// Ann may reach web only; whoever has the services refuses the others.
struct refused_client {
  refused_client() : client(made(denials)) {
    client.answers = false;
    client.feed("AUTH ann anns\r\n");
  }

  static settings made(std::shared_ptr<acl::denial_log> denials) {
    auto x = test::default_settings();
    x.denials = std::move(denials);
    test::set_user(x, "ann", {"on", ">anns", "+@all", "~service:web"});
    return x;
  }

  /// The answer to the oldest command that was sent on.
  void refuse(const std::string& service) {
    auto sent = client.take<request>();
    client.uut.answer(
      sent.id,
      resp::error{"NOPERM " + acl::service_refusal(service, sent.services)});
    client.carry_on();
  }

  std::shared_ptr<acl::denial_log> denials
    = std::make_shared<acl::denial_log>();
  world client;
};

TEST(denials_test, of_whoever_has_the_services_are_kept_too) {
  refused_client x;
  x.client.feed("SVSTOP db\r\n");
  EXPECT_EQ(x.denials->size(), 0u);
  x.refuse("db");
  auto all = x.denials->newest();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].reason, "key");
  EXPECT_EQ(all[0].context, "toplevel");
  EXPECT_EQ(all[0].object, "service:db");
  EXPECT_EQ(all[0].user, "ann");
  EXPECT_NE(all[0].client.find("id=7 addr=127.0.0.1:4711"), std::string::npos);
  EXPECT_NE(all[0].client.find("cmd=svstop user=ann"), std::string::npos)
    << all[0].client;
}

TEST(denials_test, that_are_alike_are_counted) {
  refused_client x;
  for (auto i = 0; i < 3; ++i) {
    x.client.feed("SVSTOP *\r\n");
    x.refuse("db");
  }
  x.client.feed("SVSTOP mail\r\n");
  x.refuse("mail");
  auto all = x.denials->newest();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].object, "service:mail");
  EXPECT_EQ(all[1].count, 3u);
}

TEST(denials_test, of_a_transaction_say_so) {
  refused_client x;
  x.client.feed("MULTI\r\nSVSTOP web\r\nSVSTOP db\r\nEXEC\r\n");
  auto first = x.client.take<request>();
  x.client.uut.answer(first.id, resp::ok());
  x.client.carry_on();
  x.refuse("db");
  auto all = x.denials->newest();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].context, "multi");
}

TEST(denials_test, of_some_nodes_are_kept_though_others_carried_it_out) {
  refused_client x;
  x.client.feed("SVSTOP web@* db@*\r\n");
  auto sent = x.client.take<request>();
  ASSERT_TRUE(sent.refused);
  for (auto node : {"", "n2"})
    sent.refused->push_back(
      {node, "NOPERM " + acl::service_refusal("db:0", sent.services)});
  sent.refused->push_back({"n3", "NOPERM made up"});
  x.client.uut.answer(sent.id, resp::value{resp::array{}});
  auto all = x.denials->newest();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].object, "service:db:0");
  EXPECT_EQ(all[0].object, "service:db:0@n2");
  EXPECT_EQ(all[0].user, "ann");
  x.client.feed("SVSTOP db@n2\r\n");
  sent = x.client.take<request>();
  auto no = "NOPERM " + acl::service_refusal("mail", sent.services);
  sent.refused->push_back({"n2", no});
  x.client.uut.answer(sent.id, resp::error{no});
  EXPECT_EQ(x.denials->size(), 3u) << "and not once more for the answer";
  EXPECT_EQ(x.denials->newest().at(0).object, "service:mail@n2");
}

TEST(denials_test, of_parts_are_not_asked_for_where_there_are_none) {
  refused_client x;
  x.client.feed("SVSTOP web\r\n");
  EXPECT_FALSE(x.client.take<request>().refused);
}

TEST(denials_test, belong_to_whoever_asked) {
  refused_client x;
  x.client.feed("SVSTOP db\r\nAUTH default x\r\n");
  x.refuse("db");
  EXPECT_EQ(x.denials->newest().at(0).user, "ann");
}

TEST(denials_test, are_no_other_errors) {
  refused_client x;
  for (auto text :
       {"NOSERVICE no service matches \"x\"", "ERR no", "NOPERM made up"}) {
    x.client.feed("SVSTOP x\r\n");
    x.client.uut.answer(x.client.take<request>().id, resp::error{text});
    x.client.carry_on();
  }
  EXPECT_EQ(x.denials->size(), 0u);
}

TEST(denials_test, are_told_before_by_a_dry_run) {
  refused_client x;
  EXPECT_EQ(x.client.feed("ACL DRYRUN ann SVSTOP web WAIT 5\r\n"), "+OK\r\n");
  EXPECT_EQ(x.client.feed("ACL DRYRUN ann SVAPPLY\r\n"),
            "$62\r\nThis user has no permissions to access the 'service:*' "
            "service\r\n");
  EXPECT_EQ(x.client.feed("ACL DRYRUN default SVSTOP db\r\n"), "+OK\r\n");
}

TEST(denials_test, are_told_by_those_who_know_who_is_in_a_group) {
  refused_client x;
  EXPECT_EQ(x.client.feed("AUTH default x\r\nACL DRYRUN ann SVSTOP web %a\r\n"),
            "+OK\r\n");
  auto sent = x.client.take<request>();
  EXPECT_EQ(sent.target, resp::target::roster);
  EXPECT_EQ(sent.command->id, resp::command_id::acl_dryrun);
  EXPECT_EQ(sent.args, (std::vector<std::string>{"ACL", "DRYRUN", "ann",
                                                 "SVSTOP", "web", "%a"}));
  ASSERT_TRUE(sent.services) << "those of ann, not of who asks";
  EXPECT_EQ(acl::changeable(sent.services), "web");
  x.client.uut.answer(sent.id, resp::ok());
  EXPECT_EQ(x.client.carry_on(), "+OK\r\n");
  EXPECT_EQ(x.denials->size(), 0u);
}

} // namespace
} // namespace saker::session
