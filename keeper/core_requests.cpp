#include "base/text.hpp"
#include "keeper/clock.hpp"
#include "keeper/core.hpp"
#include "process/ladder.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>

#include <unistd.h>

namespace saker::keeper {

namespace {

link::answer refuse(failure why) {
  return link::refused{std::move(why)};
}

link::answer answer_to(const result<void>& x) {
  return x ? link::answer{link::done{}} : refuse(x.error());
}

} // namespace

// -- requests -----------------------------------------------------------------

bool core::on_request(std::uint64_t seq, result<link::request> what) {
  attention_.heard(steady_now());
  if (!what) {
    port_->reply(seq, refuse(what.error()));
    return true;
  }
  if (std::holds_alternative<link::list>(*what) && greeted_) {
    list_ = listing{seq, {}, 0};
    listed_ = false;
    return continue_list();
  }
  if (!std::holds_alternative<link::hello>(*what) && !listed_) {
    auto early = greeted_ ? "LIST must come first" : "HELLO must come first";
    port_->reply(seq, refuse(fail(errc::loading, early)));
    return true;
  }
  if (auto x = std::get_if<link::listen>(&*what)) {
    listen(seq, *x);
    return true;
  }
  auto answer = carry_out(*what);
  save();
  if (port_)
    port_->reply(seq, std::move(answer));
  return port_ != nullptr;
}

link::answer core::carry_out(const link::request& what) {
  struct visitor {
    core& to;

    link::answer operator()(const link::hello& x) {
      return to.greet(x);
    }

    link::answer operator()(const link::ready&) {
      to.ready();
      return link::done{};
    }

    link::answer operator()(const link::spawn& x) {
      return to.spawn(x);
    }

    link::answer operator()(const link::adopt& x) {
      return to.adopt(x);
    }

    link::answer operator()(const link::signal& x) {
      return to.send_signal(x);
    }

    link::answer operator()(const link::note& x) {
      auto done = to.rows_.note(x.key, x.bytes);
      to.drop_output_of(x.key);
      return answer_to(done);
    }

    link::answer operator()(const link::lost& x) {
      to.outputs_.set_lost(x.key, x.bytes);
      return link::done{};
    }

    link::answer operator()(const link::forget& x) {
      auto done = to.rows_.forget(x.key);
      to.drop_output_of(x.key);
      return done ? link::answer{link::done{}} : refuse(done.error());
    }

    link::answer operator()(const link::seen& x) {
      to.rows_.seen(x.key, x.spawn_id);
      return link::done{};
    }

    link::answer operator()(const link::ack& x) {
      to.rows_.acknowledge(x.key, x.spawn_id);
      to.drop_output_of(x.key);
      return link::done{};
    }

    link::answer operator()(const link::unlisten& x) {
      to.listeners_.unlisten(x.address);
      return link::done{};
    }

    link::answer operator()(const link::shutdown& x) {
      return to.part(x);
    }

    link::answer operator()(const link::list&) { // on_request
      return refuse(fail(errc::loading, "HELLO must come first"));
    }

    link::answer operator()(const link::listen&) { // on_request
      return refuse(fail(errc::unsupported));
    }
  };
  return std::visit(visitor{*this}, what);
}

link::answer core::greet(const link::hello& what) {
  greeted_ = true;
  link::welcome x;
  x.version = std::min(what.version, link::language_version);
  x.keeper_pid = ::getpid();
  x.since = since_;
  x.safe_mode = rules_.safe_mode();
  x.restarts = starts_ - 1;
  x.last_spawn_id = rows_.last_spawn_id();
  x.boot_id = process::to_string(process::this_boot());
  return x;
}

/// It has asked for all that it wants.
void core::ready() {
  never_ready_ = false;
  rules_.ready(steady_now());
  for (auto& address : listeners_.close_unwanted())
    log_.notice("closed " + printable(address)
                + ": the node before listened there, this one does not");
}

/// Whether children are taken at all, and under that ladder.
result<void> core::may_take(const std::string& stop) const {
  if (phase_ == phase::parting || phase_ == phase::stopping)
    return fail(errc::refused, "the keeper is about to end");
  if (auto ladder = process::parse_ladder(stop); !ladder)
    return ladder.error();
  return {};
}

link::answer core::spawn(const link::spawn& what) {
  if (auto may = may_take(what.stop); !may)
    return refuse(may.error());
  auto sockets = listeners_.lend(what.sockets);
  if (!sockets)
    return refuse(sockets.error());
  auto row = rows_.start(what, boot_now());
  if (!row)
    return refuse(row.error());
  save(); // before the fork
  children_.enqueue(**row, what.what, what.start_timeout, std::move(*sockets));
  return link::done{};
}

link::answer core::adopt(const link::adopt& what) {
  if (auto may = may_take(what.stop); !may)
    return refuse(may.error());
  auto pid = static_cast<pid_t>(what.pid);
  auto text = "pid " + std::to_string(pid);
  if (pid == ::getpid() || pid == node_.pid())
    return refuse(fail(errc::refused, text + " is Saker itself"));
  auto found = process::open_process(pid);
  if (!found)
    return refuse(found.error());
  if (found->who.start_time != what.start_time)
    return refuse(fail(errc::not_found, text + " is another process by now"));
  if (what.needs == link::proof::kin
      && !children_.is_kin({what.key, what.spawn_id}, pid))
    return refuse(fail(errc::refused, text
                                        + " does not descend from what was "
                                          "started"));
  auto row = rows_.adopt(what, found->who);
  if (!row)
    return refuse(row.error());
  save(); // before it is signalled for the first time
  children_.take(**row, std::move(found->pidfd));
  return link::done{};
}

link::answer core::send_signal(const link::signal& what) {
  auto row = rows_.find(what.key);
  if (!row || !row->living())
    return refuse(fail(errc::not_found, what.key + " has no living child"));
  return answer_to(children_.signal(*row, what.number, what.group));
}

void core::listen(std::uint64_t seq, const link::listen& what) {
  auto made = listeners_.listen(what);
  if (!made)
    return port_->reply(seq, refuse(made.error()));
  std::vector<unique_fd> fds;
  fds.push_back(std::move(made->first));
  port_->reply(seq, link::listening{1, made->second}, std::move(fds));
}

/// A row that is gone needs its FIFOs no more.
void core::drop_output_of(const std::string& key) {
  if (!rows_.find(key))
    outputs_.drop(key);
}

void core::save() {
  auto what = rows_.take_changes();
  if (what.slots.empty() && !what.header)
    return;
  if (auto done = file_.save(rows_, what); !done && !save_failed_) {
    save_failed_ = true; // once: it will not get better
    log_.error("the table cannot be written, a new keeper would not find "
               "the children: "
               + done.error().detail);
  }
}

} // namespace saker::keeper
