#include "actors/starter.hpp"

#include "messages/error.hpp"
#include "process/socket_holder.hpp"

namespace saker {

namespace {

using namespace std::chrono_literals;

/// A script that computes for ever at its start must not keep clients out.
constexpr auto patience_with_scripts = 2s;

/// So long their commands wait for services and scripts.
constexpr auto patience_of_clients = 1s;

constexpr auto pause_between_tries = 1s;

} // namespace

void starter_state::start() {
  self->delayed_send(self, patience_of_clients, atom::accept_v);
  listen_next();
}

void starter_state::listen_next() {
  if (next_ == links.listen.size())
    return load();
  auto where = links.listen[next_++];
  listen(where, [this, where](const failure& why) { refused(where, why); });
}

void starter_state::listen(const config::listen_address& where,
                           std::function<void(const failure&)> refused) {
  link::listen what;
  what.address = to_string(where);
  what.mode = links.socket_mode;
  what.group = links.socket_group;
  self->request(links.keeper, 5s, atom::listen_v, std::move(what))
    .then(
      [this, where](const std::string& address, const handed_fd& socket) {
        self->send(links.gateway, atom::listen_v, socket, address);
        if (std::erase(missing_, where) > 0)
          return links.say("ready on " + address + " too");
        addresses_.push_back(address);
        listen_next();
      },
      [refused](const caf::error& why) { refused(to_failure(why)); });
}

void starter_state::refused(const config::listen_address& where,
                            const failure& why) {
  auto text = "listen on " + to_string(where) + ": " + why.detail;
  if (where.optional) {
    links.say(text + " (optional, so Saker goes on without it)");
    return listen_next();
  }
  auto taken = why.detail.find(errno_text(EADDRINUSE)) != std::string::npos;
  if (taken) {
    auto who = where.is_tcp() ? process::port_holder(where.port)
                              : process::socket_holder(where.path);
    text += who.empty()
              ? ": another program has it; `ss -ltnp` shows which one"
              : ": " + who + " has it; stop that, or listen elsewhere";
  }
  if (links.children) {
    links.warn(text
               + " (services live, so Saker goes on without it and tries "
                 "again)");
    missing_.push_back(where);
    return listen_next();
  }
  links.give_up(taken ? 3 : 78, text);
  self->quit();
}

void starter_state::retry() {
  if (missing_.empty())
    return self->quit();
  for (auto& where : missing_)
    listen(where, [](const failure&) {}); // said once is enough
  self->delayed_send(self, pause_between_tries, atom::tick_v);
}

void starter_state::load() {
  auto services = links.listening();
  scripts_ = links.safe_mode;
  links.loading(!services_, !scripts_);
  self->send(links.gateway, atom::open_v);
  self->request(services, caf::infinite, atom::open_v)
    .then([this](bool) { services_known(); },
          [this](const caf::error&) { services_known(); });
  if (links.safe_mode)
    return links.warn("safe mode: the node failed again and again, so no "
                      "scripts are loaded; LOAD loads one by hand");
  self->delayed_send(self, patience_with_scripts, atom::expire_v);
  self->request(links.librarian, caf::infinite, atom::open_v)
    .then([this](bool) { scripts_loaded(); },
          [this](const caf::error&) { scripts_loaded(); });
}

void starter_state::lose_patience() {
  if (opened_)
    return;
  patient_ = false;
  links.loading(!services_, !scripts_);
  self->send(links.gateway, atom::open_v);
  self->send(links.gateway, atom::permit_v, false);
}

void starter_state::services_known() {
  services_ = true;
  open();
}

void starter_state::scripts_loaded() {
  scripts_ = true;
  open();
}

void starter_state::open() {
  if (opened_)
    return;
  opened_ = services_ && scripts_;
  links.loading(!services_, !scripts_);
  self->send(links.gateway, atom::permit_v, patient_ && !opened_);
  if (!opened_)
    return;
  self->send(links.keeper, atom::send_v, link::request{link::ready{}});
  links.ready(addresses_);
  if (missing_.empty())
    self->quit();
  else
    self->delayed_send(self, pause_between_tries, atom::tick_v);
}

starter_actor::behavior_type
starter(starter_actor::stateful_pointer<starter_state> self,
        starter_links links) {
  self->state.links = std::move(links);
  return {
    [self](atom::start) { self->state.start(); },
    [self](atom::accept) { self->state.lose_patience(); },
    [self](atom::expire) { self->state.scripts_loaded(); },
    [self](atom::tick) { self->state.retry(); },
  };
}

} // namespace saker
