#include "link/answer.hpp"

#include "resp/reply_parser.hpp"

#include <gtest/gtest.h>

namespace saker::link {
namespace {

using namespace std::chrono_literals;

end_record full_end(end_kind kind) {
  end_record x;
  x.kind = kind;
  x.number = 11;
  x.core = true;
  x.user = 1234567us;
  x.system = 1us;
  x.max_rss = 1ull << 40;
  x.orphans = 3;
  x.ended = 5s;
  return x;
}

end_record failed_end() {
  end_record x;
  x.kind = end_kind::failed;
  x.number = 2;
  x.step = "exec";
  x.path = "/no/such \"file\"";
  x.hint = "its interpreter is missing";
  x.ended = 6s;
  return x;
}

/// What LEFT tells of an end.
end_record left_end() {
  end_record x;
  x.kind = end_kind::signaled;
  x.number = 9;
  x.core = true;
  x.ended = 7s;
  return x;
}

row full_row() {
  row x;
  x.fds = 2;
  x.key = "web#1";
  x.spawn_id = 99;
  x.kind = child_class::job;
  x.state = row_state::running;
  x.pid = 4711;
  x.started = 77ns;
  x.adopted = true;
  x.lost = 1ull << 33;
  x.note = std::string("\0\r\n>1", 6);
  return x;
}

std::vector<told> everything() {
  auto over = full_row();
  over.state = row_state::exited;
  over.end = failed_end();
  return {
    reply{1, done{}},
    reply{2, refused{{errc::busy, "because\r\nof it"}}},
    reply{3, welcome{1, 17, 5s, true, 4, 1ull << 50, "0123456789abcdef"}},
    reply{4, listed{10'000}},
    reply{5, listening{1, "127.0.0.1:80"}},
    push{full_row()},
    push{row{0, "a#0", 0, {}, row_state::idle, 0, 0s, false, 0, "n", {}}},
    push{over},
    push{spawned{1, "web#1", 99, 4711, 77ns}},
    push{ended{"web#1", 99, 77ns, full_end(end_kind::exited)}},
    push{ended{"web#1", 99, 77ns, full_end(end_kind::signaled)}},
    push{ended{"web#1", 99, 77ns, full_end(end_kind::unknown)}},
    push{ended{"web#1", 99, 77ns, failed_end()}},
    push{left{"web#1", 99, left_end()}},
    push{orphan{"web#1", 99, 5, "nginx: worker"}},
    push{shutdown_wanted{2}},
    push{reload_wanted{}},
    push{log_line{log_level::error, "no\nway"}},
  };
}

std::string bytes_of(const told& x) {
  return std::visit([](auto& y) { return encode(y); }, x);
}

std::vector<told> decode_all(std::string_view first, std::string_view second) {
  resp::reply_parser in;
  std::vector<told> out;
  for (auto part : {first, second}) {
    in.feed(part);
    while (auto frame = in.next()) {
      auto x = decode_told(*frame);
      EXPECT_TRUE(x) << x.error().detail;
      if (x)
        out.push_back(*x);
    }
  }
  return out;
}

TEST(answer_test, everything_comes_out_as_it_went_in) {
  for (auto& x : everything()) {
    auto out = decode_all(bytes_of(x), "");
    ASSERT_EQ(out.size(), 1u) << bytes_of(x);
    EXPECT_EQ(out.front(), x) << bytes_of(x);
  }
}

TEST(answer_test, may_arrive_cut_at_every_position) {
  std::string bytes;
  for (auto& x : everything())
    bytes += bytes_of(x);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
    ASSERT_EQ(decode_all(std::string_view{bytes}.substr(0, cut),
                         std::string_view{bytes}.substr(cut)),
              everything())
      << "cut at " << cut;
}

TEST(answer_test, says_how_many_descriptors_belong_to_it) {
  EXPECT_EQ(descriptors(push{full_row()}), 2u);
  EXPECT_EQ(descriptors(push{spawned{1, "a#0", 1, 2, 3s}}), 1u);
  EXPECT_EQ(descriptors(reply{1, listening{1, ""}}), 1u);
  EXPECT_EQ(descriptors(reply{1, done{}}), 0u);
  EXPECT_EQ(descriptors(push{reload_wanted{}}), 0u);
}

TEST(answer_test, frames_that_make_no_sense_break_the_link) {
  using resp::value;
  std::vector<value> frames = {
    value{resp::push{}},
    value{resp::push{{"NEWS"}}},
    value{resp::push{{"RELOAD", 1}}},
    value{resp::push{{"SPAWNED", 3, "a#0", 1, 2, 3}}},
    value{resp::push{{"LOG", "loud", "x"}}},
    value{resp::array{{1, "MAYBE"}}},
    value{resp::array{{"x", "OK"}}},
    value{resp::array{{1, "ERR", 0, ""}}},
    value{"OK"},
  };
  for (auto& x : frames) {
    auto y = decode_told(x);
    ASSERT_FALSE(y) << to_string(x);
    EXPECT_EQ(y.error().code, errc::corrupt);
  }
}

TEST(answer_test, a_failure_has_a_word_of_its_own) {
  EXPECT_NE(encode(push{ended{"a#0", 1, 0s, failed_end()}}).find("FAILED"),
            std::string::npos);
  EXPECT_NE(encode(push{ended{"a#0", 1, 0s, {}}}).find("EXITED"),
            std::string::npos);
}

} // namespace
} // namespace saker::link
