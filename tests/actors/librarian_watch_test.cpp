// How often the LIBRARIAN looks at its folder.
#include "actors/librarian.hpp"
#include "tests/support/actor_test.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

class librarian_watch_test : public test::actor_test {
protected:
  void begin(bool watch = true) {
    librarian_links with;
    with.watch = watch;
    with.interval = 5s;
    with.directory = directory;
    with.say = with.warn = [](const std::string&) {};
    with.read = [this](std::vector<std::string>&) {
      ++looks;
      return std::vector<std::pair<std::string, std::string>>{};
    };
    with.notice = [this](const librarian_actor&) { ++watched; };
    with.notices = [this] { return noticed; };
    uut = spawn(librarian, std::move(with));
    EXPECT_TRUE(ask<bool>(uut, atom::open_v));
    EXPECT_EQ(looks, 1);
  }

  void TearDown() override {
    ask<bool>(uut, atom::finish_v);
    advance(2min);
    actor_test::TearDown();
  }

  std::shared_ptr<command_directory> directory
    = std::make_shared<command_directory>();
  int looks = 0;
  int watched = 0; ///< so often it wanted to be told
  bool noticed = false;
  librarian_actor uut;
};

TEST_F(librarian_watch_test, is_at_each_interval_where_nobody_tells) {
  begin();
  EXPECT_EQ(watched, 1);
  advance(15s);
  EXPECT_EQ(looks, 4);
}

TEST_F(librarian_watch_test, is_rarely_where_it_is_told_of_changes) {
  noticed = true;
  begin();
  advance(59s);
  EXPECT_EQ(looks, 1);
  tell(uut, atom::tick_v);
  EXPECT_EQ(looks, 2);
  advance(1s);
  EXPECT_EQ(looks, 3);
  advance(1min);
  EXPECT_EQ(looks, 4) << "being told is no further timer";
  noticed = false; // the folder is gone
  advance(1min);
  EXPECT_EQ(looks, 5);
  advance(10s);
  EXPECT_EQ(looks, 7);
}

TEST_F(librarian_watch_test, is_only_at_the_start_if_so_configured) {
  begin(false);
  EXPECT_EQ(watched, 0);
  advance(1h);
  EXPECT_EQ(looks, 1);
}

} // namespace
} // namespace saker
