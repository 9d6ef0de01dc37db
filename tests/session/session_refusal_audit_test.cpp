// Who was not allowed what, and who came in.
#include "tests/session/audited_world.hpp"

namespace saker::session {
namespace {

using test::world;

using texts = std::vector<std::string>;

using session_refusal_audit_test = test::audited_world;

/// She reaches one service only: whoever has the others refuses them.
settings with_ann_of_web() {
  auto x = test::with_aliases();
  test::set_user(x, "ann", {"on", ">anns", "+@all", "~service:web"});
  return x;
}

TEST_F(session_refusal_audit_test, tells_what_was_refused) {
  world x{audited({}, test::with_aliases()), test::stranger_peer()};
  x.feed("SVSTOP web\r\nCONFIG GET *\r\nPSUBSCRIBE *\r\ndeploy x\r\n"
         "CALL deploy y\r\n");
  EXPECT_EQ(told.at(0).services, texts{"web"});
  EXPECT_EQ(told.at(0).uid, 1000u);
  EXPECT_EQ(news(), (texts{"guest svstop web: refused NOPERM",
                           "guest config|get *: refused NOPERM",
                           "guest psubscribe *: refused NOPERM",
                           "guest deploy x: refused NOPERM",
                           "guest call deploy y: refused NOPERM"}));
}

TEST_F(session_refusal_audit_test,
       tells_what_is_refused_between_multi_and_exec) {
  world x{guarded()};
  x.feed("AUTH ann anns\r\nMULTI\r\nSVSTOP web\r\nEXEC\r\n");
  EXPECT_EQ(news(), (texts{"ann auth (redacted) (redacted): done",
                           "ann svstop web: refused NOPERM"}));
}

TEST_F(session_refusal_audit_test, tells_what_the_services_refuse) {
  world x{audited()};
  x.reply = [](auto&) { return resp::error{"NOPERM not db"}; };
  x.feed("SVSTOP *\r\n");
  EXPECT_EQ(news(), texts{"default svstop *: refused NOPERM"});
}

TEST_F(session_refusal_audit_test, tells_which_looks_the_services_refuse) {
  world x{audited({}, with_ann_of_web())};
  auto refused = true;
  x.reply = [&](auto&) {
    return refused ? resp::value{resp::error{"NOPERM not db"}} : resp::ok();
  };
  x.feed("SVLOG db\r\nAUTH ann anns\r\n");
  EXPECT_EQ(news(), texts{"ann auth (redacted) (redacted): done"})
    << "who reaches all services is refused none";
  x.feed("SVLOG db\r\nSVPLAN\r\nSVSTATUS db\r\n");
  EXPECT_EQ(told.at(0).services, texts{"db"});
  EXPECT_EQ(news(), (texts{"ann svlog db: refused NOPERM",
                           "ann svplan: refused NOPERM"}));
  refused = false;
  x.feed("SVLOG web\r\nSVPLAN\r\n");
  EXPECT_EQ(news(), texts{});
}

TEST_F(session_refusal_audit_test, looks_that_are_refused_share_one_limit) {
  world x{audited({}, with_ann_of_web())};
  x.reply = [](auto&) { return resp::error{"NOPERM not db"}; };
  x.feed("AUTH ann anns\r\n");
  for (int i = 0; i < 12; ++i)
    x.feed("SVLOG db\r\n");
  EXPECT_EQ(news().size(), 11u) << "with the login";
  EXPECT_EQ(counted, 1);
}

TEST_F(session_refusal_audit_test, tells_nothing_of_a_look_nobody_answered) {
  {
    world x{audited({}, with_ann_of_web())};
    x.answers = false;
    x.feed("AUTH ann anns\r\nSVLOG db\r\n");
    news();
  }
  EXPECT_EQ(news(), texts{});
}

TEST_F(session_refusal_audit_test, nobody_yet_has_no_name) {
  world x{guarded()};
  x.feed("SVSTOP web\r\nPING\r\nHELLO 3\r\n");
  EXPECT_EQ(news(),
            (texts{" svstop web: refused NOAUTH", " ping: refused NOAUTH",
                   " hello 3: refused NOAUTH"}));
}

TEST_F(session_refusal_audit_test, tells_of_logins_and_of_those_that_failed) {
  world x{guarded()};
  x.feed("AUTH ann wrong\r\nAUTH eve x\r\nAUTH wrong\r\n");
  EXPECT_EQ(news(), (texts{"ann auth (redacted) (redacted): refused WRONGPASS",
                           " auth (redacted) (redacted): refused WRONGPASS",
                           "default auth (redacted): refused WRONGPASS"}))
    << "what is no user may be a password in the wrong place";
  x.feed("AUTH ann anns\r\nHELLO 3 AUTH ops opss\r\nHELLO 3\r\n"
         "HELLO 2 AUTH ops bad\r\n");
  EXPECT_EQ(news(), (texts{"ann auth (redacted) (redacted): done",
                           "ops hello 3 AUTH (redacted) (redacted): done",
                           "ops hello 2 AUTH (redacted) (redacted): refused "
                           "WRONGPASS"}));
}

TEST_F(session_refusal_audit_test,
       a_wrong_password_that_is_answered_late_is_told) {
  auto with = guarded();
  with.auth_delay = std::chrono::milliseconds{100};
  world x{with};
  x.feed("AUTH ann wrong\r\n");
  EXPECT_EQ(news(), texts{"ann auth (redacted) (redacted): refused WRONGPASS"});
}

TEST_F(session_refusal_audit_test, a_certificate_is_a_login) {
  auto with = guarded();
  auto who = test::stranger_peer();
  who.certificate = "ops";
  {
    world x{with, who};
    EXPECT_EQ(news(), texts{"ops certificate: done"});
    x.feed("RESET\r\n");
  }
  who.certificate = "nobody";
  world y{with, who};
  EXPECT_EQ(news(), texts{});
}

} // namespace
} // namespace saker::session
