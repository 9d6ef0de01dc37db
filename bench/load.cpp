#include "bench/load.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include <sys/epoll.h>
#include <unistd.h>

namespace saker::bench {

namespace {

constexpr auto channel = "bench";
constexpr std::size_t sampled_latencies = 1'000'000;

/// So many subscriptions are asked for at once.
constexpr unsigned asked_at_once = 500;

struct header {
  std::uint64_t publisher : 16;
  std::uint64_t number : 48;
  std::int64_t time;
};

static_assert(sizeof(header) == header_size);

unsigned percentile(const std::vector<std::uint32_t>& sorted, double part) {
  if (sorted.empty())
    return 0;
  auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(part * last)];
}

/// User and system time of a process, all threads.
double cpu_seconds(int pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text;
  std::getline(file, text, '\0');
  auto end = text.rfind(')'); // the name in front of it may be anything
  if (end == text.npos)
    die("read the CPU time of process " + std::to_string(pid));
  std::istringstream fields{text.substr(end + 1)};
  for (int i = 0; i < 11; ++i)
    fields >> text;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double cpu_seconds(const std::vector<int>& pids) {
  double sum = 0;
  for (auto pid : pids)
    sum += cpu_seconds(pid);
  return sum;
}

} // namespace

load::load(const settings& given)
  : settings_(given), epoll_(::epoll_create1(EPOLL_CLOEXEC)),
    wire_(given.protocol == "nats" ? nats_wire()
                                   : resp_wire(given.protocol == "resp3")) {
  // nop
}

// -- before ----------------------------------------------------------------------

load::client& load::add(role is, unsigned number) {
  clients_.push_back(std::make_unique<client>(client{is, number}));
  auto& x = *clients_.back();
  x.socket = std::make_unique<connection>(epoll_, settings_.port, &x);
  std::string hello;
  wire_->greet(hello);
  x.socket->send(hello);
  wait_for(x, 1);
  return x;
}

void load::wait_for(client& who, std::size_t count) {
  for (;;) {
    read(who, [&](const incoming& x) { count -= x.what == said::done; });
    if (count == 0)
      return;
    who.socket->receive(true);
  }
}

/// One client listens where nothing comes.
void load::subscribe_idly(unsigned count, std::string_view before,
                          std::string_view after, bool is_pattern) {
  if (count == 0)
    return;
  auto& x = add(role::idler, 0);
  for (unsigned i = 0; i < count;) {
    std::string text;
    auto end = std::min(count, i + asked_at_once);
    auto asked = end - i;
    for (; i < end; ++i)
      wire_->subscribe(
        text, std::string{before} + std::to_string(i) + std::string{after},
        is_pattern);
    auto answers = wire_->ask(text, asked);
    x.socket->send(text);
    wait_for(x, answers);
  }
}

void load::connect() {
  subscribe_idly(settings_.idle_channels, "idle.", "", false);
  auto nats = settings_.protocol == "nats";
  subscribe_idly(settings_.idle_patterns,
                 nats ? "other." : "other:", nats ? ".*" : ":*", true);
  for (unsigned i = 0; i < settings_.subscribers; ++i) {
    auto& x = add(role::subscriber, i);
    x.last.resize(settings_.publishers);
    std::string text;
    wire_->subscribe(text, channel, false);
    auto answers = wire_->ask(text, 1);
    x.socket->send(text);
    wait_for(x, answers);
  }
  for (unsigned i = 0; i < settings_.publishers; ++i)
    add(role::publisher, i).quota
      = settings_.messages / settings_.publishers
        + (i < settings_.messages % settings_.publishers ? 1 : 0);
  if (settings_.ping)
    add(role::pinger, 0);
}

// -- the measurement ----------------------------------------------------------------

void load::ping(client& who) {
  std::string text;
  wire_->ping(text);
  who.since = clock::now();
  who.socket->send(text);
}

void load::publish(client& who, std::size_t count) {
  static std::string text;
  text.clear();
  std::string payload(settings_.size, '.');
  std::size_t sent = 0;
  for (; count > 0 && who.sent < who.quota; --count, ++sent) {
    header x{who.number, ++who.sent, clock::now().time_since_epoch().count()};
    std::memcpy(payload.data(), &x, sizeof x);
    wire_->publish(text, channel, payload);
  }
  if (sent == 0)
    return;
  auto answers = wire_->ask(text, sent);
  for (std::size_t i = 0; i < answers; ++i)
    who.asked.push_back(sent / answers);
  who.socket->send(text);
}

void load::message(client& who, std::string_view payload) {
  if (payload.size() != settings_.size)
    die("a subscriber got what was never published");
  header x;
  std::memcpy(&x, payload.data(), sizeof x);
  if (x.publisher >= who.last.size())
    die("a payload was damaged");
  if (++who.last[x.publisher] != x.number) {
    ++out_of_order_;
    who.last[x.publisher] = x.number;
  }
  ++delivered_;
  if (latencies_.size() < sampled_latencies)
    latencies_.push_back(static_cast<std::uint32_t>(
      (clock::now().time_since_epoch().count() - x.time) / 1000));
}

void load::done(client& who) {
  if (who.is == role::pinger) {
    pings_.push_back(static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(clock::now()
                                                            - who.since)
        .count()));
    return ping(who);
  }
  if (who.is != role::publisher || who.asked.empty())
    die("an answer came that nobody waits for");
  replied_ += who.asked.front();
  who.asked.pop_front();
}

template <class F>
void load::read(client& who, F f) {
  std::size_t taken = 0;
  incoming x;
  for (;;) {
    auto size = wire_->read(who.socket->input().substr(taken), x);
    if (size == 0)
      break;
    f(x);
    taken += size;
  }
  who.socket->take(taken);
}

void load::serve(client& who, std::uint32_t events) {
  if (events & EPOLLOUT)
    who.socket->flush();
  who.socket->receive();
  auto before = replied_;
  read(who, [&](const incoming& x) {
    if (x.what == said::message)
      return message(who, x.payload);
    if (x.what == said::done)
      return done(who);
    std::string text;
    if (x.what == said::question)
      wire_->pong(text);
    who.socket->send(text);
  });
  if (replied_ > before)
    publish(who, replied_ - before);
}

void load::run() {
  auto begun = clock::now();
  auto used = cpu_seconds(settings_.pids);
  for (auto& x : clients_) {
    if (x->is == role::publisher)
      publish(*x, settings_.in_flight);
    if (x->is == role::pinger)
      ping(*x);
  }
  std::array<epoll_event, 256> events{};
  auto progress = clock::now();
  while (!finished()) {
    auto before = replied_ + delivered_;
    auto n = ::epoll_wait(epoll_, events.data(), events.size(), 1000);
    for (int i = 0; i < n; ++i) {
      auto& event = events[static_cast<std::size_t>(i)];
      serve(*static_cast<client*>(event.data.ptr), event.events);
    }
    if (replied_ + delivered_ > before)
      progress = clock::now();
    else if (clock::now() - progress > std::chrono::seconds{settings_.patience})
      die("no progress for " + std::to_string(settings_.patience)
          + " s: " + std::to_string(replied_) + " replies, "
          + std::to_string(delivered_) + " deliveries");
  }
  seconds_ = std::chrono::duration<double>(clock::now() - begun).count();
  cpu_seconds_ = cpu_seconds(settings_.pids) - used;
}

void load::print() const {
  auto latencies = latencies_;
  auto pings = pings_;
  std::sort(latencies.begin(), latencies.end());
  std::sort(pings.begin(), pings.end());
  std::printf("publishes=%llu deliveries=%llu out_of_order=%llu seconds=%.6f "
              "cpu_seconds=%.3f p50_us=%u p99_us=%u pings=%zu ping_p50_us=%u "
              "ping_p99_us=%u\n",
              static_cast<unsigned long long>(replied_),
              static_cast<unsigned long long>(delivered_),
              static_cast<unsigned long long>(out_of_order_), seconds_,
              cpu_seconds_, percentile(latencies, 0.5),
              percentile(latencies, 0.99), pings.size(), percentile(pings, 0.5),
              percentile(pings, 0.99));
}

} // namespace saker::bench
