// Who did what, for those who ask.
#include "session/audit_trail.hpp"
#include "session/session.hpp"

namespace saker::session {

namespace {

/// Of peers whose user the kernel does not know.
constexpr std::uint32_t no_uid = 0xffffffff;

/// Nobody waits for its answer, and the node ends with it.
bool never_answers(const resp::command_info* what) noexcept {
  return what && what->target == resp::target::node;
}

/// Whoever has the services may refuse it, as this user may reach some only.
bool is_judged_elsewhere(const acl::user& who, const resp::command_info* what,
                         std::span<const std::string_view> args) {
  return what && what->target == resp::target::roster
         && acl::services_of(who, *what, args) != nullptr;
}

} // namespace

const std::string& session::person() const noexcept {
  if (id_ == 0)
    return peer_.address;
  auto known = user_->name() == "default" && peer_.via_unix;
  return known && !peer_.user.empty() ? peer_.user : user_->name();
}

/// The present command was carried out, sent on or refused. `what` is null for a
/// command of a script.
void session::audit(const resp::command_info* what, arguments args) {
  auto& trail = settings_->audit;
  auto kind = special_;
  auto by_script = kind == audit_kind::none && !last_command_;
  if (by_script)
    kind = audit_kind_of(last_alias_right_);
  else if (kind == audit_kind::none && what)
    kind = audit_kind_of(*what, args);
  auto told = trail->takes(kind);
  auto judged = !told && delegated_ && kind == audit_kind::look
                && trail->takes(audit_kind::refusal)
                && is_judged_elsewhere(*user_, what, args);
  if (told ? !trail->admit(kind, person(), now_.steady) : !judged)
    return;
  auto x = signed_entry();
  describe_call(x, what, args);
  if (by_script && what && !x.args.empty())
    x.args.erase(x.args.begin()); // CALL and the name
  if (by_script)
    x.command = last_alias_;
  if (kind == audit_kind::refusal) {
    x.result = {audit_outcome::refused, std::string{refusal_}};
    if (refusal_ == "WRONGPASS")
      x.user = tried_user_;
  } else if (delegated_ && !never_answers(what)) {
    if (!audits_)
      audits_ = std::make_shared<open_audits>(trail);
    if (!told)
      return audits_->add_look(last_id_, std::move(x), now_.steady);
    return audits_->add(last_id_, std::move(x));
  } else if (delegated_) {
    x.result.outcome = audit_outcome::begun;
  } else if (replied_with_error()) {
    x.result
      = result_of_error(std::string_view{*replied_}.substr(replied_from_ + 1));
  }
  trail->tell(std::move(x));
}

/// Whoever shows a certificate needs no command to come in.
void session::audit_certificate() {
  auto& trail = settings_->audit;
  if (user_->name() != peer_.certificate || !trail->takes(audit_kind::login)
      || !trail->admit(audit_kind::login, person(), now_.steady))
    return;
  auto x = signed_entry();
  x.command = "certificate";
  trail->tell(std::move(x));
}

audit_entry session::signed_entry() const {
  audit_entry x;
  x.at = now_.wall;
  x.user = authenticated_ ? person() : std::string{};
  x.address = id_ == 0 ? "lua" : peer_.address;
  x.client = id_;
  if (id_ != 0 && peer_.uid != no_uid)
    x.uid = peer_.uid;
  return x;
}

} // namespace saker::session
