// What the hottest paths take from the heap: nothing, once all buffers are warm.
#include "tests/support/counted_heap.hpp"

#ifdef SAKER_COUNTED_HEAP

#include "base/buffer.hpp"
#include "session/audit_trail.hpp"
#include "session/slow_log.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

#include <array>

namespace saker::session {
namespace {

/// A session that is used as `actors/connection` does.
class warm_session {
public:
  explicit warm_session(settings config = test::default_settings())
    : uut_(7, test::root_peer(),
           std::make_shared<const settings>(std::move(config)), test::at(0)) {
    uut_.count_in(statistics_);
  }

  /// Allocations for these commands, 64 times in one read, after two
  /// such reads.
  std::size_t cost_of(std::string_view command) {
    std::string bytes;
    for (int i = 0; i < 64; ++i)
      bytes += command;
    serve(bytes);
    serve(bytes);
    return test::allocations_of([&] { serve(bytes); });
  }

  /// Bytes of the last replies.
  std::size_t replied() const noexcept {
    return replied_;
  }

private:
  void serve(std::string_view bytes) {
    replied_ = 0;
    uut_.feed(bytes, test::at(0));
    settle();
    while (uut_.more()) {
      uut_.proceed(test::at(0));
      settle();
    }
  }

  void settle() {
    for (;;) {
      auto output = uut_.take_output();
      uut_.take_effects(effects_);
      if (output.empty() && effects_.empty())
        return;
      replied_ += output.size();
      give_buffer(std::move(output));
      for (auto& x : effects_)
        if (auto* batch = std::get_if<publish_batch>(&x)) {
          // To the broker and away, as a message does.
          auto sent = std::move(*batch);
          uut_.answer_publish(sent.id, {counts_.data(), sent.size()});
        } else if (auto* asked = std::get_if<request>(&x)) {
          uut_.answer(asked->id, answer_);
        }
    }
  }

  command_statistics statistics_;
  std::array<std::int64_t, 128> counts_{};
  std::vector<effect> effects_;
  resp::value answer_
    = resp::map{}.add("name", "web#0").add("state", "running");
  std::size_t replied_ = 0;
  session uut_;
};

constexpr std::string_view ping = "*1\r\n$4\r\nPING\r\n";

TEST(allocation_test, ping_and_echo_take_nothing) {
  warm_session x;
  EXPECT_EQ(x.cost_of(ping), 0u);
  EXPECT_EQ(x.replied(), 64 * 7u);
  EXPECT_EQ(x.cost_of("*2\r\n$4\r\nEcho\r\n$20\r\n01234567890123456789\r\n"),
            0u);
  EXPECT_EQ(x.replied(), 64 * 27u);
}

TEST(allocation_test, publish_takes_nothing) {
  warm_session x;
  EXPECT_EQ(x.cost_of("*3\r\n$7\r\nPUBLISH\r\n$20\r\n"
                      "news:of:the:whole:wo\r\n$5\r\nhello\r\n"),
            0u);
  EXPECT_EQ(x.replied(), 64 * 4u);
}

TEST(allocation_test, a_command_for_others_takes_the_list_of_its_words) {
  // Which goes away in a message, and SVSTATUS of one is answered into the
  // output at once.
  warm_session x;
  EXPECT_LE(x.cost_of("*2\r\n$8\r\nSVSTATUS\r\n$3\r\nweb\r\n"), 64u);
  EXPECT_GT(x.replied(), 64u * 20);
}

TEST(allocation_test, a_status_that_is_known_takes_nothing) {
  auto config = test::default_settings();
  config.status = [](std::string_view name, const moment&, resp::writer out) {
    out.map(1);
    out.bulk(name);
    out.integer(7);
    return true;
  };
  warm_session x{config};
  EXPECT_EQ(x.cost_of("*2\r\n$8\r\nSVSTATUS\r\n$3\r\nweb\r\n"), 0u);
  EXPECT_EQ(x.replied(), 64 * 17u);
}

TEST(allocation_test, monitor_and_slow_log_cost_nothing_while_nobody_asks) {
  auto config = test::default_settings();
  config.monitored = std::make_shared<std::atomic<bool>>(false);
  config.slow = std::make_shared<slow_log>(std::chrono::milliseconds{10}, 128);
  EXPECT_EQ(warm_session{config}.cost_of(ping), 0u);
  config.monitored = std::make_shared<std::atomic<bool>>(true);
  EXPECT_GT(warm_session{config}.cost_of(ping), 0u) << "or it measures nothing";
}

TEST(allocation_test, who_did_what_costs_nothing_of_which_nobody_need_know) {
  auto told = 0;
  auto config = test::default_settings();
  config.audit = std::make_shared<audit_trail>(
    config::audit_settings{}, [&told](const audit_entry&) { ++told; }, [] {});
  EXPECT_EQ(warm_session{config}.cost_of(ping), 0u);
  EXPECT_EQ(warm_session{config}.cost_of("*3\r\n$7\r\nPUBLISH\r\n$4\r\nnews"
                                         "\r\n$5\r\nhello\r\n"),
            0u);
  EXPECT_LE(
    warm_session{config}.cost_of("*2\r\n$8\r\nSVSTATUS\r\n$3\r\nweb\r\n"), 64u);
  EXPECT_EQ(told, 0);
  warm_session{config}.cost_of("*2\r\n$6\r\nSVSTOP\r\n$3\r\nweb\r\n");
  EXPECT_GT(told, 0) << "or it measures nothing";
}

} // namespace
} // namespace saker::session

#endif
