#include "actors/script_worker.hpp"

namespace saker {

namespace {

using namespace std::chrono_literals;

/// After so much the thread is another script's, and replies go out.
constexpr auto longest_turn = 1ms;
constexpr std::size_t most_steps = 64;

} // namespace

script_worker::script_worker(shared_script_links with, std::string file)
  : links_(std::move(with)), file_(std::move(file)) {
  // nop
}

script_worker::~script_worker() = default;

// -- the SCRIPT ---------------------------------------------------------------

void script_worker::give(std::vector<script_order::any> orders) {
  orders_ = std::move(orders);
  place_ = place::thread;
}

script_news script_worker::take_news() {
  return std::exchange(news_, {});
}

// -- the thread ---------------------------------------------------------------

void script_worker::work() {
  // Of Lua's errors none gets as far; a lack of memory may.
  try {
    do_work();
  } catch (const std::exception& x) {
    news_.broken = x.what();
  }
  since_ = 0;
}

void script_worker::do_work() {
  auto begin = now();
  mark(begin);
  if (!engine_) {
    auto options = links_->options;
    options.name = file_;
    engine_ = std::make_unique<lua::script>(*this, std::move(options));
  }
  for (auto& order : orders_)
    std::visit([this](auto& x) { carry_out(x); }, order);
  orders_.clear();
  auto at = begin;
  for (std::size_t i = 0; i < most_steps && at - begin < longest_turn; ++i) {
    auto x = engine_->step(at);
    collect(x);
    if (!x.ready || x.exhausted)
      break;
    at = now();
    mark(at);
  }
  news_.deferred = deferred_;
  news_.next_wake = engine_->next_wake();
}

bool script_worker::give_back() noexcept {
  auto had = place::thread;
  return place_.compare_exchange_strong(had, place::script);
}

void script_worker::carry_out(script_order::load& x) {
  turn_of(file_);
  auto task = engine_->load(file_, x.text);
  if (task)
    loading_ = *task;
  else
    news_.loaded = result<void>{task.error()};
}

void script_worker::carry_out(script_order::call& x) {
  auto alias = std::move(x.words.front());
  x.words.erase(x.words.begin());
  auto task = engine_->call(alias, std::move(x.words), x.protocol);
  if (task)
    calls_.emplace(*task, x.number);
  else
    news_.replies.push_back({x.number, task.error(), {}});
}

void script_worker::carry_out(script_order::answer& x) {
  std::visit([&](auto& what) { engine_->answer(x.id, std::move(what)); },
             x.what);
}

void script_worker::carry_out(script_order::deliver& x) {
  engine_->deliver(x.to, std::move(x.channel), std::move(x.text), x.missed);
}

void script_worker::carry_out(script_order::describe&) {
  news_.rows = engine_->tasks();
}

void script_worker::carry_out(script_order::withdraw& x) {
  for (auto& alias : x.aliases)
    engine_->unregister(alias);
}

void script_worker::carry_out(script_order::defer&) {
  deferred_ = engine_->begin_defer().size();
}

void script_worker::collect(lua::step_result& x) {
  for (auto& task : x.finished)
    collect(task);
  if (x.commands)
    news_.commands = engine_->commands();
  news_.taken.count += x.taken.count;
  news_.taken.bytes += x.taken.bytes;
  news_.ready = x.ready;
  news_.exhausted = x.exhausted;
}

void script_worker::collect(lua::finished_task& x) {
  if (x.id == loading_) {
    news_.loaded = x.value ? result<void>{} : x.value.error();
  } else if (x.kind == lua::task_kind::defer) {
    --*deferred_;
  } else if (auto i = calls_.find(x.id); i != calls_.end()) {
    news_.replies.push_back({i->second, std::move(x.value), x.run_time});
    calls_.erase(i);
  }
}

// -- any thread ---------------------------------------------------------------

void script_worker::mark(lua::time_point since) noexcept {
  since_ = since.time_since_epoch().count();
}

std::optional<lua::time_point> script_worker::busy_since() const noexcept {
  auto since = since_.load();
  if (since == 0)
    return std::nullopt;
  return lua::time_point{lua::time_point::duration{since}};
}

std::string script_worker::running() const {
  std::lock_guard lock{mutex_};
  return running_;
}

bool script_worker::give_up() noexcept {
  auto had = place::thread;
  return place_.compare_exchange_strong(had, place::nowhere);
}

// -- lua::host ----------------------------------------------------------------

lua::time_point script_worker::now() {
  return links_->now();
}

lua::wall_time_point script_worker::wall_time() {
  return links_->connections->wall_clock();
}

void script_worker::turn_of(std::string_view alias) {
  if (turn_ == alias)
    return;
  turn_ = alias;
  std::lock_guard lock{mutex_};
  running_ = turn_;
}

void script_worker::log(lua::log_level level, std::string_view text) {
  auto placed = text.starts_with(file_ + ":");
  links_->log(level,
              placed ? std::string{text} : file_ + ": " + std::string{text});
}

void script_worker::publish(lua::request_id id, std::string channel,
                            std::string message) {
  news_.wishes.emplace_back(
    script_wish::publish{id, std::move(channel), std::move(message)});
}

void script_worker::exec(lua::request_id id, lua::exec_spec what) {
  news_.wishes.emplace_back(script_wish::exec{id, std::move(what)});
}

void script_worker::call(lua::request_id id, std::vector<std::string> argv) {
  news_.wishes.emplace_back(script_wish::call{id, std::move(argv)});
}

void script_worker::emit(lua::request_id id, std::string name,
                         std::string json) {
  news_.wishes.emplace_back(
    script_wish::emit{id, std::move(name), std::move(json)});
}

void script_worker::work(lua::request_id id, lua::chore what) {
  news_.wishes.emplace_back(script_wish::work{id, std::move(what)});
}

void script_worker::subscribe(lua::callback_id id, std::string pattern) {
  news_.wishes.emplace_back(script_wish::subscribe{id, std::move(pattern)});
}

void script_worker::unsubscribe(lua::callback_id id) {
  news_.wishes.emplace_back(script_wish::unsubscribe{id});
}

void script_worker::forget(lua::request_id id) {
  news_.wishes.emplace_back(script_wish::forget{id});
}

} // namespace saker
