#include "actors/keeper_link.hpp"

#include "base/units.hpp"
#include "messages/error.hpp"

#include <type_traits>
#include <utility>

#include <poll.h>

namespace saker {

namespace {

std::string verb_of(const link::request& what) {
  return std::visit(
    [](auto& x) -> std::string {
      using type = std::decay_t<decltype(x)>;
      if constexpr (std::is_same_v<type, link::spawn>)
        return "SPAWN " + x.key;
      else if constexpr (std::is_same_v<type, link::adopt>)
        return "ADOPT " + x.key + ' ' + std::to_string(x.pid);
      else if constexpr (std::is_same_v<type, link::signal>)
        return "SIGNAL " + x.key + ' ' + std::to_string(x.number);
      else if constexpr (std::is_same_v<type, link::note>)
        return "NOTE " + x.key;
      else if constexpr (std::is_same_v<type, link::forget>)
        return "FORGET " + x.key;
      else if constexpr (std::is_same_v<type, link::seen>)
        return "SEEN " + x.key;
      else if constexpr (std::is_same_v<type, link::ack>)
        return "ACK " + x.key;
      else
        return "a request";
    },
    what);
}

/// A child may end while a signal is on its way, by the one before as a rule:
/// its end is told anyhow.
errc expected_refusal(const link::request& what) {
  return std::holds_alternative<link::signal>(what) ? errc::not_found
                                                    : errc::none;
}

/// Keys of jobs have a colon, which no name of a service has.
bool is_job(const std::string& key) {
  return key.find(':') != std::string::npos;
}

} // namespace

result<inventory>
greet(link::channel& channel, const std::string& who,
      std::chrono::milliseconds patience, std::vector<link::push>& early) {
  auto until = std::chrono::steady_clock::now() + patience;
  inventory found;
  channel.send(
    link::encode(1, link::request{link::hello{link::language_version, who}}));
  channel.send(link::encode(2, link::request{link::list{}}));
  for (;;) {
    if (auto ok = channel.flush(); !ok)
      return ok.error();
    while (auto frame = channel.next()) {
      auto told = link::decode_told(*frame);
      if (!told)
        return told.error();
      auto fds = channel.take(link::descriptors(*told));
      if (!fds)
        return fds.error();
      if (auto* push = std::get_if<link::push>(&*told)) {
        if (auto* row = std::get_if<link::row>(push))
          found.children.push_back(
            {std::move(*row),
             std::make_shared<std::vector<unique_fd>>(std::move(*fds))});
        else
          early.push_back(std::move(*push));
        continue;
      }
      auto& reply = std::get<link::reply>(*told);
      if (auto* no = std::get_if<link::refused>(&reply.what))
        return no->why;
      if (auto* hello = std::get_if<link::welcome>(&reply.what))
        found.welcome = std::move(*hello);
      if (std::holds_alternative<link::listed>(reply.what))
        return found;
    }
    auto left = in_milliseconds(until - std::chrono::steady_clock::now());
    if (left <= 0)
      return fail(errc::timeout, "the keeper did not answer HELLO and LIST");
    pollfd wait{channel.fd(), POLLIN, 0};
    if (channel.wants_write())
      wait.events |= POLLOUT;
    ::poll(&wait, 1, static_cast<int>(left));
    if (auto open = channel.receive(); !open)
      return open.error();
    else if (!*open)
      return fail(errc::closed, "the keeper closed the link");
  }
}

keeper_link_state::~keeper_link_state() {
  if (links.watch)
    links.watch->close();
}

void keeper_link_state::start(keeper_links with) {
  links = std::move(with);
  last_seq_ = links.last_seq;
  for (auto& x : links.early)
    told(x, {});
  links.early.clear();
  auto me = caf::actor_cast<keeper_link_actor>(self);
  links.watch->when_readable([me] { caf::anon_send(me, atom::readable_v); });
}

// -- requests ---------------------------------------------------------------------

void keeper_link_state::send(const link::request& what) {
  request(what, nobody{verb_of(what), expected_refusal(what)});
}

caf::result<bool> keeper_link_state::ask(const link::request& what) {
  auto promise = self->make_response_promise<bool>();
  request(what, promise);
  return promise;
}

caf::result<std::string, handed_fd>
keeper_link_state::listen(const link::listen& what) {
  auto promise = self->make_response_promise<std::string, handed_fd>();
  request(what, promise);
  return promise;
}

void keeper_link_state::enroll(const std::string& key,
                               const keeper_client_actor& who) {
  clients_[key] = who;
  auto [first, last] = unclaimed_.equal_range(key);
  std::vector<unclaimed> missed;
  for (auto i = first; i != last; ++i)
    missed.push_back(std::move(i->second));
  unclaimed_.erase(first, last);
  for (auto& x : missed)
    tell(key, std::move(x));
}

void keeper_link_state::enroll(const keeper_master_actor& who) {
  master_ = who;
  for (auto& x : std::exchange(early_, {}))
    told(x, {});
}

void keeper_link_state::withdraw(const std::string& key) {
  clients_.erase(key);
}

// -- events of the socket ---------------------------------------------------------

void keeper_link_state::readable() {
  auto open = links.channel->receive();
  while (auto x = links.channel->next()) {
    frame(*x);
    if (lost_)
      return;
  }
  if (!open)
    return lose(open.error().detail);
  if (!*open)
    return lose("the keeper closed it");
  auto me = caf::actor_cast<keeper_link_actor>(self);
  links.watch->when_readable([me] { caf::anon_send(me, atom::readable_v); });
}

void keeper_link_state::writable() {
  flush();
}

// -- helpers ----------------------------------------------------------------------

void keeper_link_state::request(const link::request& what, asker who) {
  if (lost_)
    return;
  auto frame = link::encode_checked(last_seq_ + 1, what);
  if (!frame)
    return refuse(who, frame.error());
  ++last_seq_;
  waiting_.push_back(std::move(who));
  links.channel->send(std::move(*frame));
  flush();
}

void keeper_link_state::refuse(asker& who, const failure& why) {
  if (auto* waiter = std::get_if<nobody>(&who)) {
    if (why.code != waiter->expected)
      links.log(link::log_level::warning,
                "keeper refused " + waiter->verb + ": " + why.detail);
  } else if (auto* plain = std::get_if<plain_promise>(&who)) {
    plain->deliver(to_error(why));
  } else if (auto* listener = std::get_if<listen_promise>(&who)) {
    listener->deliver(to_error(why));
  }
}

void keeper_link_state::flush() {
  if (auto ok = links.channel->flush(); !ok)
    return lose(ok.error().detail);
  if (!links.channel->wants_write())
    return;
  auto me = caf::actor_cast<keeper_link_actor>(self);
  links.watch->when_writable([me] { caf::anon_send(me, atom::drained_v); });
}

void keeper_link_state::frame(const resp::value& x) {
  auto what = link::decode_told(x);
  if (!what)
    return lose(what.error().detail);
  auto fds = links.channel->take(link::descriptors(*what));
  if (!fds)
    return lose(fds.error().detail);
  std::visit([&](auto& y) { told(y, std::move(*fds)); }, *what);
}

void keeper_link_state::told(link::reply& x, std::vector<unique_fd> fds) {
  if (waiting_.empty() || x.seq != last_seq_ - waiting_.size() + 1)
    return lose("the keeper answered what was not asked");
  auto who = std::move(waiting_.front());
  waiting_.pop_front();
  if (auto* refused = std::get_if<link::refused>(&x.what))
    return refuse(who, refused->why);
  if (auto* plain = std::get_if<plain_promise>(&who)) {
    plain->deliver(true);
  } else if (auto* listener = std::get_if<listen_promise>(&who)) {
    auto* socket = std::get_if<link::listening>(&x.what);
    if (!socket || fds.empty())
      listener->deliver(to_error(fail(errc::corrupt, "no socket came")));
    else
      listener->deliver(std::move(socket->address), hand(std::move(fds[0])));
  }
}

void keeper_link_state::told(link::push& x, std::vector<unique_fd> fds) {
  auto output = std::make_shared<std::vector<unique_fd>>(std::move(fds));
  if (auto* up = std::get_if<link::spawned>(&x)) {
    auto key = up->key;
    tell(key, {std::move(x), std::move(output)});
  } else if (auto* down = std::get_if<link::ended>(&x)) {
    auto key = down->key;
    tell(key, {std::move(x), nullptr});
  } else if (auto* gone = std::get_if<link::left>(&x)) {
    auto key = gone->key;
    tell(key, {std::move(x), nullptr});
  } else if (auto* orphan = std::get_if<link::orphan>(&x)) {
    auto key = orphan->key;
    tell(key, {std::move(x), nullptr});
  } else if (auto* line = std::get_if<link::log_line>(&x)) {
    links.log(line->level, line->text);
  } else if (!master_) {
    early_.push_back(std::move(x));
  } else if (auto* end = std::get_if<link::shutdown_wanted>(&x)) {
    self->send(master_, atom::tell_v, *end);
  } else if (auto* again = std::get_if<link::reload_wanted>(&x)) {
    self->send(master_, atom::tell_v, *again);
  }
}

void keeper_link_state::tell(const std::string& key, unclaimed x) {
  auto i = clients_.find(key);
  if (i != clients_.end()) {
    std::visit(
      [&](auto& what) {
        using type = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<type, link::spawned>)
          self->send(i->second, atom::tell_v, std::move(what),
                     std::move(x.output));
        else if constexpr (
          std::is_same_v<
            type,
            link::
              ended> || std::is_same_v<type, link::left> || std::is_same_v<type, link::orphan>)
          self->send(i->second, atom::tell_v, std::move(what));
      },
      x.what);
  } else if (is_job(key)) {
    // Its owner is gone: nobody will ever ask for its end.
    if (auto* down = std::get_if<link::ended>(&x.what)) {
      send(link::ack{key, down->spawn_id});
      send(link::forget{key});
    }
  } else {
    unclaimed_.emplace(key, std::move(x));
  }
}

void keeper_link_state::lose(const std::string& why) {
  if (lost_)
    return;
  lost_ = true;
  links.watch->close();
  auto gone = to_error(fail(errc::closed, "the link to the keeper is gone"));
  for (auto& who : waiting_)
    std::visit(
      [&](auto& x) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(x)>, nobody>)
          x.deliver(gone);
      },
      who);
  waiting_.clear();
  links.lost(why);
}

// -- behavior ---------------------------------------------------------------------

keeper_link_actor::behavior_type
keeper_link(keeper_link_actor::stateful_pointer<keeper_link_state> self,
            keeper_links links) {
  self->state.start(std::move(links));
  return {
    [self](atom::send, const link::request& x) { self->state.send(x); },
    [self](atom::ask, const link::request& x) { return self->state.ask(x); },
    [self](atom::listen, const link::listen& x) {
      return self->state.listen(x);
    },
    [self](atom::enroll, const std::string& key,
           const keeper_client_actor& who) { self->state.enroll(key, who); },
    [self](atom::withdraw, const std::string& key) {
      self->state.withdraw(key);
    },
    [self](atom::enroll, const keeper_master_actor& who) {
      self->state.enroll(who);
    },
    [self](atom::readable) { self->state.readable(); },
    [self](atom::drained) { self->state.writable(); },
  };
}

} // namespace saker
