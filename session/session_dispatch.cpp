// Who answers a command.
#include "session/command_replies.hpp"
#include "session/help.hpp"
#include "session/server_replies.hpp"
#include "session/session.hpp"
#include "session/shutdown_words.hpp"
#include "session/without_data.hpp"

namespace saker::session {

session::progress
session::dispatch(const resp::command_info& what, arguments args) {
  using id = resp::command_id;
  switch (what.id) {
    case id::ping: ping(args); break;
    case id::echo: reply().bulk(args[1]); break;
    case id::time: time(); break;
    case id::select: select(args[1]); break;
    case id::quit: quit(); break;
    case id::hello: return hello(args);
    case id::auth: return auth(args);
    case id::reset: return reset();
    case id::client_id: reply().integer(static_cast<std::int64_t>(id_)); break;
    case id::client_getname:
      name_.empty() ? reply().null() : reply().bulk(name_);
      break;
    case id::client_setname: client_setname(args[2]); break;
    case id::client_setinfo: client_setinfo(args); break;
    case id::publish: return publish(subscription_kind::channel, args);
    case id::debug: return debug(what, args);
    case id::spublish: return publish(subscription_kind::shard, args);
    case id::subscribe:
      return subscribe_to(subscription_kind::channel, args.subspan(1));
    case id::psubscribe:
      return subscribe_to(subscription_kind::pattern, args.subspan(1));
    case id::ssubscribe:
      return subscribe_to(subscription_kind::shard, args.subspan(1));
    case id::unsubscribe:
      return unsubscribe_from(subscription_kind::channel, args.subspan(1));
    case id::punsubscribe:
      return unsubscribe_from(subscription_kind::pattern, args.subspan(1));
    case id::sunsubscribe:
      return unsubscribe_from(subscription_kind::shard, args.subspan(1));
    case id::call: return call(args.subspan(1));
    case id::shutdown:
      // Here, as it is told as begun once it is sent on.
      if (keeps_services(args.subspan(1)))
        return forward(what, args);
      reply_error("ERR " + std::string{no_words_of_shutdown});
      break;
    case id::help:
      append_help(reply(), args.subspan(1), aliases().get());
      break;
    case id::command: append_command_info(reply(), {}, aliases().get()); break;
    case id::command_info:
      append_command_info(reply(), args.subspan(2), aliases().get());
      break;
    case id::command_docs:
      append_command_docs(reply(), args.subspan(2), aliases().get());
      break;
    case id::command_count:
      append_command_count(reply(), aliases().get());
      break;
    case id::command_list:
      append_command_list(reply(), args.subspan(2), aliases().get());
      break;
    case id::command_getkeys:
      append_command_keys(reply(), args.subspan(2), aliases().get(), false);
      break;
    case id::command_getkeysandflags:
      append_command_keys(reply(), args.subspan(2), aliases().get(), true);
      break;
    default:
      return what.target == resp::target::local ? dispatch_rare(what, args)
                                                : forward(what, args);
  }
  return progress::done;
}

/// What is never called a thousand times a second.
session::progress
session::dispatch_rare(const resp::command_info& what, arguments args) {
  using id = resp::command_id;
  switch (what.id) {
    case id::exec:
      if (args.size() > 1)
        return call(args.subspan(1));
      exec(args[0]);
      break;
    case id::multi: multi(); break;
    case id::discard: discard(); break;
    case id::watch: watch(); break;
    case id::unwatch: reply_ok(); break;
    case id::client_info: client_info(args); break;
    case id::client_reply: client_reply(args[2]); break;
    case id::monitor: return monitor();
    case id::slowlog_get: slowlog_get(args); break;
    case id::slowlog_len: slowlog_len(); break;
    case id::slowlog_reset: slowlog_reset(); break;
    case id::client_tracking: client_tracking(args.subspan(2)); break;
    case id::client_caching: client_caching(args[2]); break;
    case id::client_trackinginfo: tracked().append_info(reply()); break;
    case id::client_getredir: reply().integer(tracked().redirect()); break;
    case id::client_no_evict: client_no_evict(args[2]); break;
    case id::acl_dryrun: return dry_run(what, args);
    case id::acl_help:
    case id::client_help:
    case id::command_help:
    case id::config_help:
    case id::function_help:
    case id::latency_help:
    case id::node_help:
    case id::pubsub_help:
    case id::script_help:
    case id::slowlog_help:
    case id::memory_help:
    case id::module_help:
    case id::object_help:
      append_subcommand_help(reply(), *resp::find_command(args[0]));
      break;
    default: {
      if (tell_users(what.id, args))
        break;
      auto out = reply();
      if (!append_without_data(out, what.id, args))
        append_server_reply(out, what.id, args, *settings_);
    }
  }
  return progress::done;
}

} // namespace saker::session
