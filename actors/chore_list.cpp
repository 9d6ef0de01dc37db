#include "actors/chore_list.hpp"

#include <algorithm>
#include <exception>

namespace saker {

namespace {

result<lua::chore_result>
attempt(const lua::chore& what, const std::atomic<bool>& stop) {
  try {
    return what.run(stop);
  } catch (const std::exception& x) {
    return fail(errc::io, x.what()); // a lack of memory
  }
}

} // namespace

chore_list::~chore_list() {
  for (auto& [id, x] : under_way_)
    replace_thread(*x);
}

void chore_list::add(number id, lua::chore what, lua::time_point now,
                     std::function<void(chore_answer)> done) {
  deadlines_.emplace(id, now + what.patience);
  auto x = std::make_shared<run>();
  x->what = std::move(what);
  x->done = std::move(done);
  waiting_.emplace_back(id, std::move(x));
  start();
}

void chore_list::ended(number id) {
  deadlines_.erase(id);
  under_way_.erase(id);
  start();
}

void chore_list::forget(number id) {
  if (auto i = under_way_.find(id); i != under_way_.end())
    i->second->stop = true;
  if (std::erase_if(waiting_, [&](auto& x) { return x.first == id; }) > 0)
    deadlines_.erase(id);
}

std::vector<chore_list::number> chore_list::give_up_late(lua::time_point now) {
  std::vector<number> late;
  for (auto& [id, deadline] : deadlines_)
    if (deadline <= now)
      late.push_back(id);
  for (auto id : late)
    give_up(id);
  start();
  return late;
}

void chore_list::give_up(number id) {
  deadlines_.erase(id);
  std::erase_if(waiting_, [&](auto& x) { return x.first == id; });
  auto i = under_way_.find(id);
  if (i == under_way_.end())
    return;
  replace_thread(*i->second);
  under_way_.erase(i);
}

void chore_list::start() {
  while (!waiting_.empty() && under_way_.size() < at_once_) {
    auto [id, x] = std::move(waiting_.front());
    waiting_.pop_front();
    under_way_.emplace(id, x);
    threads_->run([x = std::move(x), threads = threads_] {
      auto answer = std::make_shared<result<lua::chore_result>>(
        x->stop ? fail(errc::closed) : attempt(x->what, x->stop));
      x->what = {};
      auto had = place::thread;
      if (x->where.compare_exchange_strong(had, place::returned))
        x->done(std::move(answer));
      else
        threads->shrink();
    });
  }
}

/// The thread counts as stuck until the chore returns.
void chore_list::replace_thread(run& x) {
  x.stop = true;
  auto had = place::thread;
  if (x.where.compare_exchange_strong(had, place::nowhere))
    threads_->grow();
}

} // namespace saker
