#include "actors/system_info.hpp"

#include "resp/command_table.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_crew.hpp"

#include <unistd.h>

namespace saker {
namespace {

using namespace std::chrono_literals;

class system_info_test : public test::actor_test {
protected:
  system_info_test() {
    system_info_links links;
    links.chores = &threads;
    links.now = [this] { return sys.clock().now(); };
    links.most_waiting = 3;
    links.ask = [this](const std::vector<std::string>& words,
                       const sysinfo_asker& who) -> result<resp::value> {
      asker = who;
      if (during)
        std::exchange(during, nullptr)();
      if (words[0] == "bad")
        return fail(errc::not_found, "there is no key \"bad\"");
      return resp::value{words[0] + std::to_string(words.size())};
    };
    uut = spawn(system_info, std::move(links));
  }

  bool run_elsewhere() override {
    return threads.run_one();
  }

  resp::value command(std::vector<std::string> args,
                      acl::shared_services services = nullptr) {
    command_call call;
    call.what.args = std::move(args);
    call.what.services = std::move(services);
    call.what.rights = {resp::right::status};
    auto x = ask<resp::value>(uut, atom::call_v, std::move(call));
    return x ? *x : resp::value{resp::error{"no answer"}};
  }

  test::fake_crew threads;
  std::function<void()> during;
  sysinfo_asker asker;
  system_actor uut;
};

TEST_F(system_info_test, answers_key_and_arguments) {
  EXPECT_EQ(command({"SYSINFO", "key"}), resp::value{"key1"});
  EXPECT_EQ(command({"SYSINFO", "key", "a", "b"}), resp::value{"key3"});
  EXPECT_EQ(command({"SYSINFO", "bad"}),
            (resp::value{resp::error{"ERR there is no key \"bad\""}}));
  EXPECT_EQ(asker.rights, resp::rights{resp::right::status});
  EXPECT_TRUE(asker.every_service);
}

TEST_F(system_info_test, knows_who_reaches_some_services_only) {
  command({"SYSINFO", "key"}, std::make_shared<acl::service_masks>());
  EXPECT_FALSE(asker.every_service);
}

TEST_F(system_info_test, gives_up_what_hangs) {
  during = [this] { advance(11s); };
  auto x = command({"SYSINFO", "key"});
  ASSERT_TRUE(x.is_error());
  EXPECT_EQ(x.text().find("TIMEOUT"), 0u) << x.text();
  EXPECT_EQ(threads.stuck, 0u);
}

TEST(answer_sysinfo_test, asks_the_machine) {
  auto x = answer_sysinfo({"system.cpu.num.online"}, {});
  ASSERT_TRUE(x);
  EXPECT_GT(x->integer().value_or(0), 0);
  EXPECT_EQ(answer_sysinfo({"nonsense"}, {}).error().code, errc::not_found);
}

TEST(answer_sysinfo_test, tells_only_those_who_control_whether_a_path_exists) {
  auto ask = [](const std::string& path, resp::rights who) {
    auto x = answer_sysinfo({"system.fs.size.total", path}, {who});
    return x ? std::string{"figures"} : x.error().detail;
  };
  const resp::rights guest{resp::right::status};
  auto no = ask("/nowhere/at/all", guest);
  EXPECT_NE(no.find("only mount points"), no.npos) << no;
  for (auto path : {"/etc", "/etc/passwd", "/root/.ssh", "relative", ".."})
    EXPECT_EQ(ask(path, guest), no) << path;
  EXPECT_EQ(ask("/proc", guest), "figures");
  const resp::rights control{resp::right::status, resp::right::control};
  EXPECT_EQ(ask("/etc", control), "figures");
  EXPECT_NE(ask("/nowhere/at/all", control), no);
}

TEST(answer_sysinfo_test, tells_no_arguments_to_users_of_some_services) {
  auto ask = [](const sysinfo_asker& who) {
    auto reply = answer_sysinfo({"system.proc.all", std::to_string(::getpid())},
                                who);
    return std::string{reply->text()};
  };
  // This test has at least the name of its program.
  auto whole = ask({{resp::right::status}, true});
  auto cut = ask({{resp::right::status, resp::right::admin}, false});
  auto line = [](const std::string& json) {
    auto begin = json.find("\"Fullname\":\"") + 12;
    return json.substr(begin, json.find('"', begin) - begin);
  };
  EXPECT_EQ(line(cut), line(whole).substr(0, line(whole).find(' ')));
  EXPECT_EQ(line(cut).find(' '), std::string::npos);
}

} // namespace
} // namespace saker
