#include "actors/broker.hpp"
#include "actors/drain.hpp"
#include "actors/job.hpp"
#include "actors/journal.hpp"
#include "actors/keeper_link.hpp"
#include "actors/log.hpp"
#include "actors/log_interest.hpp"
#include "actors/writer.hpp"
#include "actors/writers.hpp"
#include "io/fd_watch.hpp"
#include "io/pinned.hpp"
#include "io/quiet_watch.hpp"
#include "node/clocks.hpp"
#include "node/runtime.hpp"

#include <caf/send.hpp>

#include <chrono>

/// What services, scripts and clients stand on: the journal, the keeper, the
/// output of children, publish and subscribe.
namespace saker::node {

journal_actor runtime::spawn_journal() {
  auto& kept = boot_.settings.journal;
  journal_links x;
  x.store = boot_.journal;
  x.sequencer = sequencer_;
  x.boot = boot_.held.welcome.boot_id;
  x.warn = warn_;
  x.events = history_;
  x.keep_events = kept.keep_events;
  x.keep_time = std::chrono::ceil<std::chrono::milliseconds>(kept.keep_time);
  x.node = boot_.settings.node;
  x.unix_ms = unix_ms;
  auto& audit = boot_.settings.audit;
  x.audits = audits_;
  x.keep_audits = audit.keep_entries;
  x.keep_audits_time
    = std::chrono::ceil<std::chrono::milliseconds>(audit.keep_time);
  return sys_.spawn<caf::detached>(journal, std::move(x));
}

keeper_link_actor runtime::spawn_keeper_link() {
  keeper_links x;
  x.channel = boot_.channel;
  x.watch = io::watch_fd(io_.context(), boot_.channel->fd());
  x.last_seq = 2;
  x.early = std::move(boot_.early);
  x.log = [this](link::log_level level, const std::string& text) {
    log_.from_keeper(level, text);
  };
  x.lost = [this](const std::string& why) {
    log_.error("the link to the keeper is lost: " + why
               + "; the node ends, and a living keeper starts it again");
    leave(0);
  };
  return io::spawn_on(&io_, sys_, keeper_link, std::move(x));
}

// -- the output of children ---------------------------------------------------

writer_actor runtime::spawn_writers() {
  writers_links x;
  x.make = [this](auto pulse) { return hire_writer(std::move(pulse)); };
  x.make_drain = [this] { return hire_drain(); };
  x.mounts = process::mount_table::read;
  x.warn = warn_;
  return sys_.spawn(writers, std::move(x));
}

/// A WRITER with a thread of its own.
file_writer_actor runtime::hire_writer(std::shared_ptr<writer_pulse> pulse) {
  auto* home = writer_threads_.add();
  if (!home)
    return {};
  writer_links x;
  x.watch = [home](int fd) { return io::watch_quietly(home->sockets(), fd); };
  x.warn = warn_;
  x.remember = [this](const std::string& key, std::uint64_t bytes) {
    caf::anon_send(keeper_, atom::send_v,
                   link::request{link::lost{key, bytes}});
  };
  x.pulse = std::move(pulse);
  return vital("writer", io::spawn_on(home, sys_, writer, std::move(x)));
}

drain_actor runtime::hire_drain() {
  auto* home = writer_threads_.add();
  if (!home)
    return {};
  drain_links x;
  x.watch = [home](int fd) { return io::watch_quietly(home->sockets(), fd); };
  x.runtime_dir = boot_.settings.runtime_dir.string();
  return io::spawn_on(home, sys_, drain, std::move(x));
}

log_interest_actor runtime::spawn_log_interest() {
  log_interest_links x;
  x.start = [this](const std::string& key, const std::string& channel) {
    return io::spawn_on(&io_, sys_, saker::log,
                        log_links{key, channel, writers_, broker_});
  };
  return io::spawn_on(&io_, sys_, log_interest, std::move(x));
}

// -- for clients, scripts and services ----------------------------------------

mesh_broker_actor runtime::spawn_broker() {
  broker_links x;
  x.turn = &io_;
  x.figures = &figures_;
  x.log_interest = [this](const pubsub::topic_change& what) {
    caf::anon_send(log_interest_, atom::change_v, what);
  };
  x.interest = boot_.settings.cluster.interest;
  x.monitored = monitored_;
  return io::spawn_on(&io_, sys_, broker, std::move(x));
}

job_actor runtime::spawn_job() {
  job_links x;
  x.keeper = keeper_;
  x.writer = writers_;
  x.numbers = &numbers_;
  x.environment = environment_;
  x.watch = [this](int fd) { return io::watch_fd(io_.context(), fd); };
  return io::spawn_on(&io_, sys_, job, std::move(x));
}

} // namespace saker::node
