// What ACL makes of users, in the file for a node that comes back.
#include "actors/broker.hpp"
#include "actors/gateway.hpp"
#include "actors/user_file.hpp"
#include "config/users.hpp"
#include "resp/command_table.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/temporary_directory.hpp"

#include <set>

#include <sys/stat.h>

namespace saker {
namespace {

using words = std::vector<std::string>;

/// A gateway whose users are kept in files of a directory of its own.
class user_keeping_test : public test::actor_test {
protected:
  user_keeping_test() {
    links->settings = std::make_shared<session::settings>();
    links->broker = spawn(broker, broker_links{nullptr, &figures});
    links->figures = &figures;
    gateway_links with;
    with.connections = links;
    with.users = spawn(user_file, dir.path() / "kept", live);
    with.warn = [](const std::string&) {};
    uut = spawn(gateway, std::move(with));
  }

  void TearDown() override {
    tell(uut, atom::finish_v);
    actor_test::TearDown();
  }

  /// ACL and these.
  resp::value acl(words args) {
    args.insert(args.begin(), "ACL");
    command_call call;
    call.what.command = resp::find_subcommand(*resp::find_command("acl"),
                                              args[1]);
    call.what.args = std::move(args);
    auto x = ask<resp::value>(uut, atom::call_v, std::move(call));
    return x ? *x : resp::value{};
  }

  void set(const std::string& name, const std::string& rule = "on") {
    EXPECT_EQ(acl({"SETUSER", name, rule}), resp::ok());
  }

  words stored() const {
    auto lines = config::read_users(live);
    return lines ? *lines : words{lines.error().detail};
  }

  /// What a node that comes back makes of it, as ACL LIST tells.
  words found() const {
    acl::user_list users;
    auto done = users.load(config::newest_users(stored()), "live");
    return done ? users.lines() : words{done.error().detail};
  }

  words now() const {
    return links->live->sessions->users->lines();
  }

  std::uint64_t number_of_file() const {
    struct stat x = {};
    EXPECT_EQ(::stat(live.c_str(), &x), 0);
    return x.st_ino;
  }

  test::temporary_directory dir;
  std::filesystem::path live = dir.path() / "live";
  std::shared_ptr<connection_links> links
    = std::make_shared<connection_links>();
  node_figures figures;
  gateway_actor uut;
};

TEST_F(user_keeping_test, adds_one_line_for_each_change) {
  set("u0");
  auto first = number_of_file();
  for (auto i = 1; i <= 60; ++i)
    set("u" + std::to_string(i));
  EXPECT_EQ(number_of_file(), first);
  EXPECT_EQ(stored().size(), 62u); // with that behind the last one
  set("u7", "off");
  EXPECT_EQ(stored().size(), 63u);
  EXPECT_EQ(found(), now());
}

TEST_F(user_keeping_test, begins_the_file_anew_before_it_doubles) {
  set("bob");
  std::set<std::size_t> sizes;
  for (auto i = 0; i < 300; ++i) {
    set("bob", i % 2 ? "on" : "off");
    sizes.insert(stored().size());
  }
  EXPECT_LE(*sizes.rbegin(), 67u);
  EXPECT_EQ(found(), now());
}

TEST_F(user_keeping_test, adds_one_line_for_who_is_gone) {
  for (auto i = 0; i < 40; ++i)
    set("u" + std::to_string(i));
  set("bob");
  auto first = number_of_file();
  auto before = stored().size();
  EXPECT_EQ(acl({"DELUSER", "bob", "u7"}), resp::value{2});
  EXPECT_EQ(stored().size(), before + 2);
  EXPECT_EQ(number_of_file(), first);
  EXPECT_EQ(found(), now());
  set("bob", "nopass"); // another one of that name
  EXPECT_EQ(found(), now());
}

TEST_F(user_keeping_test, writes_all_where_the_file_is_not_as_it_was_left) {
  set("bob");
  std::filesystem::remove(live);
  set("eve");
  EXPECT_EQ(found(), now());
  std::filesystem::resize_file(live, 20);
  set("dan");
  EXPECT_EQ(found(), now());
  std::filesystem::remove(live);
  std::filesystem::create_symlink(dir.path() / "other", live);
  set("dan", "off");
  EXPECT_EQ(found(), now());
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "other"));
}

TEST_F(user_keeping_test, changes_nothing_where_it_can_keep_nothing) {
  std::filesystem::create_directory(dir.path() / "live.new"); // in the way
  auto before = now();
  EXPECT_TRUE(acl({"SETUSER", "bob", "on"}).is_error());
  EXPECT_EQ(now(), before);
  std::filesystem::remove(dir.path() / "live.new");
  set("bob");
  EXPECT_EQ(found(), now());
}

} // namespace
} // namespace saker
