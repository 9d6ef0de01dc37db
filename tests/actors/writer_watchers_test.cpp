#include "tests/support/writer_world.hpp"

namespace saker {
namespace {

using test::heard_output;

using writer_watchers_test = test::writer_world;

TEST_F(writer_watchers_test, copies_output_to_those_who_watch) {
  heard_output one;
  heard_output two;
  attach();
  watch(one);
  watch(two);
  fifo.write("hello\n");
  run();
  EXPECT_EQ(one.text, "hello\n");
  EXPECT_EQ(two.text, "hello\n");
  EXPECT_EQ(content("web.log"), "hello\n");
}

TEST_F(writer_watchers_test,
       copies_to_one_who_watched_before_there_was_a_child) {
  heard_output x;
  watch(x);
  attach();
  fifo.write("hello\n");
  run();
  EXPECT_EQ(x.text, "hello\n");
}

TEST_F(writer_watchers_test, says_which_stream_it_was) {
  test::test_fifo error{dir.path() / "web#0.err"};
  auto fds = reader(fifo);
  fds->push_back(error.reader());
  tell(uut, atom::attach_v, to("web.log", fds));
  heard_output x;
  watch(x);
  fifo.write("out\n");
  run();
  EXPECT_EQ(x.number, 0u);
  error.write("err\n");
  run();
  EXPECT_EQ(x.number, 1u);
}

TEST_F(writer_watchers_test, copies_no_more_to_those_who_leave) {
  attach();
  heard_output one;
  heard_output two;
  auto who = watch(one);
  watch(two);
  tell(uut, atom::withdraw_v, std::string{"web#0"}, output_listener_actor{who});
  fifo.write("hello\n");
  run();
  EXPECT_EQ(one.text, "");
  EXPECT_EQ(two.text, "hello\n");
}

TEST_F(writer_watchers_test, forgets_those_who_ended) {
  attach();
  heard_output x;
  auto who = spawn(test::listener, &x);
  auto& references = caf::actor_cast<caf::strong_actor_ptr>(who)->strong_refs;
  auto before = references.load();
  tell(uut, atom::watch_v, std::string{"web#0"}, output_listener_actor{who});
  EXPECT_GT(references, before);
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  settle();
  fifo.write("hello\n");
  run();
  EXPECT_EQ(x.pieces, 0u);
  EXPECT_LE(references, before) << "the dead are kept";
  EXPECT_EQ(content("web.log"), "hello\n");
}

TEST_F(writer_watchers_test, copies_once_to_one_who_asks_twice) {
  attach();
  heard_output x;
  auto who = watch(x);
  tell(uut, atom::watch_v, std::string{"web#0"}, output_listener_actor{who});
  fifo.write("hello\n");
  run();
  EXPECT_EQ(x.text, "hello\n");
}

TEST_F(writer_watchers_test, copies_the_last_output_before_it_answers_the_end) {
  attach();
  heard_output x;
  watch(x);
  fifo.write("last words\n");
  finish();
  EXPECT_EQ(x.text, "last words\n");
  EXPECT_TRUE(x.last);
}

TEST_F(writer_watchers_test,
       answers_the_end_when_those_who_watch_have_dealt_with_it) {
  attach();
  heard_output x;
  x.answers = false;
  auto who = watch(x);
  fifo.write("last words\n");
  auto end = self->request(uut, caf::infinite, atom::finish_v,
                           std::string{"web#0"});
  run();
  EXPECT_TRUE(x.last);
  EXPECT_FALSE(self->has_next_message());
  tell(who, atom::tick_v);
  ASSERT_TRUE(self->has_next_message());
  end.receive([](const drained_output& y) { EXPECT_EQ(y.moved, 11u); },
              [](caf::error&) { FAIL(); });
}

TEST_F(writer_watchers_test, does_not_wait_for_those_who_leave_or_die) {
  attach();
  for (auto dies : {true, false}) {
    heard_output x;
    x.answers = false;
    auto who = watch(x);
    fifo.write("last words\n");
    auto end = self->request(uut, caf::infinite, atom::finish_v,
                             std::string{"web#0"});
    run();
    if (dies)
      caf::anon_send_exit(who, caf::exit_reason::kill);
    else
      tell(uut, atom::withdraw_v, std::string{"web#0"},
           output_listener_actor{who});
    settle();
    ASSERT_TRUE(self->has_next_message());
    end.receive([](const drained_output&) {}, [](caf::error&) { FAIL(); });
    if (!dies)
      tell(who, atom::tick_v);
  }
}

TEST_F(writer_watchers_test, tells_of_the_end_also_those_who_do_not_keep_up) {
  attach();
  heard_output x;
  x.answers = false;
  auto who = watch(x);
  for (auto i = 0; i < 32; ++i) { // 2 MiB
    fifo.write(std::string(65'536, 'x'));
    run();
  }
  self->send(uut, atom::finish_v, std::string{"web#0"});
  run();
  EXPECT_TRUE(x.last);
  EXPECT_EQ(x.missed, 32 * 65'536 - writer_state::watcher_credit);
  tell(who, atom::tick_v);
}

TEST_F(writer_watchers_test, skips_and_counts_for_those_who_do_not_keep_up) {
  attach();
  heard_output slow;
  heard_output quick;
  slow.answers = false;
  auto who = watch(slow);
  watch(quick);
  const std::string piece(65'536, 'x');
  for (auto i = 0; i < 32; ++i) { // 2 MiB
    ASSERT_EQ(fifo.write(piece), piece.size());
    run();
  }
  EXPECT_EQ(slow.text.size(), writer_state::watcher_credit);
  EXPECT_EQ(quick.text.size(), 32 * piece.size());
  EXPECT_EQ(quick.missed, 0u);
  // As soon as it answers it hears what it missed, then what comes.
  tell(who, atom::tick_v);
  EXPECT_EQ(slow.missed, 32 * piece.size() - writer_state::watcher_credit);
  fifo.write("now\n");
  run();
  EXPECT_TRUE(slow.text.ends_with("now\n"));
}

} // namespace
} // namespace saker
