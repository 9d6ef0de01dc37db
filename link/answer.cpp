#include "link/answer.hpp"

#include "link/words.hpp"
#include "resp/writer.hpp"

namespace saker::link {

namespace {

std::int64_t as_number(std::uint64_t x) {
  return static_cast<std::int64_t>(x);
}

// -- writing ------------------------------------------------------------------

/// A resp::writer that takes one thing after the other.
class line {
public:
  explicit line(std::string& bytes) : out_(bytes, resp::protocol::resp3) {
    // nop
  }

  line& push(std::string_view word, std::size_t arguments) {
    out_.push(arguments + 1);
    return text(word);
  }

  line& reply(std::uint64_t seq, std::string_view word, std::size_t arguments) {
    out_.array(arguments + 2);
    return number(as_number(seq)).text(word);
  }

  line& text(std::string_view x) {
    out_.bulk(x);
    return *this;
  }

  line& number(std::int64_t x) {
    out_.integer(x);
    return *this;
  }

private:
  resp::writer out_;
};

struct answer_writer {
  line& out;
  std::uint64_t seq;

  void operator()(const done&) {
    out.reply(seq, "OK", 0);
  }

  void operator()(const refused& x) {
    out.reply(seq, "ERR", 2)
      .number(static_cast<int>(x.why.code))
      .text(x.why.detail);
  }

  void operator()(const welcome& x) {
    out.reply(seq, "OK", 7)
      .number(x.version)
      .number(x.keeper_pid)
      .number(x.since.count())
      .number(x.safe_mode)
      .number(x.restarts)
      .number(as_number(x.last_spawn_id))
      .text(x.boot_id);
  }

  void operator()(const listed& x) {
    out.reply(seq, "OK", 1).number(as_number(x.count));
  }

  void operator()(const listening& x) {
    out.reply(seq, "LISTENING", 2).number(x.fds).text(x.address);
  }
};

constexpr std::size_t end_items = 11;

void write_end(line& out, const end_record& x) {
  out.text(words::name_of(words::kinds, x.kind))
    .number(x.number)
    .number(x.core)
    .text(x.step)
    .text(x.path)
    .text(x.hint)
    .number(x.user.count())
    .number(x.system.count())
    .number(as_number(x.max_rss))
    .number(x.orphans)
    .number(x.ended.count());
}

struct push_writer {
  line& out;

  void operator()(const row& x) {
    auto over = x.state == row_state::exited;
    out.push("ROW", 10 + (over ? end_items : 0))
      .number(x.fds)
      .text(x.key)
      .number(as_number(x.spawn_id))
      .text(words::name_of(words::classes, x.kind))
      .text(to_string(x.state))
      .number(x.pid)
      .number(x.started.count())
      .number(x.adopted)
      .number(as_number(x.lost))
      .text(x.note);
    if (over)
      write_end(out, x.end);
  }

  void operator()(const spawned& x) {
    out.push("SPAWNED", 5)
      .number(x.fds)
      .text(x.key)
      .number(as_number(x.spawn_id))
      .number(x.pid)
      .number(x.started.count());
  }

  void operator()(const ended& x) {
    auto& how = x.how;
    auto failed = how.kind == end_kind::failed;
    out.push(failed ? "FAILED" : "EXITED", failed ? 8 : 11)
      .text(x.key)
      .number(as_number(x.spawn_id));
    if (failed)
      out.text(how.step).number(how.number).text(how.path).text(how.hint);
    else
      out.text(words::name_of(words::kinds, how.kind))
        .number(how.number)
        .number(how.core)
        .number(how.user.count())
        .number(how.system.count())
        .number(as_number(how.max_rss))
        .number(how.orphans);
    out.number(x.started.count()).number(how.ended.count());
  }

  void operator()(const left& x) {
    out.push("LEFT", 6)
      .text(x.key)
      .number(as_number(x.spawn_id))
      .text(words::name_of(words::kinds, x.how.kind))
      .number(x.how.number)
      .number(x.how.core)
      .number(x.how.ended.count());
  }

  void operator()(const orphan& x) {
    out.push("ORPHAN", 4)
      .text(x.key)
      .number(as_number(x.spawn_id))
      .number(x.pid)
      .text(x.command);
  }

  void operator()(const shutdown_wanted& x) {
    out.push("SHUTDOWN", 1).number(x.count);
  }

  void operator()(const reload_wanted&) {
    out.push("RELOAD", 0);
  }

  void operator()(const log_line& x) {
    out.push("LOG", 2).text(to_string(x.level)).text(x.text);
  }
};

} // namespace

const char* to_string(end_kind x) noexcept {
  return words::name_of(words::kinds, x);
}

const char* to_string(row_state x) noexcept {
  return words::name_of(words::states, x);
}

const char* to_string(log_level x) noexcept {
  return words::name_of(words::levels, x);
}

std::string encode(const reply& x) {
  std::string bytes;
  line out{bytes};
  std::visit(answer_writer{out, x.seq}, x.what);
  return bytes;
}

std::string encode(const push& x) {
  std::string bytes;
  line out{bytes};
  std::visit(push_writer{out}, x);
  return bytes;
}

} // namespace saker::link
