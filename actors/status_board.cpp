#include "actors/status_board.hpp"

#include "base/text.hpp"
#include "base/units.hpp"

#include <utility>

namespace saker {

status_board::status_board(std::string node) {
  from_.node = std::move(node);
}

void status_board::add(const supervision::status& x) {
  std::lock_guard guard{mutex_};
  all_[x.who.name][x.who.index] = x;
}

void status_board::remove(std::string_view name, std::uint32_t index) {
  std::lock_guard guard{mutex_};
  auto service = all_.find(name);
  if (service == all_.end())
    return;
  service->second.erase(index);
  if (service->second.empty())
    all_.erase(service);
}

void status_board::costs(shared_usage what, supervision::time_point until) {
  std::lock_guard guard{mutex_};
  from_.usage.swap(what); // the old ones are freed by who has brought these
  fresh_until_ = until;
}

void status_board::wish(std::string_view name, std::uint32_t index, bool up,
                        bool dropped, const supervision::stamp& by) {
  std::lock_guard guard{mutex_};
  auto* mine = find(name, index);
  if (!mine)
    return;
  mine->wanted_up = up;
  mine->dropped = dropped;
  mine->wanted_by = by;
}

void status_board::put(const supervision::status& x) {
  std::lock_guard guard{mutex_};
  if (auto* mine = find(x.who.name, x.who.index))
    *mine = x;
}

void status_board::refresh(supervision::status& x) const {
  std::lock_guard guard{mutex_};
  auto service = all_.find(x.who.name);
  if (service == all_.end())
    return;
  auto mine = service->second.find(x.who.index);
  if (mine != service->second.end() && mine->second.number > x.number)
    x = mine->second;
}

bool status_board::tell(std::string_view name, const session::moment& now,
                        resp::writer out) {
  if (equal_ignoring_case(name, "JSON") || equal_ignoring_case(name, "TEXT"))
    return false; // not the service of that name, if there is one
  std::unique_lock guard{mutex_, std::try_to_lock};
  if (!guard)
    return false;
  auto service = all_.find(name);
  if (service == all_.end() || service->second.size() != 1)
    return false;
  auto& x = service->second.begin()->second;
  if (x.who.counted)
    return false;
  auto known = x.pid == 0
               || (now.steady < fresh_until_
                   && (!from_.usage || from_.usage->contains(x.pid)));
  if (!known)
    return false;
  from_.now = now.steady;
  from_.unix_ms = in_milliseconds(now.wall.time_since_epoch());
  write_status(x, from_, out);
  return true;
}

supervision::status*
status_board::find(std::string_view name, std::uint32_t index) {
  auto service = all_.find(name);
  if (service == all_.end())
    return nullptr;
  auto mine = service->second.find(index);
  return mine == service->second.end() ? nullptr : &mine->second;
}

} // namespace saker
