#include "cli/reply_print.hpp"

#include "base/text.hpp"
#include "cli/printed_text.hpp"
#include "resp/number.hpp"

#include <limits>

namespace saker::cli {

namespace {

std::string real(double x) {
  std::string text;
  resp::append_double(text, x);
  return text;
}

std::string in_quotes(std::string_view x) {
  return '"' + printable(x, std::numeric_limits<std::size_t>::max()) + '"';
}

/// Lines stay lines; nothing else that a terminal obeys.
std::string text_block(std::string_view x) {
  std::string result;
  if (x.ends_with('\n'))
    x.remove_suffix(1);
  for (auto line : split(x, '\n')) {
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    result += shown(line) + '\n';
  }
  return result;
}

struct terminal_printer {
  std::string indent; ///< before all lines but the first

  std::string print(const resp::value& x) const {
    return std::visit(*this, x.data());
  }

  std::string operator()(const resp::null&) const {
    return "(nil)\n";
  }
  std::string operator()(bool x) const {
    return x ? "(true)\n" : "(false)\n";
  }
  std::string operator()(std::int64_t x) const {
    return "(integer) " + std::to_string(x) + '\n';
  }
  std::string operator()(double x) const {
    return "(double) " + real(x) + '\n';
  }
  std::string operator()(const std::string& x) const {
    return in_quotes(x) + '\n';
  }
  std::string operator()(const resp::simple& x) const {
    return shown(x.text) + '\n';
  }
  std::string operator()(const resp::error& x) const {
    return "(error) " + shown(x.text) + '\n';
  }
  std::string operator()(const resp::verbatim& x) const {
    return text_block(x.text);
  }
  std::string operator()(const resp::array& x) const {
    return list(x.items, ')', "(empty array)\n");
  }
  std::string operator()(const resp::set& x) const {
    return list(x.items, '~', "(empty set)\n");
  }
  std::string operator()(const resp::push& x) const {
    return list(x.items, ')', "(empty push)\n");
  }

  std::string operator()(const resp::map& x) const {
    if (x.entries.empty())
      return "(empty hash)\n";
    std::string out;
    for (std::size_t i = 0; i < x.entries.size(); ++i) {
      auto head = number(i, x.entries.size(), '#');
      auto key = deeper(head.size()).print(x.entries[i].key);
      key.pop_back();
      auto inner = deeper(head.size() + key.size() + 4);
      out.append(i > 0 ? indent : "").append(head).append(key);
      out.append(" => ").append(inner.print(x.entries[i].item));
    }
    return out;
  }

  std::string list(const std::vector<resp::value>& items, char mark,
                   const char* empty) const {
    if (items.empty())
      return empty;
    std::string out;
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto head = number(i, items.size(), mark);
      out.append(i > 0 ? indent : "").append(head);
      out.append(deeper(head.size()).print(items[i]));
    }
    return out;
  }

  terminal_printer deeper(std::size_t columns) const {
    return {indent + std::string(columns, ' ')};
  }

  static std::string number(std::size_t i, std::size_t count, char mark) {
    auto digits = std::to_string(count).size();
    auto text = std::to_string(i + 1);
    return std::string(digits - text.size(), ' ') + text + mark + ' ';
  }
};

struct pipe_printer {
  std::string& out;

  void print(const resp::value& x) {
    std::visit(*this, x.data());
  }
  void line(std::string_view x) {
    out += x;
    out += '\n';
  }

  void operator()(const resp::null&) {
    line("");
  }
  void operator()(bool x) {
    line(x ? "true" : "false");
  }
  void operator()(std::int64_t x) {
    line(std::to_string(x));
  }
  void operator()(double x) {
    line(real(x));
  }
  void operator()(const std::string& x) {
    line(x);
  }
  void operator()(const resp::simple& x) {
    line(x.text);
  }
  void operator()(const resp::error& x) {
    line(x.text);
  }
  void operator()(const resp::verbatim& x) {
    out += x.text;
    if (!x.text.ends_with('\n'))
      out += '\n';
  }
  void operator()(const resp::array& x) {
    all(x.items);
  }
  void operator()(const resp::set& x) {
    all(x.items);
  }
  void operator()(const resp::push& x) {
    all(x.items);
  }
  void operator()(const resp::map& x) {
    for (auto& [key, item] : x.entries) {
      print(key);
      print(item);
    }
  }

  void all(const std::vector<resp::value>& items) {
    for (auto& x : items)
      print(x);
  }
};

} // namespace

std::string for_terminal(const resp::value& x) {
  return terminal_printer{}.print(x);
}

std::string for_pipe(const resp::value& x) {
  std::string out;
  pipe_printer{out}.print(x);
  return out;
}

} // namespace saker::cli
