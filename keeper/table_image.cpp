#include "keeper/table_image.hpp"

#include "process/ladder.hpp"
#include "process/spawn_hint.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace saker::keeper {

namespace {

constexpr std::uint32_t record_magic = 0x4b527732; // differs per layout
constexpr std::uint32_t header_magic = 0x4b487731;
constexpr std::size_t body_size = record_size - sizeof(std::uint32_t);

/// Writes fields one after the other into a record of zeros.
class packer {
public:
  template <class T>
  requires std::is_trivially_copyable_v<T> packer& put(T x) {
    std::memcpy(to_.data() + at_, &x, sizeof(x));
    at_ += sizeof(x);
    return *this;
  }

  /// One byte or two of length, then a field of fixed width.
  packer& text(std::string_view x, std::size_t width) {
    auto length = std::min(x.size(), width);
    put(static_cast<std::uint16_t>(length));
    std::memcpy(to_.data() + at_, x.data(), length);
    at_ += width;
    return *this;
  }

  record seal() {
    boost::crc_32_type sum;
    sum.process_bytes(to_.data(), body_size);
    auto value = static_cast<std::uint32_t>(sum.checksum());
    std::memcpy(to_.data() + body_size, &value, sizeof(value));
    return to_;
  }

private:
  record to_{};
  std::size_t at_ = 0;
};

/// Reads what packer wrote; `ok()` is false after a length or an enum that
/// cannot be.
class unpacker {
public:
  explicit unpacker(std::string_view from) : from_(from) {
    // nop
  }

  template <class T>
  requires std::is_trivially_copyable_v<T> T get() {
    T x{};
    std::memcpy(&x, from_.data() + at_, sizeof(x));
    at_ += sizeof(x);
    return x;
  }

  std::string text(std::size_t width) {
    auto length = get<std::uint16_t>();
    ok_ = ok_ && length <= width;
    std::string x{from_.substr(at_, ok_ ? length : 0)};
    at_ += width;
    return x;
  }

  template <class Enum>
  Enum one_of(Enum last) {
    auto x = get<std::uint8_t>();
    ok_ = ok_ && x <= static_cast<std::uint8_t>(last);
    return static_cast<Enum>(x);
  }

  bool flag() {
    auto x = get<std::uint8_t>();
    ok_ = ok_ && x <= 1;
    return x == 1;
  }

  bool ok() const noexcept {
    return ok_;
  }

private:
  std::string_view from_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

bool intact(std::string_view bytes, std::uint32_t magic) {
  if (bytes.size() != record_size)
    return false;
  std::uint32_t found = 0;
  std::memcpy(&found, bytes.data(), sizeof(found));
  std::uint32_t sum = 0;
  std::memcpy(&sum, bytes.data() + body_size, sizeof(sum));
  boost::crc_32_type computed;
  computed.process_bytes(bytes.data(), body_size);
  return found == magic && sum == computed.checksum();
}

void put_end(packer& to, const link::end_record& x) {
  to.put(static_cast<std::uint8_t>(x.kind))
    .put(static_cast<std::int32_t>(x.number))
    .put(static_cast<std::uint8_t>(x.core))
    .text(x.step, 16)
    .text(x.path, 200)
    .text(x.hint, process::max_hint)
    .put(static_cast<std::int64_t>(x.user.count()))
    .put(static_cast<std::int64_t>(x.system.count()))
    .put(x.max_rss)
    .put(x.orphans)
    .put(static_cast<std::int64_t>(x.ended.count()));
}

link::end_record get_end(unpacker& from) {
  link::end_record x;
  x.kind = from.one_of(link::end_kind::failed);
  x.number = from.get<std::int32_t>();
  x.core = from.flag();
  x.step = from.text(16);
  x.path = from.text(200);
  x.hint = from.text(process::max_hint);
  x.user = std::chrono::microseconds{from.get<std::int64_t>()};
  x.system = std::chrono::microseconds{from.get<std::int64_t>()};
  x.max_rss = from.get<std::uint64_t>();
  x.orphans = from.get<std::uint32_t>();
  x.ended = stamp{from.get<std::int64_t>()};
  return x;
}

/// What a keeper never writes: such a record was forged or is from a bug.
const char* nonsense(const entry& x) {
  using link::row_state;
  if (!link::is_key(x.key))
    return "the key is not name#index";
  if (x.who.pid < 0 || x.who.pid == 1)
    return "the pid cannot be a child";
  auto forked = x.state == row_state::spawning || x.state == row_state::running
                || x.state == row_state::ending;
  if (forked && x.who.pid == 0)
    return "a child without a pid";
  if (x.living() && x.spawn_id == 0)
    return "a child without a spawn-id";
  if (x.state == row_state::seeking && x.kind != link::child_class::daemon)
    return "only a daemon is sought";
  if (x.state == row_state::idle && x.note.empty())
    return "a row that holds nothing";
  return nullptr;
}

} // namespace

record encode_record(const entry& x, const process::boot_id& boot) {
  packer to;
  to.put(record_magic)
    .text(x.key, link::max_key)
    .put(x.spawn_id)
    .put(static_cast<std::uint8_t>(x.kind))
    .put(static_cast<std::uint8_t>(x.state))
    .put(static_cast<std::uint8_t>(x.kill))
    .put(static_cast<std::uint8_t>(x.output))
    .text(x.stop, process::max_ladder)
    .text(x.user, 64)
    .put(static_cast<std::int64_t>(x.who.pid))
    .put(x.who.start_time)
    .put(x.who.pid_namespace)
    .put(static_cast<std::int64_t>(x.started.count()))
    .put(static_cast<std::uint8_t>(x.adopted))
    .text(x.note, link::max_note);
  put_end(to, x.end);
  to.put(boot);
  return to.seal();
}

record encode_header(const image_header& x) {
  packer to;
  to.put(header_magic).put(x.boot).put(x.last_spawn_id);
  return to.seal();
}

result<std::optional<entry>>
decode_record(std::string_view bytes, std::uint32_t slot) {
  if (std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; }))
    return std::optional<entry>{};
  if (!intact(bytes, record_magic))
    return fail(errc::corrupt, "checksum or size is wrong");
  unpacker from{bytes};
  from.get<std::uint32_t>();
  entry x;
  x.slot = slot;
  x.key = from.text(link::max_key);
  x.spawn_id = from.get<std::uint64_t>();
  x.kind = from.one_of(link::child_class::daemon);
  x.state = from.one_of(link::row_state::seeking);
  x.kill = from.one_of(link::kill_mode::leader);
  x.output = from.one_of(link::output_mode::split);
  x.stop = from.text(process::max_ladder);
  x.user = from.text(64);
  x.who.pid = static_cast<pid_t>(from.get<std::int64_t>());
  x.who.start_time = from.get<std::uint64_t>();
  x.who.pid_namespace = from.get<std::uint64_t>();
  x.started = stamp{from.get<std::int64_t>()};
  x.adopted = from.flag();
  x.note = from.text(link::max_note);
  x.end = get_end(from);
  x.who.boot = from.get<process::boot_id>();
  if (!from.ok())
    return fail(errc::corrupt, "a field is out of range");
  if (auto why = nonsense(x))
    return fail(errc::corrupt, why);
  return std::optional{std::move(x)};
}

result<image_header> decode_header(std::string_view bytes) {
  if (!intact(bytes, header_magic))
    return fail(errc::corrupt, "checksum or size is wrong");
  unpacker from{bytes};
  from.get<std::uint32_t>();
  image_header x;
  x.boot = from.get<process::boot_id>();
  x.last_spawn_id = from.get<std::uint64_t>();
  if (!from.ok())
    return fail(errc::corrupt, "a field is out of range");
  return x;
}

} // namespace saker::keeper
