#include "session/slow_log.hpp"

#include <algorithm>

namespace saker::session {

namespace {

constexpr std::size_t most_words = 32;
constexpr std::size_t longest_word = 128;

} // namespace

std::vector<std::string> shortened(std::span<const std::string_view> words) {
  std::vector<std::string> result;
  auto cut = words.size() > most_words;
  auto kept = cut ? most_words - 1 : words.size();
  for (auto word : words.first(kept)) {
    std::string text{word.substr(0, longest_word)};
    if (word.size() > longest_word)
      text += "... (" + std::to_string(word.size() - longest_word)
              + " more bytes)";
    result.push_back(std::move(text));
  }
  if (cut)
    result.push_back("... (" + std::to_string(words.size() - kept)
                     + " more arguments)");
  return result;
}

void slow_log::set_length(std::size_t x) {
  length_.store(x, std::memory_order_relaxed);
  std::lock_guard guard{mutex_};
  if (entries_.size() > x)
    entries_.resize(x);
}

void slow_log::add(std::chrono::nanoseconds took,
                   std::vector<std::string> words, std::string address,
                   std::string client) {
  slow_command x;
  x.at = clocks_.wall();
  x.took = std::chrono::duration_cast<microseconds>(took);
  x.words = std::move(words);
  x.address = std::move(address);
  x.client = std::move(client);
  std::lock_guard guard{mutex_};
  x.id = next_id_++;
  entries_.push_front(std::move(x));
  if (entries_.size() > length())
    entries_.resize(length());
}

std::vector<slow_command> slow_log::newest(std::size_t count) const {
  std::lock_guard guard{mutex_};
  auto end = entries_.begin()
             + static_cast<std::ptrdiff_t>(std::min(count, entries_.size()));
  return {entries_.begin(), end};
}

std::size_t slow_log::size() const {
  std::lock_guard guard{mutex_};
  return entries_.size();
}

void slow_log::clear() {
  std::lock_guard guard{mutex_};
  entries_.clear();
}

resp::value slow_commands(const std::vector<slow_command>& all) {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  resp::array rows;
  for (auto& x : all) {
    resp::array words;
    for (auto& word : x.words)
      words.items.emplace_back(word);
    rows.items.emplace_back(resp::array{
      {x.id, duration_cast<seconds>(x.at.time_since_epoch()).count(),
       x.took.count(), std::move(words), x.address, x.client}});
  }
  return rows;
}

} // namespace saker::session
