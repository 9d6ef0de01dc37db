#include "actors/basp.hpp"

#include "messages/error.hpp"

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/scribe.hpp>

#include <set>

namespace saker {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 5s;

} // namespace

void load_basp(caf::actor_system_config& cfg) {
  cfg.load<caf::io::middleman>();
  cfg.set("middleman.workers", std::size_t{0});
  cfg.set("middleman.attach-utility-actors", true);
  cfg.set("middleman.enable-automatic-connections", false);
}

basp_actor::behavior_type
basp(basp_actor::stateful_pointer<basp_state> self, std::uint16_t port) {
  auto& middleman = self->system().middleman();
  self->state.broker
    = middleman.named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  return {
    [self, port](atom::accept, const handed_fd& fd,
                 const caf::strong_actor_ptr& who) {
      auto& sys = self->system();
      sys.registry().put(who->id(), who);
      caf::anon_send(self->state.broker, caf::publish_atom::value,
                     sys.middleman().backend().new_scribe(fd->release()), port,
                     who, std::set<std::string>{});
    },
    [self, port](atom::open, const handed_fd& fd) {
      auto answer = self->make_response_promise<caf::strong_actor_ptr>();
      self
        ->request(
          self->state.broker, patience, caf::connect_atom::value,
          self->system().middleman().backend().new_scribe(fd->release()), port)
        .then(
          [answer](const caf::node_id&, const caf::strong_actor_ptr& who,
                   const std::set<std::string>&) mutable {
            if (who)
              answer.deliver(who);
            else
              answer.deliver(
                caf::make_error(errc::refused, std::string{"nobody is there"}));
          },
          [answer](caf::error& why) mutable {
            answer.deliver(std::move(why));
          });
      return answer;
    },
  };
}

} // namespace saker
