#include "process/spawn_fault.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace saker::process {
namespace {

using fault_kind = spawn_fault::kind;

TEST(spawn_fault_test, reads_every_form) {
  EXPECT_EQ(parse_spawn_fault("dir:EIO"),
            (spawn_fault{spawn_step::dir, fault_kind::fail, EIO}));
  EXPECT_EQ(parse_spawn_fault("exec:13"),
            (spawn_fault{spawn_step::exec, fault_kind::fail, EACCES}));
  EXPECT_EQ(parse_spawn_fault("user:bad_alloc"),
            (spawn_fault{spawn_step::user, fault_kind::bad_alloc, 0}));
  EXPECT_EQ(parse_spawn_fault("lookup:hang"),
            (spawn_fault{spawn_step::lookup, fault_kind::hang, 0}));
  EXPECT_EQ(parse_spawn_fault("limits:die"),
            (spawn_fault{spawn_step::limits, fault_kind::die, 0}));
}

TEST(spawn_fault_test, refuses_everything_else) {
  for (auto text : {"", "dir", "dir:", "dir:EWHAT", "dir:0", "dir:-1",
                    "jump:EIO", "none:EIO", ":EIO"})
    EXPECT_EQ(parse_spawn_fault(text), std::nullopt) << text;
}

TEST(spawn_fault_test, hits_only_the_instances_that_are_meant) {
  spec web;
  web.env = {"A=b", "SAKER_INSTANCE=web#0#7"};
  spec node;
  node.env = {"A=b"};
  EXPECT_TRUE(spawn_fault_for(web, "dir:EIO"));
  EXPECT_TRUE(spawn_fault_for(web, "dir:EIO@web"));
  EXPECT_FALSE(spawn_fault_for(web, "dir:EIO@db"));
  EXPECT_FALSE(spawn_fault_for(web, ""));
  EXPECT_FALSE(spawn_fault_for(node, "dir:EIO"));
}

} // namespace
} // namespace saker::process
