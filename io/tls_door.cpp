#include "io/tls_door.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <utility>

namespace saker::io {

tls_door::tls_door(loop& where, shared_tls with, tls_door_options options)
  : where_(where), options_(options), with_(std::move(with)),
    timer_(where.context()) {
  // nop
}

tls_door::~tls_door() {
  timer_.cancel();
  for (auto& x : guests_)
    x.stream->close();
}

void tls_door::admit(unique_fd socket, tls_guest_events events) {
  if (guests_.size() >= options_.at_once)
    drop_first("it gave way: more than " + std::to_string(options_.at_once)
               + " handshakes at once ([tls] handshakes)");
  auto id = ++last_id_;
  guests_.push_back({id, clock::now() + options_.patience,
                     std::make_shared<tls_stream>(where_, with_),
                     std::move(events)});
  guests_.back().stream->begin(
    std::move(socket),
    {[this, id] { has_come(id); }, [this, id] { has_gone(id); }});
  watch();
}

std::list<tls_door::guest>::iterator tls_door::find(std::uint64_t id) {
  return std::find_if(guests_.begin(), guests_.end(),
                      [id](auto& x) { return x.id == id; });
}

void tls_door::has_come(std::uint64_t id) {
  ready_.push_back(id);
  where_.defer(stage::write, *this);
}

// One step a turn. After the hooks that join, in which whatever is armed again
// still belongs to the same turn.
void tls_door::at_end_of_turn() {
  auto who = guests_.end();
  while (who == guests_.end() && !ready_.empty()) {
    who = find(ready_.front());
    ready_.pop_front();
  }
  if (!ready_.empty())
    where_.defer(stage::write, *this);
  if (who == guests_.end() || who->refused)
    return;
  switch (who->stream->step()) {
    case tls_engine::progress::wants_more: return;
    case tls_engine::progress::failed:
      return refuse(*who, who->stream->reason());
    case tls_engine::progress::done: break;
  }
  auto done = std::move(*who);
  guests_.erase(who);
  auto name = done.stream->common_name();
  done.events.secured({[x = std::move(done.stream)](stream_events events) {
                         x->open(std::move(events));
                         return x;
                       },
                       std::move(name)});
}

void tls_door::has_gone(std::uint64_t id) {
  auto who = find(id);
  if (who == guests_.end())
    return;
  auto gone = std::move(*who);
  guests_.erase(who);
  auto& why = gone.stream->reason();
  if (!gone.refused)
    refuse(gone, !gone.stream->heard() ? std::string{}
                 : why.empty()         ? "it left before the handshake was over"
                                       : why);
}

/// Tells so, once.
void tls_door::refuse(guest& who, const std::string& why) {
  if (!std::exchange(who.refused, true))
    who.events.refused(why);
}

void tls_door::drop_first(const std::string& why) {
  auto first = std::move(guests_.front());
  guests_.pop_front();
  first.stream->close();
  refuse(first, why);
}

/// All have the same patience, so the oldest one is the first to go.
void tls_door::watch() {
  if (guests_.empty() || std::exchange(watching_, true))
    return;
  timer_.expires_at(guests_.front().until);
  timer_.async_wait(
    [this, here = std::weak_ptr<bool>{here_}](boost::system::error_code ec) {
      if (ec || here.expired())
        return;
      watching_ = false;
      look();
    });
}

void tls_door::look() {
  auto now = clock::now();
  while (!guests_.empty() && guests_.front().until <= now)
    drop_first("no handshake within " + format_duration(options_.patience)
               + " ([tls] handshake)");
  watch();
}

} // namespace saker::io
