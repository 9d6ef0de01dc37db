#include "bench/wire.hpp"

#include <charconv>
#include <initializer_list>

#include "bench/connection.hpp"

namespace saker::bench {

namespace {

void command(std::string& out, std::initializer_list<std::string_view> words) {
  out += '*' + std::to_string(words.size()) + "\r\n";
  for (auto word : words) {
    out += '$' + std::to_string(word.size()) + "\r\n";
    out += word;
    out += "\r\n";
  }
}

class resp final : public wire {
public:
  explicit resp(bool resp3) : resp3_(resp3) {
    // nop
  }

  void greet(std::string& out) const override {
    resp3_ ? command(out, {"HELLO", "3"}) : command(out, {"PING"});
  }

  void subscribe(std::string& out, std::string_view channel,
                 bool is_pattern) const override {
    command(out, {is_pattern ? "PSUBSCRIBE" : "SUBSCRIBE", channel});
  }

  void publish(std::string& out, std::string_view channel,
               std::string_view payload) const override {
    command(out, {"PUBLISH", channel, payload});
  }

  std::size_t ask(std::string&, std::size_t requests) const override {
    return requests;
  }

  void ping(std::string& out) const override {
    command(out, {"PING"});
  }

  void pong(std::string&) const override {
    // is never asked for
  }

  std::size_t read(std::string_view data, incoming& x) override {
    auto size = scan(data, frame_);
    if (size == std::string_view::npos)
      die("the server sent no RESP: " + std::string{data.substr(0, 60)});
    if (size == 0)
      return 0;
    if (frame_.type == '-')
      die("the server answered: " + std::string{frame_.line});
    auto& items = frame_.items;
    auto is_message = items.size() == 3 && items[0] == "message";
    x.what = is_message ? said::message : said::done;
    x.payload = is_message ? items[2] : std::string_view{};
    return size;
  }

private:
  bool resp3_;
  frame frame_;
};

class nats final : public wire {
public:
  void greet(std::string& out) const override {
    out += "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nPING\r\n";
  }

  void
  subscribe(std::string& out, std::string_view channel, bool) const override {
    out.append("SUB ").append(channel).append(" 1\r\n");
  }

  void publish(std::string& out, std::string_view channel,
               std::string_view payload) const override {
    out.append("PUB ").append(channel).append(" ");
    out.append(std::to_string(payload.size())).append("\r\n");
    out.append(payload).append("\r\n");
  }

  std::size_t ask(std::string& out, std::size_t) const override {
    out += "PING\r\n";
    return 1;
  }

  void ping(std::string& out) const override {
    out += "PING\r\n";
  }

  void pong(std::string& out) const override {
    out += "PONG\r\n";
  }

  std::size_t read(std::string_view data, incoming& x) override {
    auto end = data.find("\r\n");
    if (end == data.npos)
      return 0;
    auto line = data.substr(0, end);
    x = {};
    if (line.starts_with("-ERR"))
      die("the server answered: " + std::string{line});
    if (line == "PING")
      x.what = said::question;
    else if (line == "PONG")
      x.what = said::done;
    if (!line.starts_with("MSG "))
      return end + 2;
    std::size_t size = 0;
    auto digits = line.substr(line.rfind(' ') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (data.size() < end + 2 + size + 2)
      return 0;
    x = {said::message, data.substr(end + 2, size)};
    return end + 2 + size + 2;
  }
};

} // namespace

wire::~wire() {
  // nop
}

std::unique_ptr<wire> resp_wire(bool resp3) {
  return std::make_unique<resp>(resp3);
}

std::unique_ptr<wire> nats_wire() {
  return std::make_unique<nats>();
}

} // namespace saker::bench
