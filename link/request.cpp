#include "link/request.hpp"

#include "base/text.hpp"
#include "link/reader.hpp"
#include "link/spec_codec.hpp"
#include "link/words.hpp"
#include "resp/writer.hpp"

#include <array>
#include <limits>

#include <sys/stat.h>

namespace saker::link {

namespace {

constexpr std::string_view sockets_field = "sockets";

constexpr std::array<std::string_view, 2> proofs = {"none", "kin"};
constexpr std::array<std::string_view, 2> kills = {"tree", "leader"};
constexpr std::array<std::string_view, 3> outputs = {"none", "merged", "split"};
constexpr std::array<std::string_view, 4> farewells = {"begun", "keep", "stop",
                                                       "leaving"};
constexpr std::array<std::string_view, 2> targets = {"leader", "group"};

template <class Enum>
std::string_view name_of(std::span<const std::string_view> words, Enum x) {
  return words[static_cast<std::size_t>(x)];
}

// -- writing ------------------------------------------------------------------

/// Writes one request: head, then the arguments of each verb.
struct request_writer {
  resp::writer& out;
  std::uint64_t seq;

  void head(std::string_view verb, std::size_t arguments) {
    out.array(arguments + 2);
    out.integer(static_cast<std::int64_t>(seq));
    out.bulk(verb);
  }

  void
  keyed(std::string_view verb, const std::string& key, std::uint64_t spawn_id) {
    head(verb, 2);
    out.bulk(key);
    out.integer(static_cast<std::int64_t>(spawn_id));
  }

  void operator()(const hello& x) {
    head("HELLO", 2);
    out.integer(x.version);
    out.bulk(x.text);
  }

  void operator()(const ready&) {
    head("READY", 0);
  }

  void operator()(const list&) {
    head("LIST", 0);
  }

  void operator()(const spawn& x) {
    head("SPAWN", 7 + spec_items(x.what) + (x.sockets.empty() ? 0 : 2));
    out.bulk(x.key);
    out.integer(static_cast<std::int64_t>(x.spawn_id));
    out.bulk(name_of(words::classes, x.kind));
    out.bulk(x.stop);
    out.bulk(name_of(kills, x.kill));
    out.integer(x.start_timeout.count());
    out.bulk(name_of(outputs, x.output));
    write_spec(out, x.what);
    if (x.sockets.empty())
      return;
    out.bulk(sockets_field);
    out.array(x.sockets.size());
    for (auto& address : x.sockets)
      out.bulk(address);
  }

  void operator()(const adopt& x) {
    head("ADOPT", 7);
    out.bulk(x.key);
    out.integer(static_cast<std::int64_t>(x.spawn_id));
    out.integer(x.pid);
    out.integer(static_cast<std::int64_t>(x.start_time));
    out.bulk(x.stop);
    out.bulk(name_of(kills, x.kill));
    out.bulk(name_of(proofs, x.needs));
  }

  void operator()(const signal& x) {
    head("SIGNAL", 3);
    out.bulk(x.key);
    out.integer(x.number);
    out.bulk(name_of(targets, x.group));
  }

  void operator()(const note& x) {
    head("NOTE", 2);
    out.bulk(x.key);
    out.bulk(x.bytes);
  }

  void operator()(const lost& x) {
    keyed("LOST", x.key, x.bytes);
  }

  void operator()(const forget& x) {
    head("FORGET", 1);
    out.bulk(x.key);
  }

  void operator()(const seen& x) {
    keyed("SEEN", x.key, x.spawn_id);
  }

  void operator()(const ack& x) {
    keyed("ACK", x.key, x.spawn_id);
  }

  void operator()(const listen& x) {
    head("LISTEN", 4);
    out.bulk(x.address);
    out.integer(x.backlog);
    out.integer(x.mode);
    out.bulk(x.group);
  }

  void operator()(const unlisten& x) {
    head("UNLISTEN", 1);
    out.bulk(x.address);
  }

  void operator()(const shutdown& x) {
    head("SHUTDOWN", 2);
    out.bulk(name_of(farewells, x.how));
    out.integer(x.code);
  }
};

// -- reading ------------------------------------------------------------------

std::string key_of(reader& in) {
  auto key = in.text("key", max_key);
  if (in.ok() && !is_key(key))
    in.refuse("key must be name#index, not " + printable(key, max_key));
  return key;
}

std::uint64_t spawn_id_of(reader& in) {
  return static_cast<std::uint64_t>(in.number("spawn-id", 1));
}

request read_hello(reader& in) {
  auto version = static_cast<std::uint32_t>(in.number("version", 1, 1'000'000));
  return hello{version, in.text("text", 256)};
}

request read_ready(reader&) {
  return ready{};
}

request read_list(reader&) {
  return list{};
}

request read_spawn(reader& in) {
  spawn x;
  x.key = key_of(in);
  x.spawn_id = spawn_id_of(in);
  x.kind = in.word<child_class>("class", words::classes);
  x.stop = in.text("stop", process::max_ladder);
  x.kill = in.word<kill_mode>("kill", kills);
  x.start_timeout
    = std::chrono::milliseconds{in.number("start-timeout", 1, 86'400'000)};
  x.output = in.word<output_mode>("output", outputs);
  x.what = read_spec(in, [&x](std::string_view name, reader& more) {
    if (name != sockets_field)
      return false;
    x.sockets = more.texts(sockets_field);
    if (x.sockets.size() > process::max_passed_fds)
      more.refuse("more than " + std::to_string(process::max_passed_fds)
                  + " sockets");
    return true;
  });
  return x;
}

request read_adopt(reader& in) {
  adopt x;
  x.key = key_of(in);
  x.spawn_id = spawn_id_of(in);
  x.pid = in.number("pid", 2, std::numeric_limits<pid_t>::max());
  x.start_time = static_cast<std::uint64_t>(in.number("start-time", 0));
  x.stop = in.text("stop", process::max_ladder);
  x.kill = in.word<kill_mode>("kill", kills);
  x.needs = in.word<proof>("proof", proofs);
  return x;
}

request read_signal(reader& in) {
  signal x;
  x.key = key_of(in);
  x.number = static_cast<int>(in.number("signal", 0, 64));
  x.group = in.word<std::uint8_t>("target", targets) == 1;
  return x;
}

request read_note(reader& in) {
  auto key = key_of(in);
  return note{std::move(key), in.text("note", max_note)};
}

request read_lost(reader& in) {
  auto key = key_of(in);
  return lost{std::move(key),
              static_cast<std::uint64_t>(in.number("bytes", 0))};
}

request read_forget(reader& in) {
  return forget{key_of(in)};
}

request read_seen(reader& in) {
  auto key = key_of(in);
  return seen{std::move(key), spawn_id_of(in)};
}

request read_ack(reader& in) {
  auto key = key_of(in);
  return ack{std::move(key), spawn_id_of(in)};
}

request read_listen(reader& in) {
  listen x;
  x.address = in.text("address", 256);
  x.backlog = static_cast<int>(in.number("backlog", 1, 65'535));
  x.mode = static_cast<unsigned>(in.number("mode", 0, 0777));
  x.group = in.text("group", 64);
  return x;
}

request read_unlisten(reader& in) {
  return unlisten{in.text("address", 256)};
}

request read_shutdown_request(reader& in) {
  auto how = in.word<farewell>("how", farewells);
  return shutdown{how, static_cast<int>(in.number("code", 0, 255))};
}

struct verb {
  std::string_view name;
  request (*read)(reader&);
};

constexpr std::array<verb, 14> verbs = {{
  {"HELLO", read_hello},
  {"READY", read_ready},
  {"LIST", read_list},
  {"SPAWN", read_spawn},
  {"ADOPT", read_adopt},
  {"SIGNAL", read_signal},
  {"NOTE", read_note},
  {"LOST", read_lost},
  {"FORGET", read_forget},
  {"SEEN", read_seen},
  {"ACK", read_ack},
  {"LISTEN", read_listen},
  {"UNLISTEN", read_unlisten},
  {"SHUTDOWN", read_shutdown_request},
}};

bool is_reserved(std::string_view name) {
  return name == "LEASE" || name == "UPGRADE";
}

} // namespace

std::string encode(std::uint64_t seq, const request& x) {
  std::string bytes;
  resp::writer out{bytes, resp::protocol::resp3};
  std::visit(request_writer{out, seq}, x);
  return bytes;
}

result<std::string> encode_checked(std::uint64_t seq, const request& x) {
  if (auto start = std::get_if<spawn>(&x))
    if (auto fits = process::check_size(start->what.argv, start->what.env);
        !fits)
      return fits.error();
  auto frame = encode(seq, x);
  if (frame.size() <= max_request)
    return frame;
  return fail(errc::limit, "the request has " + std::to_string(frame.size())
                             + " bytes, at most "
                             + std::to_string(max_request));
}

std::optional<std::uint64_t> sequence_of(const resp::value& frame) {
  auto items = frame.items();
  if (!frame.is<resp::array>() || items.size() < 2
      || !items[1].is<std::string>())
    return std::nullopt;
  auto seq = items[0].integer();
  if (!seq || *seq < 0)
    return std::nullopt;
  return static_cast<std::uint64_t>(*seq);
}

result<request> decode_request(const resp::value& frame) {
  if (!sequence_of(frame))
    return fail(errc::corrupt, "not a request");
  auto name = frame.items()[1].text();
  for (auto& known : verbs) {
    if (known.name != name)
      continue;
    reader in{frame.items().subspan(2)};
    auto x = known.read(in);
    in.end();
    if (in.ok())
      return x;
    return fail(in.why().code, std::string{name} + ": " + in.why().detail);
  }
  if (is_reserved(name))
    return fail(errc::unsupported, std::string{name} + " is not available yet");
  return fail(errc::not_found, "unknown request " + printable(name, 32));
}

bool is_key(std::string_view x) noexcept {
  auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9');
  };
  auto hash = x.find('#');
  if (hash == x.npos || hash == 0 || hash > 63 || !letter_or_digit(x[0]))
    return false;
  for (auto c : x.substr(0, hash))
    if (!letter_or_digit(c) && c != '_' && c != '.' && c != '-' && c != ':')
      return false;
  auto index = x.substr(hash + 1);
  if (index.empty() || index.size() > 9)
    return false;
  return index.find_first_not_of("0123456789") == index.npos;
}

} // namespace saker::link
