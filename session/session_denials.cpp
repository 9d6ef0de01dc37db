// What a client may not do, and that ACL LOG hears of it.
#include "acl/service_calls.hpp"
#include "acl/service_channels.hpp"
#include "pubsub/glob.hpp"
#include "session/session.hpp"

#include <algorithm>

namespace saker::session {

namespace {

const std::string rules_changed
  = "NOPERM ACLs rules changed between the moment the transaction was "
    "accumulated and the EXEC call. This command is no longer allowed for the "
    "following reason: ";

} // namespace

/// For the end of a refusal: what a guest can do about it.
std::string_view session::hint_for_guests() const noexcept {
  if (user_->name() != "guest")
    return {};
  return "; you are guest, as all who connect from here but root and Saker's "
         "own user: be one of these, or AUTH default PASSWORD (`saker passwd` "
         "makes one)";
}

void session::deny(std::string_view name, const acl::verdict& why) {
  special_ = audit_kind::refusal;
  refusal_ = "NOPERM";
  note_denial(why.why == acl::denial::channel ? "channel" : "command",
              why.object, user_->name());
  if (running_)
    return reply_error(rules_changed
                       + std::string{why.why == acl::denial::channel
                                       ? "no permission to access one of the "
                                         "channels used as arguments to the "
                                         "command"
                                       : "no permission to execute the command "
                                         "or subcommand"});
  auto text = acl::refusal(why);
  if (!why.everybody)
    text += hint_for_guests();
  if (!why.everybody && acl::is_own_channel(why.object)
      && why.why == acl::denial::channel
      && acl::services_with(*user_, resp::right::none))
    text += "; it may reach some services only: write saker:*:NAME:* for "
            "events of one, log:*:NAME for its output";
  else if (why.why == acl::denial::channel && rights_.has(resp::right::control)
           && !rights_.has(resp::right::admin)
           && pubsub::glob_may_begin_with(why.object, acl::audit_channels))
    text += "; what audit:* tells is for users with the right admin only";
  refuse(name, text);
}

void session::note_denial(std::string_view reason, std::string_view object,
                          std::string_view user, bool in_transaction) {
  if (!settings_->denials)
    return;
  acl::denied x;
  x.reason = reason;
  x.context = in_transaction ? "multi" : "toplevel";
  x.object = object;
  x.user = user;
  x.at = now_.wall;
  x.client = to_line(figures(now_));
  settings_->denials->add(std::move(x));
}

/// Whoever is sent a command may refuse it: it knows which services a mask means.
/// Where nodes are named each of them may, and the answer is one of all.
void session::expect_verdict(request& what) {
  using resp::target;
  if (!settings_->denials
      || (what.target != target::roster && what.target != target::cluster))
    return;
  auto names_node = [](auto& x) { return x.find('@') != std::string::npos; };
  if (std::any_of(what.args.begin(), what.args.end(), names_node))
    what.refused = std::make_shared<refused_parts>();
  judged_elsewhere_.push_back(
    {what.id, user_->name(), running_ != nullptr, what.refused});
}

void session::note_verdict(request_id id, const resp::value& reply) {
  auto i = std::find_if(judged_elsewhere_.begin(), judged_elsewhere_.end(),
                        [id](auto& x) { return x.id == id; });
  if (i == judged_elsewhere_.end())
    return;
  auto asked = std::move(*i);
  judged_elsewhere_.erase(i);
  auto note = [&](std::string_view text, const std::string& node) {
    auto no = acl::refused_by_others(text);
    if (!no)
      return;
    if (no->reason == "key" && !node.empty())
      no->object += '@' + node;
    note_denial(no->reason, no->object, asked.user, asked.in_transaction);
  };
  if (asked.parts && !asked.parts->empty()) {
    for (auto& x : *asked.parts)
      note(x.reply, x.node);
  } else if (reply.is_error()) {
    note(reply.text(), {});
  }
}

} // namespace saker::session
