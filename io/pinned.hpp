#pragma once

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/init_fun_factory.hpp>
#include <caf/execution_unit.hpp>
#include <caf/infer_handle.hpp>
#include <caf/mailbox_element.hpp>

#include <utility>

namespace saker::io {

/// An actor that always runs on one execution unit, whoever sends to it: CAF
/// itself pins its brokers to the multiplexer in the same way.
template <class Base>
class pinned : public Base {
public:
  template <class... Ts>
  explicit pinned(caf::actor_config& cfg, Ts&&... xs)
    : Base(cfg, std::forward<Ts>(xs)...), home_(cfg.host) {
    // nop
  }

  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    Base::enqueue(std::move(what), home_);
  }

private:
  caf::execution_unit* home_;
};

/// Spawns the actor that the function `fun` describes, pinned to `home`: a
/// `loop` or a `pool`, which must outlive it. Without `home` it is an ordinary
/// actor (tests).
template <class F, class... Ts>
auto spawn_on(caf::execution_unit* home, caf::actor_system& sys, F fun,
              Ts&&... xs) -> caf::infer_handle_from_fun_t<F> {
  if (!home)
    return sys.spawn(fun, std::forward<Ts>(xs)...);
  using base = caf::infer_impl_from_fun_t<F>;
  caf::detail::init_fun_factory<base, F> factory;
  caf::actor_config cfg{home};
  cfg.init_fun = factory(std::move(fun), std::forward<Ts>(xs)...);
  return sys.spawn_class<pinned<base>, caf::no_spawn_options>(cfg);
}

} // namespace saker::io
