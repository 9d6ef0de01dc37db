#pragma once

#include "keeper/table.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace saker::keeper {

using link::row_state;
using namespace std::chrono_literals;

/// A table, and rows in each state.
class table_fixture : public testing::Test {
protected:
  static link::spawn request(std::string key, std::uint64_t id) {
    link::spawn x;
    x.key = std::move(key);
    x.spawn_id = id;
    x.stop = "HUP";
    x.what.user = "www";
    return x;
  }

  entry& started(std::string key, std::uint64_t id) {
    auto row = uut.start(request(std::move(key), id), 1s);
    EXPECT_TRUE(row);
    return **row;
  }

  entry& running(std::string key, std::uint64_t id) {
    auto& row = started(std::move(key), id);
    process::identity who;
    who.pid = 100;
    uut.forked(row, who, 2s);
    uut.confirmed(row);
    return row;
  }

  entry& exited(std::string key, std::uint64_t id) {
    auto& row = running(std::move(key), id);
    uut.leader_ended(row);
    uut.over(row, end(3));
    return row;
  }

  static link::end_record end(int number) {
    link::end_record x;
    x.kind = link::end_kind::exited;
    x.number = number;
    return x;
  }

  row_state state(std::string_view key) {
    auto row = uut.find(key);
    return row ? row->state : row_state{99};
  }

  static constexpr row_state none{99};

  table uut;
};

} // namespace saker::keeper
