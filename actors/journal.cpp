#include "actors/journal.hpp"

#include "messages/error.hpp"

namespace saker {

caf::result<bool> journal_state::want(const wanted_list& what) {
  return answer(links.store->want(what));
}

caf::result<bool> journal_state::set(const setting_list& what) {
  return answer(links.store->set(what));
}

caf::result<bool> journal_state::forget(const std::vector<std::string>& names) {
  return answer(links.store->forget(names));
}

void journal_state::reserve(const supervision::reservation& what) {
  auto ok = links.store->reserve(links.boot, what);
  if (ok) {
    links.sequencer->reserved(what);
  } else {
    links.sequencer->reservation_failed();
    if (!reserve_fails_) // once: it is asked again with each event
      links.warn(ok.error().detail
                 + ": until this works again event ids may go back when the "
                   "machine starts again with a wrong clock");
  }
  reserve_fails_ = !ok;
}

caf::result<bool> journal_state::answer(const result<void>& how) {
  if (how)
    return true;
  links.warn(how.error().detail);
  return to_error(how.error());
}

journal_actor::behavior_type
journal(journal_actor::stateful_pointer<journal_state> self,
        journal_links links) {
  self->state.links = std::move(links);
  return {
    [self](atom::want, const wanted_list& what) {
      return self->state.want(what);
    },
    [self](atom::want, const setting_list& what) {
      return self->state.set(what);
    },
    [self](atom::forget, const std::vector<std::string>& names) {
      return self->state.forget(names);
    },
    [self](atom::reserve, const supervision::reservation& what) {
      self->state.reserve(what);
    },
  };
}

} // namespace saker
