#include "cli/watch.hpp"

#include "cli/printed_text.hpp"
#include "cli/status.hpp"

namespace saker::cli {

namespace {

/// Ages on a terminal move this often.
constexpr auto tick = milliseconds{1'000};

/// Events that come together are shown together: a hundred restarts are ten
/// questions a second, not a hundred.
constexpr auto settling = milliseconds{100};

/// One more line would scroll the first one away.
void draw_in_place(work& with, std::vector<std::string> lines,
                   const screen& on) {
  auto room = on.height > 2 ? on.height - 1 : 1;
  if (lines.size() > room) {
    auto hidden = lines.size() - room + 1;
    lines.resize(room - 1);
    lines.push_back((on.utf8 ? "… " : "... ") + std::to_string(hidden)
                    + " more");
  }
  std::string text = "\x1b[H";
  for (auto& x : lines)
    text += x + "\x1b[K\n";
  with.out << text << "\x1b[J" << std::flush;
}

void draw(work& with, const result<overview>& what) {
  auto on = with.look();
  auto paper = on.paper();
  paper.strict = true;
  std::vector<std::string> lines;
  if (what)
    lines = table_of(*what, with.world.now(), paper);
  else
    lines = {cut(what.error().detail, on.width, !on.utf8)};
  if (on.terminal)
    return draw_in_place(with, std::move(lines), on);
  for (auto& x : lines)
    with.out << x << '\n';
  with.out << std::endl;
}

result<void> draw_json(work& with) {
  auto reply = ask(with, command_of("SVSTATUS", with.asked.names, {"JSON"}),
                   short_patience);
  if (!reply)
    return reply.error();
  with.out << reply->text() << std::endl;
  return {};
}

/// Takes what comes within `settling` after a first event.
result<void> settle(work& with) {
  auto end = with.world.now() + settling;
  for (;;) {
    auto left = end - with.world.now();
    if (left <= milliseconds{0})
      return {};
    auto x = with.server.next_push(left);
    if (!x)
      return x.error();
  }
}

/// Returns after the next event; moves the ages until then.
result<void> wait_for_event(work& with, const result<overview>& shown_now) {
  auto moves = with.look().terminal && !with.asked.json;
  for (;;) {
    auto x = with.server.next_push(moves ? tick : forever);
    if (!x)
      return x.error();
    if (*x)
      return settle(with);
    draw(with, shown_now);
  }
}

/// Shows and waits until the connection is lost.
failure watch(work& with) {
  for (;;) {
    result<overview> now = overview{};
    if (with.asked.json) {
      if (auto done = draw_json(with); !done)
        return done.error();
    } else {
      now = look_at(with, with.asked.names);
      if (!now && status_of(now.error()) == no_connection)
        return now.error();
      draw(with, now);
    }
    if (auto done = wait_for_event(with, now); !done)
      return done.error();
  }
}

} // namespace

result<int> watch_status(work& with) {
  // A name that means nothing is a mistake now; later it may come and go.
  if (auto first = look_at(with, with.asked.names); !first)
    return first.error();
  if (with.look().terminal && !with.asked.json)
    with.out << "\x1b[H\x1b[2J";
  if (auto done = follow(with, {"PSUBSCRIBE", "saker:*"}); !done)
    return done.error();
  for (;;) {
    auto why = watch(with);
    if (why.code != errc::closed)
      return why;
    if (auto back = with.server.reopen(restart_patience); !back)
      return back.error();
  }
}

} // namespace saker::cli
