#include "supervision/note.hpp"

#include "base/units.hpp"

#include <algorithm>

namespace saker::supervision {

namespace {

constexpr std::uint8_t version = 1;

using std::chrono::milliseconds;

enum flag : std::uint16_t {
  f_ready = 1,
  f_wanted_up = 2,
  f_again = 4,
  f_leaving = 8,
  f_half_open = 16,
  f_last_core = 32,
  f_pending_core = 64,
  f_paused = 128,
  f_dropped = 256,
  f_idle = 512,
};

/// Numbers as little-endian base 128, so that small ones take one byte.
class writer {
public:
  void number(std::uint64_t x) {
    while (x >= 0x80) {
      out += static_cast<char>(static_cast<std::uint8_t>(x) | 0x80);
      x >>= 7;
    }
    out += static_cast<char>(x);
  }

  /// Small negative numbers stay short too.
  void integer(std::int64_t x) {
    number((static_cast<std::uint64_t>(x) << 1)
           ^ static_cast<std::uint64_t>(x >> 63));
  }

  void why(const cause& x) {
    number(static_cast<std::uint64_t>(x.what));
    integer(x.number);
  }

  std::string out;
};

class reader {
public:
  explicit reader(std::string_view bytes) : rest_(bytes) {
    // nop
  }

  std::uint64_t number() {
    std::uint64_t result = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty())
        break;
      auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      result |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return result;
    }
    ok = false;
    return 0;
  }

  std::int64_t integer() {
    auto x = number();
    return static_cast<std::int64_t>(x >> 1)
           ^ -static_cast<std::int64_t>(x & 1);
  }

  /// A number below `limit`.
  std::uint64_t below(std::uint64_t limit) {
    auto x = number();
    if (x >= limit)
      ok = false;
    return ok ? x : 0;
  }

  cause why() {
    constexpr auto kinds = static_cast<std::uint64_t>(cause::kind::cancelled)
                           + 1;
    cause result;
    result.what = static_cast<cause::kind>(below(kinds));
    result.number = static_cast<int>(integer());
    return result;
  }

  std::string text() {
    return std::string{std::exchange(rest_, {})};
  }

  bool ok = true;

private:
  std::string_view rest_;
};

/// Times are stored as their distance from the moment of writing: short, and
/// independent of where the clock's zero is.
class ages {
public:
  explicit ages(time_point origin) : origin_(origin) {
    // nop
  }

  void put(writer& out, time_point x) const {
    out.integer((origin_ - x).count());
  }

  /// 0 is nothing, so others are moved by one.
  void put(writer& out, const std::optional<time_point>& x) const {
    if (!x)
      return out.number(0);
    out.number(1);
    put(out, *x);
  }

  time_point get(reader& in) const {
    return origin_ - duration{in.integer()};
  }

  std::optional<time_point> get_optional(reader& in) const {
    if (in.below(2) == 0)
      return std::nullopt;
    return get(in);
  }

private:
  time_point origin_;
};

std::uint16_t flags_of(const note& x) {
  auto bit = [](bool on, flag which) { return on ? which : 0; };
  return static_cast<std::uint16_t>(
    bit(x.ready, f_ready) | bit(x.wanted_up, f_wanted_up)
    | bit(x.again, f_again) | bit(x.leaving, f_leaving)
    | bit(x.half_open, f_half_open) | bit(x.last.core, f_last_core)
    | bit(x.pending.core, f_pending_core) | bit(x.paused, f_paused)
    | bit(x.dropped, f_dropped) | bit(x.idle, f_idle));
}

std::string fixed_part(const note& x, time_point now, duration boot_offset) {
  writer out;
  ages age{now};
  out.number(version);
  out.number(static_cast<std::uint64_t>(x.at));
  out.number(flags_of(x));
  out.integer((now.time_since_epoch() + boot_offset).count());
  out.number(x.spawn_id);
  out.number(x.ended_spawn);
  out.number(x.ended_event.ms);
  out.number(x.ended_event.seq);
  out.integer(x.pid);
  age.put(out, x.since);
  age.put(out, x.started);
  age.put(out, x.deadline);
  out.number(x.rung);
  out.number(x.restarts);
  age.put(out, x.recent.start());
  for (auto count : x.recent.counts())
    out.number(count);
  out.number(x.backoff_step);
  out.why(x.pending);
  out.why(x.last);
  age.put(out, x.last_at);
  return out.out;
}

std::string marks_part(const std::vector<budget::mark>& marks, time_point now) {
  writer out;
  out.number(marks.size());
  for (auto& x : marks) {
    auto age = std::max<std::int64_t>(in_milliseconds(now - x.at), 0);
    out.number(static_cast<std::uint64_t>(age));
    out.number(x.count);
  }
  return out.out;
}

/// Half as many marks: neighbours become one that is as young as the younger.
std::vector<budget::mark> merged(const std::vector<budget::mark>& marks) {
  std::vector<budget::mark> result;
  for (std::size_t i = 0; i < marks.size(); i += 2) {
    auto mark = marks[i];
    if (i + 1 < marks.size()) {
      mark.at = marks[i + 1].at;
      mark.count = static_cast<std::uint16_t>(mark.count + marks[i + 1].count);
    }
    result.push_back(mark);
  }
  return result;
}

} // namespace

std::string encode(const note& x, time_point now, duration boot_offset) {
  auto result = fixed_part(x, now, boot_offset);
  auto marks = x.marks;
  while (marks.size() > note::max_marks)
    marks = merged(marks);
  auto tail = marks_part(marks, now);
  while (result.size() + tail.size() > note::max_size) {
    marks = marks.size() > 1 ? merged(marks) : std::vector<budget::mark>{};
    tail = marks_part(marks, now);
  }
  result += tail;
  auto room = note::max_size - result.size();
  return result + x.reason.substr(0, room);
}

result<note> decode(std::string_view bytes, duration boot_offset) {
  auto bad = [] { return fail(errc::corrupt, "the note of an instance"); };
  reader in{bytes};
  if (bytes.size() > note::max_size || in.number() != version)
    return bad();
  note x;
  x.at = static_cast<state>(in.below(state_count));
  auto flags = in.below(1024);
  auto has = [&](flag which) { return (flags & which) != 0; };
  x.ready = has(f_ready);
  x.wanted_up = has(f_wanted_up);
  x.again = has(f_again);
  x.leaving = has(f_leaving);
  x.half_open = has(f_half_open);
  x.paused = has(f_paused);
  x.dropped = has(f_dropped);
  x.idle = has(f_idle);
  auto written = time_point{duration{in.integer()} - boot_offset};
  ages age{written};
  x.spawn_id = in.number();
  x.ended_spawn = in.number();
  x.ended_event.ms = in.number();
  x.ended_event.seq = in.number();
  x.pid = static_cast<std::int32_t>(in.integer());
  x.since = age.get(in);
  x.started = age.get_optional(in);
  x.deadline = age.get_optional(in);
  x.rung = static_cast<std::uint32_t>(in.below(1u << 16));
  x.restarts = static_cast<std::uint32_t>(in.below(1ull << 32));
  auto start = age.get(in);
  std::array<std::uint16_t, tally::slices> counts{};
  for (auto& count : counts)
    count = static_cast<std::uint16_t>(in.below(1u << 16));
  x.recent.restore(start, counts);
  x.backoff_step = static_cast<std::uint32_t>(in.below(1ull << 32));
  x.pending = in.why();
  x.pending.core = has(f_pending_core);
  x.last = in.why();
  x.last.core = has(f_last_core);
  x.last_at = age.get_optional(in);
  auto count = in.below(note::max_marks + 1);
  for (std::uint64_t i = 0; i < count && in.ok; ++i) {
    auto back = milliseconds{static_cast<std::int64_t>(in.below(1ull << 40))};
    x.marks.push_back(
      {written - back, static_cast<std::uint16_t>(in.below(1u << 16))});
  }
  if (!in.ok)
    return bad();
  x.reason = in.text();
  return x;
}

} // namespace saker::supervision
