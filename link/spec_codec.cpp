#include "link/spec_codec.hpp"

#include "base/text.hpp"

#include <array>

namespace saker::link {

namespace {

using process::spec;

const spec& defaults() {
  static const spec x;
  return x;
}

// -- writing ------------------------------------------------------------------

void write(resp::writer& out, const std::string& x) {
  out.bulk(x);
}

void write(resp::writer& out, bool x) {
  out.integer(x ? 1 : 0);
}

void write(resp::writer& out, int x) {
  out.integer(x);
}

void write(resp::writer& out, mode_t x) {
  out.integer(static_cast<std::int64_t>(x));
}

void write(resp::writer& out, const std::optional<int>& x) {
  out.integer(*x); // an empty one is the default, which is not written
}

void write(resp::writer& out, const std::vector<std::string>& x) {
  out.array(x.size());
  for (auto& y : x)
    out.bulk(y);
}

void write(resp::writer& out, const std::vector<int>& x) {
  out.array(x.size());
  for (auto y : x)
    out.integer(y);
}

void write(resp::writer& out, const std::vector<process::limit>& x) {
  out.array(x.size() * 3);
  for (auto& y : x) {
    out.bulk(process::limit_name(y.resource));
    // Infinity does not fit into a RESP integer: as text, like the others.
    out.bulk(std::to_string(y.soft));
    out.bulk(std::to_string(y.hard));
  }
}

// -- reading ------------------------------------------------------------------

void read(reader& in, std::string_view name, std::string& x) {
  x = in.text(name);
  if (x.find('\0') != x.npos)
    in.refuse(std::string{name} + " holds a NUL byte");
}

void read(reader& in, std::string_view name, bool& x) {
  x = in.flag(name);
}

void read(reader& in, std::string_view name, int& x) {
  x = static_cast<int>(in.number(name, -20, 19));
}

void read(reader& in, std::string_view name, mode_t& x) {
  x = static_cast<mode_t>(in.number(name, 0, 0777));
}

void read(reader& in, std::string_view name, std::optional<int>& x) {
  x = static_cast<int>(in.number(name, -1000, 1000));
}

void read(reader& in, std::string_view name, std::vector<std::string>& x) {
  x = in.texts(name);
  for (auto& y : x)
    if (y.find('\0') != y.npos)
      in.refuse(std::string{name} + " holds a NUL byte");
}

void read(reader& in, std::string_view name, std::vector<int>& x) {
  reader numbers{in.list(name)};
  while (numbers.ok() && !numbers.at_end())
    x.push_back(static_cast<int>(numbers.number(name, 0, 65'535)));
  if (!numbers.ok())
    in.refuse(numbers.why().detail);
}

std::optional<std::uint64_t> parse_unsigned(const std::string& x) {
  if (x.empty() || x.size() > 20 || x.find_first_not_of("0123456789") != x.npos)
    return std::nullopt;
  errno = 0;
  auto y = std::strtoull(x.c_str(), nullptr, 10);
  return errno == 0 ? std::optional<std::uint64_t>{y} : std::nullopt;
}

void read(reader& in, std::string_view name, std::vector<process::limit>& x) {
  auto words = in.texts(name);
  if (words.size() % 3 != 0)
    return in.refuse("limits must be name, soft, hard, name, soft, hard…");
  for (std::size_t i = 0; i < words.size(); i += 3) {
    auto number = process::limit_number(words[i]);
    auto soft = parse_unsigned(words[i + 1]);
    auto hard = parse_unsigned(words[i + 2]);
    if (!number)
      return in.refuse("there is no limit " + printable(words[i], 32)
                       + did_you_mean(words[i], process::limit_names()));
    if (!soft || !hard)
      return in.refuse("limit " + words[i] + " must have two numbers");
    x.push_back({*number, *soft, *hard});
  }
}

// -- the fields ---------------------------------------------------------------

struct field {
  std::string_view name;
  bool (*is_default)(const spec&);
  void (*write)(resp::writer&, const spec&);
  void (*read)(reader&, std::string_view, spec&);
};

template <auto Member>
constexpr field make(std::string_view name) {
  return {name, [](const spec& x) { return x.*Member == defaults().*Member; },
          [](resp::writer& out, const spec& x) { link::write(out, x.*Member); },
          [](reader& in, std::string_view n, spec& x) {
            link::read(in, n, x.*Member);
          }};
}

/// Of all texts only this one may hold NUL bytes.
constexpr field input_text() {
  auto x = make<&spec::input_text>("input_text");
  x.read = [](reader& in, std::string_view n, spec& into) {
    into.input_text = in.text(n, process::max_input_text);
  };
  return x;
}

constexpr std::array<field, 16> fields = {{
  make<&spec::argv>("argv"),
  make<&spec::env>("env"),
  make<&spec::user_env>("user_env"),
  make<&spec::dir>("dir"),
  make<&spec::user>("user"),
  make<&spec::groups>("groups"),
  make<&spec::umask>("umask"),
  make<&spec::input>("input"),
  input_text(),
  make<&spec::pidfile>("pidfile"),
  make<&spec::cgroup>("cgroup"),
  make<&spec::oom>("oom"),
  make<&spec::nice>("nice"),
  make<&spec::cpus>("cpus"),
  make<&spec::limits>("limits"),
  make<&spec::no_new_privs>("no_new_privs"),
}};

const field* find_field(std::string_view name) {
  for (auto& x : fields)
    if (x.name == name)
      return &x;
  return nullptr;
}

} // namespace

std::size_t spec_items(const spec& x) {
  std::size_t count = 0;
  for (auto& y : fields)
    count += y.is_default(x) ? 0 : 2;
  return count;
}

void write_spec(resp::writer& out, const spec& x) {
  for (auto& y : fields) {
    if (y.is_default(x))
      continue;
    out.bulk(y.name);
    y.write(out, x);
  }
}

spec read_spec(reader& in, const other_field& other) {
  spec x;
  while (in.ok() && !in.at_end()) {
    auto name = in.text("field", 32);
    auto known = find_field(name);
    if (!known && in.ok() && other(name, in))
      continue;
    if (!known) {
      in.refuse("unknown field " + printable(name, 32));
      break;
    }
    known->read(in, known->name, x);
  }
  if (in.ok() && (x.argv.empty() || x.argv.front().empty()))
    in.refuse("argv is missing");
  if (auto fits = process::check_size(x.argv, x.env); !fits)
    in.refuse(fits.error().detail);
  return x;
}

} // namespace saker::link
