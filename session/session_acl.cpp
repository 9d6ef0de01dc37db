// ACL, as far as it only tells: who changes users is the gateway.
#include "session/acl_replies.hpp"
#include "session/session.hpp"
#include "session/words.hpp"

namespace saker::session {

/// False: `what` is none of these.
bool session::tell_users(resp::command_id what, arguments args) {
  using id = resp::command_id;
  auto& users = *settings_->users;
  switch (what) {
    case id::acl_whoami: reply().bulk(user_->name()); break;
    case id::acl_cat: append_categories(reply(), args, aliases().get()); break;
    case id::acl_getuser: append_user(reply(), users, args[2]); break;
    case id::acl_genpass: append_password(reply(), args); break;
    case id::acl_log:
      append_denials(reply(), args, settings_->denials.get(), now_.wall);
      break;
    case id::acl_list: {
      auto out = reply();
      out.array(users.all().size());
      for (auto& x : users.lines())
        out.bulk(x);
      break;
    }
    case id::acl_users: {
      auto out = reply();
      out.array(users.all().size());
      for (auto& [name, _] : users.all())
        out.bulk(name);
      break;
    }
    default: return false;
  }
  return true;
}

/// What the text of rules does not say is asked of whoever has the services: who
/// is in a group now.
session::progress
session::dry_run(const resp::command_info& what, arguments args) {
  auto& users = *settings_->users;
  if (append_dry_run(reply(), users, args, aliases().get()))
    return progress::done;
  replied_ = nullptr;
  if (loads(resp::target::roster)) {
    if (patient_)
      return hold(held_for::services);
    reply_error(services_load);
    return progress::done;
  }
  destination where{resp::target::roster};
  if (!can_reach(where))
    return progress::blocked;
  auto call = args.subspan(3);
  auto& asked = send_on(where, what.id, &what, args);
  asked.services = acl::services_of(*users.find(args[2]),
                                    *resp::find_command(call[0]), call);
  return progress::done;
}

} // namespace saker::session
