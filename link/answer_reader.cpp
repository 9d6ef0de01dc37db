#include "base/text.hpp"
#include "link/answer.hpp"
#include "link/reader.hpp"
#include "link/words.hpp"

#include <array>

namespace saker::link {

namespace {

constexpr std::size_t max_text = 4096;

std::uint64_t big(reader& in, std::string_view name) {
  return static_cast<std::uint64_t>(in.number(name));
}

stamp stamp_of(reader& in, std::string_view name) {
  return stamp{in.number(name)};
}

std::uint8_t fds_of(reader& in) {
  return static_cast<std::uint8_t>(in.number("fds", 0, 2));
}

int status_of(reader& in) {
  return static_cast<int>(in.number("number", 0, 4095));
}

end_record read_end(reader& in) {
  end_record x;
  x.kind = in.word<end_kind>("kind", words::kinds);
  x.number = status_of(in);
  x.core = in.flag("core");
  x.step = in.text("step", max_text);
  x.path = in.text("path", max_text);
  x.hint = in.text("hint", max_text);
  x.user = std::chrono::microseconds{in.number("user")};
  x.system = std::chrono::microseconds{in.number("system")};
  x.max_rss = big(in, "max-rss");
  x.orphans = static_cast<std::uint32_t>(in.number("orphans", 0, 0xffffffff));
  x.ended = stamp_of(in, "ended");
  return x;
}

push read_row(reader& in) {
  row x;
  x.fds = fds_of(in);
  x.key = in.text("key", max_key);
  x.spawn_id = big(in, "spawn-id");
  x.kind = in.word<child_class>("class", words::classes);
  x.state = in.word<row_state>("state", words::states);
  x.pid = in.number("pid");
  x.started = stamp_of(in, "started");
  x.adopted = in.flag("adopted");
  x.lost = big(in, "lost");
  x.note = in.text("note", max_note);
  if (x.state == row_state::exited)
    x.end = read_end(in);
  return x;
}

push read_spawned(reader& in) {
  spawned x;
  x.fds = fds_of(in);
  x.key = in.text("key", max_key);
  x.spawn_id = big(in, "spawn-id");
  x.pid = in.number("pid");
  x.started = stamp_of(in, "started");
  return x;
}

push read_failed(reader& in) {
  ended x;
  x.how.kind = end_kind::failed;
  x.key = in.text("key", max_key);
  x.spawn_id = big(in, "spawn-id");
  x.how.step = in.text("step", max_text);
  x.how.number = status_of(in);
  x.how.path = in.text("path", max_text);
  x.how.hint = in.text("hint", max_text);
  x.started = stamp_of(in, "started");
  x.how.ended = stamp_of(in, "ended");
  return x;
}

push read_exited(reader& in) {
  ended x;
  x.key = in.text("key", max_key);
  x.spawn_id = big(in, "spawn-id");
  x.how.kind = in.word<end_kind>("kind", words::kinds);
  x.how.number = status_of(in);
  x.how.core = in.flag("core");
  x.how.user = std::chrono::microseconds{in.number("user")};
  x.how.system = std::chrono::microseconds{in.number("system")};
  x.how.max_rss = big(in, "max-rss");
  x.how.orphans
    = static_cast<std::uint32_t>(in.number("orphans", 0, 0xffffffff));
  x.started = stamp_of(in, "started");
  x.how.ended = stamp_of(in, "ended");
  return x;
}

push read_left(reader& in) {
  left x;
  x.key = in.text("key", max_key);
  x.spawn_id = big(in, "spawn-id");
  x.how.kind = in.word<end_kind>("kind", words::kinds);
  x.how.number = status_of(in);
  x.how.core = in.flag("core");
  x.how.ended = stamp_of(in, "ended");
  return x;
}

push read_orphan(reader& in) {
  orphan x;
  x.key = in.text("key", max_key);
  x.spawn_id = big(in, "spawn-id");
  x.pid = in.number("pid");
  x.command = in.text("command", max_text);
  return x;
}

push read_shutdown_wish(reader& in) {
  return shutdown_wanted{
    static_cast<std::uint32_t>(in.number("count", 1, 1000))};
}

push read_reload(reader&) {
  return reload_wanted{};
}

push read_log(reader& in) {
  auto level = in.word<log_level>("level", words::levels);
  return log_line{level, in.text("text", 65'536)};
}

struct push_word {
  std::string_view name;
  push (*read)(reader&);
};

constexpr std::array<push_word, 9> push_words = {{
  {"ROW", read_row},
  {"SPAWNED", read_spawned},
  {"FAILED", read_failed},
  {"EXITED", read_exited},
  {"LEFT", read_left},
  {"ORPHAN", read_orphan},
  {"SHUTDOWN", read_shutdown_wish},
  {"RELOAD", read_reload},
  {"LOG", read_log},
}};

answer read_ok(reader& in, std::size_t arguments) {
  if (arguments == 0)
    return done{};
  if (arguments == 1)
    return listed{big(in, "count")};
  welcome x;
  x.version = static_cast<std::uint32_t>(in.number("version", 1, 1'000'000));
  x.keeper_pid = in.number("keeper-pid", 1);
  x.since = stamp_of(in, "since");
  x.safe_mode = in.flag("safe-mode");
  x.restarts = static_cast<std::uint32_t>(in.number("restarts", 0, 0xffffffff));
  x.last_spawn_id = big(in, "last-spawn-id");
  x.boot_id = in.text("boot-id", 64);
  return x;
}

answer read_answer(reader& in, std::string_view word, std::size_t arguments) {
  if (word == "OK")
    return read_ok(in, arguments);
  if (word == "ERR") {
    auto code = static_cast<errc>(in.number("errc", 1, 255));
    return refused{{code, in.text("text", 65'536)}};
  }
  if (word == "LISTENING") {
    auto fds = fds_of(in);
    return listening{fds, in.text("address", max_text)};
  }
  in.refuse("unknown reply " + printable(word, 32));
  return done{};
}

failure corrupt(const std::string& why) {
  return fail(errc::corrupt, "the keeper's frame makes no sense: " + why);
}

result<told> decode_push(const resp::value& frame) {
  auto items = frame.items();
  auto word = items.empty() ? std::string_view{} : items[0].text();
  for (auto& known : push_words) {
    if (known.name != word)
      continue;
    reader in{items.subspan(1)};
    auto x = known.read(in);
    in.end();
    if (!in.ok())
      return corrupt(in.why().detail);
    return told{std::move(x)};
  }
  return corrupt("unknown push " + printable(word, 32));
}

result<told> decode_reply(const resp::value& frame) {
  auto items = frame.items();
  auto seq = sequence_of(frame);
  if (!seq)
    return corrupt("not a reply");
  reader in{items.subspan(2)};
  auto x = read_answer(in, items[1].text(), items.size() - 2);
  in.end();
  if (!in.ok())
    return corrupt(in.why().detail);
  return told{reply{*seq, std::move(x)}};
}

struct fd_count {
  std::size_t operator()(const row& x) const {
    return x.fds;
  }

  std::size_t operator()(const spawned& x) const {
    return x.fds;
  }

  std::size_t operator()(const listening& x) const {
    return x.fds;
  }

  std::size_t operator()(const auto&) const {
    return 0;
  }
};

} // namespace

result<told> decode_told(const resp::value& frame) {
  return frame.is<resp::push>() ? decode_push(frame) : decode_reply(frame);
}

std::size_t descriptors(const told& x) {
  if (auto y = std::get_if<push>(&x))
    return std::visit(fd_count{}, *y);
  return std::visit(fd_count{}, std::get<reply>(x).what);
}

} // namespace saker::link
