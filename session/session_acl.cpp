// ACL, as far as it only tells: who changes users is the gateway.
#include "session/acl_replies.hpp"
#include "session/session.hpp"

namespace saker::session {

/// False: `what` is none of these.
bool session::tell_users(resp::command_id what, arguments args) {
  using id = resp::command_id;
  auto& users = *settings_->users;
  switch (what) {
    case id::acl_whoami: reply().bulk(user_->name()); break;
    case id::acl_cat: append_categories(reply(), args, aliases().get()); break;
    case id::acl_getuser: append_user(reply(), users, args[2]); break;
    case id::acl_dryrun:
      append_dry_run(reply(), users, args, aliases().get());
      break;
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

} // namespace saker::session
