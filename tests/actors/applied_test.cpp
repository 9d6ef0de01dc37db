#include "actors/applied.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include <sys/stat.h>

namespace saker {
namespace {

class applied_test : public ::testing::Test {
protected:
  applied_test() {
    char name[] = "/tmp/saker-applied-XXXXXX";
    dir = ::mkdtemp(name);
  }

  ~applied_test() override {
    std::filesystem::remove_all(dir);
  }

  void put(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((dir / name).parent_path());
    std::ofstream{dir / name} << text;
  }

  std::filesystem::path dir;
  std::vector<std::string> errors;
};

TEST_F(applied_test, gives_back_what_was_stored_last) {
  applied uut{dir, "services"};
  EXPECT_TRUE(uut.read()->empty());
  using reads = std::map<std::string, std::string>;
  std::vector<source> what{{"a.lua", "x = \"\\n\"\n", reads{{"/e", "A=1\n"}}},
                           {"b.lua", "", reads{}}};
  ASSERT_TRUE(uut.write({{"old.lua", "1", {}}}));
  ASSERT_TRUE(uut.write(what));
  EXPECT_EQ(*applied(dir, "services").read(), what);
}

TEST_F(applied_test, says_which_file_is_damaged) {
  put("applied/services.json", "[{\"path\": 3}]");
  auto found = applied(dir, "services").read();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, errc::corrupt);
  EXPECT_NE(found.error().detail.find("services.json"), std::string::npos);
}

TEST_F(applied_test, ignores_a_draft_that_a_crash_left_behind) {
  ASSERT_TRUE(applied(dir, "services").write({{"a.lua", "1"}}));
  put("applied/services.json.new", "[{\"pa");
  EXPECT_EQ(applied(dir, "services").read()->size(), 1u);
}

TEST_F(applied_test, writes_past_what_lies_where_its_draft_goes) {
  put("other", "mine");
  std::filesystem::create_symlink(dir / "other", dir / "a.new");
  EXPECT_TRUE(replace_file(dir / "a", "text"));
  EXPECT_EQ(std::filesystem::file_size(dir / "other"), 4u);
  ASSERT_EQ(::mkfifo((dir / "a.new").c_str(), 0666), 0); // nobody reads it
  EXPECT_TRUE(replace_until_reboot(dir / "a", "other text"));
  EXPECT_EQ(std::filesystem::file_size(dir / "a"), 10u);
}

TEST_F(applied_test, reads_lua_files_in_the_order_of_their_names) {
  put("services/b.lua", "b");
  put("services/a.lua", "a");
  put("services/.hidden.lua", "no");
  put("services/readme.txt", "no");
  auto found = read_sources(dir / "services", errors);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].text, "a");
  EXPECT_EQ(found[1].text, "b");
  EXPECT_TRUE(errors.empty());
}

TEST_F(applied_test, refuses_files_that_others_could_change) {
  put("services/a.lua", "a");
  put("services/b.lua", "b");
  std::filesystem::permissions(dir / "services/b.lua",
                               std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  auto found = read_sources(dir / "services", errors);
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_NE(errors[0].find("b.lua"), std::string::npos);
}

TEST_F(applied_test, follows_no_links_out_of_where_it_has_to_stay) {
  put("services/a.lua", "a");
  put("elsewhere.lua", "b");
  std::filesystem::create_symlink(dir / "elsewhere.lua",
                                  dir / "services/b.lua");
  std::filesystem::create_symlink("a.lua", dir / "services/c.lua");
  EXPECT_EQ(read_sources(dir / "services", errors).size(), 3u);
  auto found = read_sources(dir / "services", errors, true);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].path, (dir / "services/c.lua").string());
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_NE(errors[0].find("it is a link to"), std::string::npos);
}

TEST_F(applied_test, finds_nothing_where_there_is_no_directory) {
  EXPECT_TRUE(read_sources(dir / "none", errors).empty());
  EXPECT_TRUE(errors.empty());
}

TEST_F(applied_test, refuses_what_is_no_file_or_too_large) {
  put("services/big.lua", std::string(1'000'001, ' '));
  std::filesystem::create_directories(dir / "services/dir.lua");
  EXPECT_TRUE(read_sources(dir / "services", errors).empty());
  EXPECT_EQ(errors.size(), 2u);
}

} // namespace
} // namespace saker
