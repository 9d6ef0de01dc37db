#include "actors/far_audit.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

using session::audit_kind;

namespace {

constexpr std::string_view by_way_of = " via ";

std::string_view shortened_name(std::string_view x) {
  return x.substr(0, session::longest_audited_name);
}

/// `ann@10.0.0.1:4711 via n1`; of a script `script:x.lua via n1`.
void sign_from_afar(session::audit_entry& x, std::string_view from) {
  auto via = std::min(from.rfind(by_way_of), from.size());
  // Names may hold one too, addresses do not.
  auto script = from.starts_with("script:");
  auto at = script ? from.npos : from.substr(0, via).rfind('@');
  if (at == from.npos) {
    x.user = shortened_name(from.substr(0, via));
    x.address = shortened_name("lua" + std::string{from.substr(via)});
  } else {
    x.user = shortened_name(from.substr(0, at));
    x.address = shortened_name(from.substr(at + 1));
  }
}

session::audit_entry
far_entry(const command_call& what, const resp::command_info* row,
          session::moment now) {
  session::audit_entry x;
  x.at = now.wall;
  sign_from_afar(x, what.from);
  std::vector<std::string_view> words{what.what.args.begin(),
                                      what.what.args.end()};
  describe_call(x, row, words);
  return x;
}

audit_kind kind_of(const session::request& what) {
  if (!what.command)
    return session::audit_kind_of(what.needed);
  std::vector<std::string_view> words;
  if (session::is_weighty(what.command->right))
    words.assign(what.args.begin(), what.args.end());
  return session::audit_kind_of(*what.command, words);
}

} // namespace

std::shared_ptr<session::open_audits>
begin_far_audit(const session::shared_trail& trail, const command_call& what,
                session::moment now) {
  auto kind = trail ? kind_of(what.what) : audit_kind::none;
  if (kind == audit_kind::none)
    return nullptr;
  auto told = trail->takes(kind);
  // Who reaches some services only may be refused what only looks.
  auto judged = kind == audit_kind::look && what.what.services
                && trail->takes(audit_kind::refusal);
  if (!told && !judged)
    return nullptr;
  auto x = far_entry(what, what.what.command, now);
  if (told && !trail->admit(kind, x.user, now.steady))
    return nullptr;
  auto result = std::make_shared<session::open_audits>(trail);
  if (told)
    result->add(0, std::move(x));
  else
    result->add_look(0, std::move(x), now.steady);
  return result;
}

void tell_far_refusal(const session::shared_trail& trail,
                      const command_call& what, const failure& why,
                      session::moment now) {
  if (why.code != errc::not_permitted || !trail
      || !trail->takes(audit_kind::refusal))
    return;
  // Only scripts are asked for their right here, and CALL is taken off already.
  auto x = far_entry(what, nullptr, now);
  if (!trail->admit(audit_kind::refusal, x.user, now.steady))
    return;
  x.result = {session::audit_outcome::refused, "NOPERM"};
  trail->tell(std::move(x));
}

} // namespace saker
