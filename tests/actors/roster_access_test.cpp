#include "acl/service_calls.hpp"
#include "tests/support/roster_world.hpp"

#include <cerrno>

namespace saker {
namespace {

using namespace std::chrono_literals;

/// `web` may be controlled, `db` looked at, of `mail` nothing is known.
class roster_access_test : public test::roster_world {
protected:
  void begin_all() {
    auto web = make_service("web");
    web->count = 2;
    web->counted = true;
    web->groups = {"front"};
    auto db = make_service("db");
    db->groups = {"front"};
    begin({web, db, make_service("mail")});
    for (auto key : {"web#0", "web#1", "db#0", "mail#0"})
      keeper.confirm(key);
    settle();
    limit({{"web", true}, {"db", false}});
  }

  void limit(std::initializer_list<std::pair<const char*, bool>> masks) {
    acl::service_masks all;
    for (auto& [text, change] : masks)
      all.push_back(*acl::parse_service_mask(text, true, change));
    reach = std::make_shared<const acl::service_masks>(std::move(all));
  }

  /// The names of the rows.
  std::string names(std::vector<std::string> args) {
    std::string text;
    auto reply = say(std::move(args));
    if (reply.is_error())
      return std::string{reply.text()};
    for (auto& x : reply.items())
      text += (text.empty() ? "" : " ")
              + std::string{x.find("name") ? x.find("name")->text() : x.text()};
    return text;
  }

  /// What ACL DRYRUN answers about this command.
  std::string tried(std::vector<std::string> args) {
    args.insert(args.begin(), {"ACL", "DRYRUN", "ann"});
    auto call = to_call(std::move(args));
    call.what.command = resp::find_full_name("acl|dryrun");
    auto x = ask<resp::value>(uut, atom::call_v, std::move(call));
    return x ? std::string{x->text()} : "no answer";
  }

  static std::string no_access(const std::string& what) {
    return acl::describe_unreached("service:" + what);
  }

  std::string no_control(const std::string& what) {
    return "NOPERM this user has no permissions to control " + what
           + ", so nothing was done; it may control web";
  }
};

TEST_F(roster_access_test, whoever_looks_sees_what_it_may_look_at) {
  begin_all();
  EXPECT_EQ(names({"SVSTATUS"}), "db web:0 web:1");
  EXPECT_EQ(names({"SVSTATUS", "*"}), "db web:0 web:1");
  EXPECT_EQ(names({"SVSTATUS", "%front"}), "db web:0 web:1");
  EXPECT_EQ(names({"SVGMEMBER", "*"}), "db web");
  EXPECT_EQ(names({"SVGSTATUS", "front"}), "db web:0 web:1");
  EXPECT_EQ(names({"SVCHECK"}), "db web:0 web:1");
  EXPECT_EQ(*say({"SVWAIT", "*", "running", "0"}).integer(), 3);
  auto text = std::string{say({"SVSTATUS", "TEXT"}).text()};
  EXPECT_EQ(text.find("mail"), text.npos) << text;
}

TEST_F(roster_access_test, what_it_may_not_look_at_is_not_there) {
  begin_all();
  for (auto words : std::vector<std::vector<std::string>>{
         {"SVSTATUS", "mail"},
         {"SVSTATUS", "web", "mail"},
         {"SVWHY", "mail"},
         {"SVCONFIG", "mail"},
         {"SVLIFE", "mail"},
         {"SVLOG", "mail"},
         {"SVWAIT", "mail", "running", "0"}})
    EXPECT_EQ(names(words),
              "NOSERVICE no service matches \"mail\"; SVSTATUS lists all, of "
              "those that this user may look at")
      << words[0];
  EXPECT_EQ(names({"SVSTATUS", "mial"}).find("did you mean"),
            std::string::npos);
  EXPECT_FALSE(say({"SVWHY", "db"}).is_error());
  EXPECT_FALSE(say({"SVCONFIG", "db"}).is_error());
}

TEST_F(roster_access_test, nothing_is_done_to_what_it_may_not_control) {
  begin_all();
  auto before = journal.wanted.size();
  for (auto command :
       {"SVSTART", "SVSTOP", "SVRESTART", "SVTRYRESTART", "SVDROP", "SVENABLE",
        "SVDISABLE", "SVRESET", "SVRELOAD", "SVPAUSE", "SVCONT"}) {
    EXPECT_EQ(names({command, "db"}), no_control("db")) << command;
    EXPECT_EQ(names({command, "mail"}), no_control("mail")) << command;
    EXPECT_EQ(names({command, "web", "db"}), no_control("db")) << command;
    EXPECT_EQ(names({command, "*"}), no_control("db")) << command;
  }
  EXPECT_EQ(names({"SVSIGNAL", "HUP", "db"}), no_control("db"));
  EXPECT_EQ(names({"SVGSTOP", "front"}), no_control("db"));
  EXPECT_EQ(names({"SVRESTART", "web", "db", "ROLLING", "1"}),
            no_control("db"));
  EXPECT_EQ(names({"SVSCALE", "db", "2"}), no_control("db"));
  EXPECT_EQ(names({"SVSCALE", "mial", "2"}), no_control("mial"));
  EXPECT_EQ(names({"SVRUN", "job", "ls"}), no_control("job"));
  EXPECT_EQ(names({"SVLOG", "db", "CLEAR"}), no_control("db"));
  EXPECT_EQ(journal.wanted.size(), before);
  EXPECT_TRUE(keeper.signals.empty());
  EXPECT_EQ(state_of("web:0"), "running");
  EXPECT_EQ(state_of("db"), "running");
}

TEST_F(roster_access_test, it_controls_what_it_may_control) {
  begin_all();
  EXPECT_EQ(names({"SVSTOP", "web"}), "web:0 web:1");
  EXPECT_EQ(state_of("web:0"), "stopping");
  limit({{"web:1", true}});
  EXPECT_EQ(names({"SVSTATUS"}), "web:1");
  EXPECT_EQ(names({"SVDISABLE", "web:1"}), "web:1");
  EXPECT_EQ(names({"SVSTART", "web"}),
            "NOPERM this user has no permissions to control web:0, so nothing "
            "was done; it may control web:1");
  EXPECT_TRUE(names({"SVSCALE", "web", "3"}).starts_with("NOPERM"));
  limit({{"%front", true}});
  EXPECT_EQ(names({"SVDISABLE", "%front"}), "db web:0 web:1");
  limit({{"mail@elsewhere", true}});
  EXPECT_EQ(names({"SVSTATUS"}), "");
}

TEST_F(roster_access_test, a_dry_run_knows_who_is_in_a_group) {
  begin_all();
  EXPECT_EQ(tried({"SVSTOP", "%front"}), no_access("db"));
  EXPECT_EQ(tried({"SVGSTOP", "front"}), no_access("db"));
  EXPECT_EQ(tried({"SVSTOP", "w*"}), "OK");
  EXPECT_EQ(tried({"SVSTOP", "*"}), no_access("db"));
  EXPECT_EQ(tried({"SVSTOP", "nosuch"}), no_access("nosuch"));
  EXPECT_EQ(tried({"SVSTATUS", "db"}), "OK");
  EXPECT_EQ(tried({"SVSTATUS", "mail"}), no_access("mail"));
  EXPECT_EQ(tried({"SVSCALE", "db", "2"}), no_access("db"));
  limit({{"%front", true}, {"web:1", true}});
  EXPECT_EQ(tried({"SVSTOP", "web", "db", "WAIT", "5"}), "OK");
  EXPECT_EQ(tried({"SVSTOP", "web", "mail"}), no_access("mail"));
  EXPECT_EQ(tried({"SVSCALE", "web", "3"}), "OK");
  EXPECT_EQ(tried({"SVLOG", "web:0"}), "OK");
  EXPECT_EQ(state_of("web:0"), "running");
}

TEST_F(roster_access_test, a_dry_run_says_what_only_other_nodes_know) {
  begin_all();
  EXPECT_EQ(tried({"SVSTOP", "w*@n1"}), "OK");
  for (auto mask : {"%front@elsewhere", "w*@*"})
    EXPECT_EQ(tried({"SVSTOP", mask}), acl::describe_elsewhere(mask));
  EXPECT_EQ(tried({"SVSTOP", "db@*", "%front@elsewhere"}), no_access("db"));
}

TEST_F(roster_access_test, definitions_are_those_of_all) {
  begin_all();
  for (auto command : {"SVAPPLY", "SVPLAN"})
    EXPECT_EQ(names({command}),
              "NOPERM this user has no permissions to apply definitions, which "
              "are those of all services; it may control web");
  EXPECT_EQ(definitions.stored, 0);
}

TEST_F(roster_access_test, output_is_for_those_who_control) {
  disk.last_line = "a secret";
  begin({make_service("web"), make_service("db")});
  for (auto key : {"web#0", "db#0"})
    keeper.fail_start(key, "exec", ENOENT, "/bin/x");
  settle();
  limit({{"web", true}, {"db", false}});
  auto shows = [this](std::vector<std::string> words) {
    return to_string(say(std::move(words))).find("a secret")
           != std::string::npos;
  };
  EXPECT_TRUE(shows({"SVSTATUS", "web", "TEXT"}));
  EXPECT_FALSE(shows({"SVSTATUS", "db", "TEXT"}));
  EXPECT_TRUE(shows({"SVWHY", "web"}));
  EXPECT_FALSE(shows({"SVWHY", "db"}));
  EXPECT_EQ(names({"SVLOG", "db"}), no_control("db"));
}

TEST_F(roster_access_test, histories_are_those_of_what_it_may_look_at) {
  begin_all();
  say({"SVLIFE", "*", "SINCE", "0"});
  EXPECT_FALSE(journal.page.all);
  EXPECT_EQ(journal.page.keys,
            (std::vector<std::string>{"db#0", "web#0", "web#1"}));
}

} // namespace
} // namespace saker
