#include "keeper/end_records.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace saker::keeper {
namespace {

TEST(end_records_test, of_a_long_path_the_end_is_told) {
  process::spawn_failure what{process::spawn_step::exec, ENOENT, "/bin/x"};
  EXPECT_EQ(record_of(what).path, "/bin/x");
  what.path = "/srv/" + std::string(300, 'x') + "/program";
  auto path = record_of(what).path;
  EXPECT_EQ(path.size(), 200u);
  EXPECT_TRUE(path.starts_with("...xxx"));
  EXPECT_TRUE(path.ends_with("xxx/program"));
}

} // namespace
} // namespace saker::keeper
