#include "resp/value.hpp"

#include "base/text.hpp"
#include "resp/number.hpp"

#include <limits>
#include <ostream>

namespace saker::resp {

namespace {

void print(std::string& out, const value& x);

void print_all(std::string& out, std::span<const value> items,
               std::string_view open, std::string_view close) {
  out += open;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0)
      out += ", ";
    print(out, items[i]);
  }
  out += close;
}

std::string shown(std::string_view x) {
  return printable(x, std::numeric_limits<std::size_t>::max());
}

struct printer {
  std::string& out;

  void operator()(const null&) {
    out += "null";
  }
  void operator()(bool x) {
    out += x ? "true" : "false";
  }
  void operator()(std::int64_t x) {
    out += std::to_string(x);
  }
  void operator()(double x) {
    append_double(out, x);
  }
  void operator()(const std::string& x) {
    out += '"' + shown(x) + '"';
  }
  void operator()(const simple& x) {
    out += '+' + shown(x.text);
  }
  void operator()(const error& x) {
    out += '-' + shown(x.text);
  }
  void operator()(const verbatim& x) {
    out += x.format + ":\"" + shown(x.text) + '"';
  }
  void operator()(const array& x) {
    print_all(out, x.items, "[", "]");
  }
  void operator()(const set& x) {
    print_all(out, x.items, "~[", "]");
  }
  void operator()(const push& x) {
    print_all(out, x.items, ">[", "]");
  }
  void operator()(const map& x) {
    out += '{';
    for (std::size_t i = 0; i < x.entries.size(); ++i) {
      if (i > 0)
        out += ", ";
      print(out, x.entries[i].key);
      out += ": ";
      print(out, x.entries[i].item);
    }
    out += '}';
  }
};

void print(std::string& out, const value& x) {
  std::visit(printer{out}, x.data());
}

} // namespace

map& map::add(value key, value item) {
  entries.push_back({std::move(key), std::move(item)});
  return *this;
}

bool operator==(const array& x, const array& y) {
  return x.items == y.items;
}

bool operator==(const set& x, const set& y) {
  return x.items == y.items;
}

bool operator==(const push& x, const push& y) {
  return x.items == y.items;
}

bool operator==(const map& x, const map& y) {
  return x.entries == y.entries;
}

bool operator==(const value& x, const value& y) {
  return x.data_ == y.data_;
}

std::string_view value::text() const noexcept {
  if (auto x = get_if<std::string>())
    return *x;
  if (auto x = get_if<simple>())
    return x->text;
  if (auto x = get_if<verbatim>())
    return x->text;
  if (auto x = get_if<error>())
    return x->text;
  return {};
}

std::optional<std::int64_t> value::integer() const noexcept {
  if (auto x = get_if<std::int64_t>())
    return *x;
  if (auto x = get_if<bool>())
    return *x ? 1 : 0;
  if (is<std::string>() || is<simple>())
    return strict_integer(text());
  return std::nullopt;
}

std::span<const value> value::items() const noexcept {
  if (auto x = get_if<array>())
    return x->items;
  if (auto x = get_if<set>())
    return x->items;
  if (auto x = get_if<push>())
    return x->items;
  return {};
}

const value* value::find(std::string_view key) const noexcept {
  auto named = [key](const value& x) {
    return (x.is<std::string>() || x.is<simple>()) && x.text() == key;
  };
  if (auto x = get_if<map>()) {
    for (auto& [name, item] : x->entries)
      if (named(name))
        return &item;
    return nullptr;
  }
  auto flat = items();
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2)
    if (named(flat[i]))
      return &flat[i + 1];
  return nullptr;
}

value ok() {
  return simple{"OK"};
}

value err(std::string_view text) {
  return error{"ERR " + std::string{text}};
}

std::string to_string(const value& x) {
  std::string out;
  print(out, x);
  return out;
}

std::ostream& operator<<(std::ostream& out, const value& x) {
  return out << to_string(x);
}

} // namespace saker::resp
