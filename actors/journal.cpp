#include "actors/journal.hpp"

#include "messages/error.hpp"

namespace saker {

caf::result<bool> journal_state::want(const wanted_list& what) {
  return answer(links.store->want(what));
}

caf::result<bool> journal_state::forget(const std::vector<std::string>& names) {
  return answer(links.store->forget(names));
}

void journal_state::reserve(std::uint64_t until) {
  if (auto ok = links.store->reserve(until)) {
    links.sequencer->reserved_until(until);
  } else {
    links.sequencer->reservation_failed();
    links.warn(ok.error().detail
               + ": event ids stop following the clock until "
                 "this works again");
  }
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
    [self](atom::forget, const std::vector<std::string>& names) {
      return self->state.forget(names);
    },
    [self](atom::reserve, std::uint64_t until) { self->state.reserve(until); },
  };
}

} // namespace saker
