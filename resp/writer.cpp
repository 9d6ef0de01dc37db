#include "resp/writer.hpp"

#include "resp/number.hpp"

namespace saker::resp {

void writer::header(char type, std::size_t count) {
  out_ += type;
  append_integer(out_, static_cast<std::int64_t>(count));
  out_ += "\r\n";
}

void writer::line(char type, std::string_view x) {
  out_ += type;
  auto start = out_.size();
  out_ += x;
  for (auto i = out_.begin() + static_cast<std::ptrdiff_t>(start);
       i != out_.end(); ++i)
    if (*i == '\r' || *i == '\n')
      *i = ' ';
  out_ += "\r\n";
}

void writer::null() {
  out_ += resp3_ ? "_\r\n" : "$-1\r\n";
}

void writer::null_array() {
  out_ += resp3_ ? "_\r\n" : "*-1\r\n";
}

void writer::boolean(bool x) {
  if (resp3_)
    out_ += x ? "#t\r\n" : "#f\r\n";
  else
    out_ += x ? ":1\r\n" : ":0\r\n";
}

void writer::integer(std::int64_t x) {
  out_ += ':';
  append_integer(out_, x);
  out_ += "\r\n";
}

void writer::real(double x) {
  if (resp3_) {
    out_ += ',';
    append_double(out_, x);
    out_ += "\r\n";
    return;
  }
  std::string text;
  append_double(text, x);
  bulk(text);
}

void writer::bulk(std::string_view x) {
  header('$', x.size());
  out_ += x;
  out_ += "\r\n";
}

void writer::simple(std::string_view x) {
  line('+', x);
}

void writer::error(std::string_view x) {
  line('-', x);
}

void writer::verbatim(std::string_view text, std::string_view format) {
  if (!resp3_)
    return bulk(text);
  header('=', text.size() + 4);
  out_ += std::string{format.substr(0, 3)}.append(
    3 - std::min<std::size_t>(3, format.size()), ' ');
  out_ += ':';
  out_ += text;
  out_ += "\r\n";
}

void writer::array(std::size_t count) {
  header('*', count);
}

void writer::set(std::size_t count) {
  header(resp3_ ? '~' : '*', count);
}

void writer::push(std::size_t count) {
  header(resp3_ ? '>' : '*', count);
}

void writer::map(std::size_t count) {
  resp3_ ? header('%', count) : header('*', 2 * count);
}

void writer::attribute(std::size_t count) {
  header('|', count);
}

void writer::big_number(std::string_view x) {
  resp3_ ? line('(', x) : bulk(x);
}

void writer::all(const std::vector<value>& items) {
  for (auto& item : items)
    append(item);
}

void writer::append(const value& x) {
  struct visitor {
    writer& out;

    void operator()(const resp::null&) {
      out.null();
    }
    void operator()(bool y) {
      out.boolean(y);
    }
    void operator()(std::int64_t y) {
      out.integer(y);
    }
    void operator()(double y) {
      out.real(y);
    }
    void operator()(const std::string& y) {
      out.bulk(y);
    }
    void operator()(const resp::simple& y) {
      out.simple(y.text);
    }
    void operator()(const resp::error& y) {
      out.error(y.text);
    }
    void operator()(const resp::verbatim& y) {
      out.verbatim(y.text, y.format);
    }
    void operator()(const resp::array& y) {
      out.array(y.items.size());
      out.all(y.items);
    }
    void operator()(const resp::set& y) {
      out.set(y.items.size());
      out.all(y.items);
    }
    void operator()(const resp::push& y) {
      out.push(y.items.size());
      out.all(y.items);
    }
    void operator()(const resp::map& y) {
      out.map(y.entries.size());
      for (auto& [key, item] : y.entries) {
        out.append(key);
        out.append(item);
      }
    }
  };
  std::visit(visitor{*this}, x.data());
}

std::string encode(const value& x, protocol dialect) {
  std::string out;
  writer{out, dialect}.append(x);
  return out;
}

void append_request(std::string& out, std::span<const std::string_view> args) {
  writer to{out, protocol::resp2};
  to.array(args.size());
  for (auto arg : args)
    to.bulk(arg);
}

std::string encode_request(std::initializer_list<std::string_view> args) {
  std::string out;
  append_request(out, {args.begin(), args.size()});
  return out;
}

} // namespace saker::resp
