#include "tests/config/loading.hpp"
#include "tests/support/temporary_directory.hpp"

namespace saker::config {
namespace {

using test::alice;
using test::loaded;
using test::temporary_directory;

sources at(const std::filesystem::path& file) {
  sources x;
  x.file = file;
  return x;
}

TEST(load_file_test, reads_a_file_and_takes_its_directory_as_base) {
  temporary_directory dir;
  auto x = loaded(at(dir.write("saker.toml", "node = \"here\"\n")));
  EXPECT_EQ(x.node, "here");
  EXPECT_EQ(x.services_dir, dir.path() / "services");
}

TEST(load_file_test, may_do_without_the_default_file_only) {
  temporary_directory dir;
  sources from;
  from.env = alice();
  from.env.xdg_config_home = dir.path();
  EXPECT_TRUE(load(from));
  auto x = load(at(dir.path() / "none.toml"));
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().detail, "read " + (dir.path() / "none.toml").string()
                                + ": No such file or directory");
}

TEST(load_file_test, does_not_trust_a_file_that_others_may_write) {
  temporary_directory dir;
  auto file = dir.write("saker.toml", "");
  std::filesystem::permissions(file, std::filesystem::perms{0666});
  auto x = load(at(file));
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().code, errc::not_permitted);
  EXPECT_EQ(x.error().detail, file.string()
                                + " may be written by everybody (mode 0666); "
                                  "type: chmod o-w "
                                + file.string());
}

TEST(load_file_test, reads_no_directory_and_nothing_huge) {
  temporary_directory dir;
  auto x = load(at(dir.path()));
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().detail,
            "read " + dir.path().string() + ": Is a directory");
  auto big = dir.write("big.toml", std::string((1 << 20) + 1, '#'));
  EXPECT_EQ(load(at(big)).error().code, errc::limit);
}

} // namespace
} // namespace saker::config
