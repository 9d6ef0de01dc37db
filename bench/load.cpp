// saker-load: subscribers and publishers for any server that speaks Redis.
//
// N subscribers listen to one channel, M publishers keep K publishes in flight
// each, until all messages are sent and all deliveries arrived. Every payload
// carries publisher, number and time, so that loss, order and latency are
// seen. Prints one line of `key=value` words. One thread, epoll, loopback.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "bench/resp_scan.hpp"
#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace saker::bench {
namespace {

using clock = std::chrono::steady_clock;

constexpr auto channel = "bench";
constexpr int header_size = 38; // `publisher number time `
constexpr std::size_t sampled_latencies = 1'000'000;

struct settings {
  std::uint16_t port = 6379;
  unsigned subscribers = 1;
  unsigned publishers = 1;
  unsigned in_flight = 1;
  std::uint64_t messages = 10'000; ///< over all publishers
  unsigned size = 64;              ///< bytes of payload
  unsigned patience = 20;          ///< seconds without progress
  bool resp3 = false;
};

struct totals {
  std::uint64_t replied = 0;
  std::uint64_t delivered = 0;
  std::uint64_t out_of_order = 0;
  std::vector<std::uint32_t> latencies; ///< microseconds
};

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "saker-load: %s\n", what.c_str());
  std::exit(1);
}

long long now() {
  return clock::now().time_since_epoch().count();
}

/// One client. It writes what it can at once and the rest when it may.
class client {
public:
  explicit client(int epoll, std::uint16_t port);

  void send(std::string_view bytes);

  /// Reads once and hands each whole frame to `f`. Returns the bytes read.
  template <class F>
  std::size_t receive(F&& f);

  /// Waits for one frame; used before the measurement only.
  void expect(char type);

  void flush();

  bool publisher = false;
  unsigned number = 0;
  std::uint64_t sent = 0;
  std::uint64_t quota = 0;                ///< publisher: messages to send
  std::vector<std::uint64_t> last_number; ///< subscriber: per publisher

private:
  template <class F>
  void frames(F&& f);

  int epoll_;
  int fd_;
  bool waiting_ = false;
  std::string in_;
  std::size_t in_at_ = 0;
  std::string out_;
};

client::client(int epoll, std::uint16_t port)
  : epoll_(epoll), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0
      || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address)
           != 0)
    die("connect to port " + std::to_string(port) + ": "
        + std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
  int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = this;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event);
}

void client::send(std::string_view bytes) {
  out_ += bytes;
  flush();
}

void client::flush() {
  while (!out_.empty()) {
    auto n = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno != EAGAIN)
      die("a connection broke while it was written");
    if (n < 0)
      break;
    out_.erase(0, static_cast<std::size_t>(n));
  }
  if (waiting_ == !out_.empty())
    return;
  waiting_ = !out_.empty();
  epoll_event event{};
  event.events = waiting_ ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = this;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_, &event);
}

template <class F>
void client::frames(F&& f) {
  static frame x;
  for (;;) {
    auto rest = std::string_view{in_}.substr(in_at_);
    auto size = scan(rest, x);
    if (size == std::string_view::npos)
      die("the server sent no RESP: " + std::string{rest.substr(0, 60)});
    if (size == 0)
      break;
    f(x);
    in_at_ += size;
  }
  in_.erase(0, in_at_);
  in_at_ = 0;
}

template <class F>
std::size_t client::receive(F&& f) {
  static std::array<char, 256 * 1024> piece;
  auto n = ::recv(fd_, piece.data(), piece.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return 0;
  if (n <= 0)
    die("the server closed a connection");
  in_.append(piece.data(), static_cast<std::size_t>(n));
  frames(f);
  return static_cast<std::size_t>(n);
}

void client::expect(char type) {
  auto seen = false;
  while (!seen) {
    std::array<char, 4096> piece{};
    auto n = ::recv(fd_, piece.data(), piece.size(), 0);
    if (n <= 0)
      die("the server closed a connection");
    in_.append(piece.data(), static_cast<std::size_t>(n));
    frames([&](const frame& x) {
      if (x.type != type)
        die("unexpected reply: " + std::string{x.line});
      seen = true;
    });
  }
}

std::string command(std::initializer_list<std::string_view> words) {
  auto text = '*' + std::to_string(words.size()) + "\r\n";
  for (auto word : words) {
    text += '$' + std::to_string(word.size()) + "\r\n";
    text += word;
    text += "\r\n";
  }
  return text;
}

/// The whole measurement.
class load {
public:
  explicit load(const settings& given)
    : settings_(given), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    // nop
  }

  void connect();
  void run();
  void print() const;

private:
  void publish(client& who, std::uint64_t count);
  void message(client& who, const frame& x);
  void serve(client& who, std::uint32_t events);

  bool finished() const {
    return totals_.replied == settings_.messages
           && totals_.delivered >= settings_.messages * settings_.subscribers;
  }

  settings settings_;
  int epoll_;
  std::vector<std::unique_ptr<client>> clients_;
  totals totals_;
  double seconds_ = 0;
};

void load::connect() {
  auto add = [&](bool publisher, unsigned number) -> client& {
    clients_.push_back(std::make_unique<client>(epoll_, settings_.port));
    auto& x = *clients_.back();
    x.publisher = publisher;
    x.number = number;
    if (settings_.resp3) {
      x.send(command({"HELLO", "3"}));
      x.expect('%');
    }
    return x;
  };
  for (unsigned i = 0; i < settings_.subscribers; ++i) {
    auto& x = add(false, i);
    x.last_number.resize(settings_.publishers);
    x.send(command({"SUBSCRIBE", channel}));
    x.expect(settings_.resp3 ? '>' : '*');
  }
  for (unsigned i = 0; i < settings_.publishers; ++i) {
    auto& x = add(true, i);
    x.quota = settings_.messages / settings_.publishers
              + (i < settings_.messages % settings_.publishers ? 1 : 0);
  }
}

void load::publish(client& who, std::uint64_t count) {
  static std::string text;
  text.clear();
  std::array<char, 64> header{};
  for (; count > 0 && who.sent < who.quota; --count) {
    std::snprintf(header.data(), header.size(), "%05u %011llu %019lld ",
                  who.number, static_cast<unsigned long long>(++who.sent),
                  now());
    std::string payload{header.data(), header_size};
    payload.resize(settings_.size, '.');
    text += command({"PUBLISH", channel, payload});
  }
  if (!text.empty())
    who.send(text);
}

void load::message(client& who, const frame& x) {
  if (x.items.size() != 3 || x.items[0] != "message"
      || x.items[2].size() != settings_.size)
    die("a subscriber got what was never published: " + std::string{x.line});
  auto payload = x.items[2];
  auto from = std::strtoul(payload.data(), nullptr, 10);
  auto number = std::strtoull(payload.data() + 6, nullptr, 10);
  auto time = std::strtoll(payload.data() + 18, nullptr, 10);
  if (from >= who.last_number.size())
    die("a payload was damaged");
  if (++who.last_number[from] != number) {
    ++totals_.out_of_order;
    who.last_number[from] = number;
  }
  ++totals_.delivered;
  if (totals_.latencies.size() < sampled_latencies)
    totals_.latencies.push_back(
      static_cast<std::uint32_t>((now() - time) / 1000));
}

void load::serve(client& who, std::uint32_t events) {
  if (events & EPOLLOUT)
    who.flush();
  std::uint64_t replies = 0;
  who.receive([&](const frame& x) {
    if (!who.publisher)
      return message(who, x);
    if (x.type != ':')
      die("PUBLISH was answered with " + std::string{x.line});
    ++replies;
  });
  totals_.replied += replies;
  if (replies > 0)
    publish(who, replies);
}

void load::run() {
  auto begun = clock::now();
  for (auto& x : clients_)
    if (x->publisher)
      publish(*x, settings_.in_flight);
  std::array<epoll_event, 256> events{};
  while (!finished()) {
    auto n = ::epoll_wait(epoll_, events.data(), events.size(),
                          static_cast<int>(settings_.patience * 1000));
    if (n == 0)
      die("no progress for " + std::to_string(settings_.patience)
          + " s: " + std::to_string(totals_.replied) + " replies, "
          + std::to_string(totals_.delivered) + " deliveries");
    for (int i = 0; i < n; ++i)
      serve(*static_cast<client*>(events[static_cast<std::size_t>(i)].data.ptr),
            events[static_cast<std::size_t>(i)].events);
  }
  seconds_ = std::chrono::duration<double>(clock::now() - begun).count();
}

void load::print() const {
  auto sorted = totals_.latencies;
  std::sort(sorted.begin(), sorted.end());
  auto percentile = [&](double part) {
    if (sorted.empty())
      return 0u;
    auto last = static_cast<double>(sorted.size() - 1);
    return sorted[static_cast<std::size_t>(part * last)];
  };
  std::printf("publishes=%llu deliveries=%llu out_of_order=%llu "
              "seconds=%.6f p50_us=%u p99_us=%u\n",
              static_cast<unsigned long long>(totals_.replied),
              static_cast<unsigned long long>(totals_.delivered),
              static_cast<unsigned long long>(totals_.out_of_order), seconds_,
              percentile(0.5), percentile(0.99));
}

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace
} // namespace saker::bench

int main(int argc, char** argv) {
  using namespace saker::bench;
  settings x;
  CLI::App app{"Publishes to subscribers and counts what arrives",
               "saker-load"};
  app.add_option("--port", x.port, "Where the server listens, on 127.0.0.1");
  app.add_option("--subscribers", x.subscribers);
  app.add_option("--publishers", x.publishers)->check(CLI::Range(1, 99999));
  app.add_option("--in-flight", x.in_flight, "Publishes per publisher")
    ->check(CLI::Range(1, 1'000'000));
  app.add_option("--messages", x.messages, "Over all publishers");
  app.add_option("--size", x.size, "Bytes of payload")
    ->check(CLI::Range(header_size, 1 << 20));
  app.add_option("--patience", x.patience, "Seconds without progress");
  app.add_flag("--resp3", x.resp3);
  CLI11_PARSE(app, argc, argv);
  raise_descriptor_limit();
  load all{x};
  all.connect();
  all.run();
  all.print();
  return 0;
}
