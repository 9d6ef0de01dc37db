#include "node/runtime.hpp"

#include "actors/basp.hpp"
#include "actors/broker.hpp"
#include "actors/cluster.hpp"
#include "actors/command_route.hpp"
#include "actors/drain.hpp"
#include "actors/event_text.hpp"
#include "actors/finder.hpp"
#include "actors/gateway.hpp"
#include "actors/job.hpp"
#include "actors/journal.hpp"
#include "actors/librarian.hpp"
#include "actors/log.hpp"
#include "actors/log_interest.hpp"
#include "actors/overrides.hpp"
#include "actors/roster.hpp"
#include "actors/sampler.hpp"
#include "actors/script.hpp"
#include "actors/starter.hpp"
#include "actors/system_info.hpp"
#include "actors/vital.hpp"
#include "actors/writer.hpp"
#include "actors/writers.hpp"
#include "base/text.hpp"
#include "config/trusted_path.hpp"
#include "io/http_post.hpp"
#include "io/loop.hpp"
#include "io/pinned.hpp"
#include "io/pool.hpp"
#include "io/quiet_watch.hpp"
#include "lua/modules.hpp"
#include "messages/error.hpp"
#include "node/boot.hpp"
#include "node/clocks.hpp"
#include "node/cluster.hpp"
#include "node/log.hpp"
#include "node/writer_threads.hpp"
#include "process/proc_limits.hpp"
#include "session/slow_log.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include <sys/resource.h>

extern char** environ;

namespace saker::node {

namespace {

using namespace std::chrono_literals;

constexpr auto saker_version = "0.1.0";

struct system_config : caf::actor_system_config {
  explicit system_config(bool linked) {
    if (linked)
      load_basp(*this);
    // Work stealing, CAF's default, wakes an idle node 200 times a second.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads",
        std::max<std::size_t>(2, std::thread::hardware_concurrency()));
    set("scheduler.max-throughput", std::size_t{100});
    set("logger.file-verbosity", caf::atom("quiet"));
    set("logger.console-verbosity", caf::atom("quiet"));
    add_message_types<caf::id_block::saker>();
    add_error_category(caf::atom("saker"),
                       [](std::uint8_t code, caf::atom_value category,
                          const caf::message& context) {
                         return saker::render(code, category, context);
                       });
  }
};

supervision::duration boot_offset() {
  return read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC);
}

std::vector<std::string> own_environment() {
  std::vector<std::string> all;
  for (auto x = environ; *x; ++x)
    all.emplace_back(*x);
  return all;
}

std::string random_hex(std::size_t digits) {
  std::random_device source;
  std::string text;
  while (text.size() < digits) {
    char part[9];
    std::snprintf(part, sizeof(part), "%08x", source());
    text += part;
  }
  text.resize(digits);
  return text;
}

session::shared_settings
session_settings(const config::settings& from,
                 std::shared_ptr<command_directory> directory,
                 const node_figures& figures,
                 std::shared_ptr<const std::atomic<bool>> monitored) {
  auto x = std::make_shared<session::settings>();
  x->auth_delay = 100ms;
  x->denials = std::make_shared<acl::denial_log>();
  x->requests.bulk = from.limits.bulk;
  x->query_buffer = from.limits.query_buffer;
  x->open_commands = from.limits.open_commands;
  x->channel_name = from.limits.channel_name;
  x->subscriptions = from.limits.subscriptions;
  x->guest_subscriptions = from.limits.guest_subscriptions;
  x->reply_pause = from.limits.reply_pause;
  x->started = std::chrono::system_clock::now();
  x->slow = std::make_shared<session::slow_log>(10ms, 128);
  x->monitored = std::move(monitored);
  x->aliases = [directory] { return directory->aliases(); };
  x->loading = [&figures](resp::target what) {
    return (what == resp::target::roster ? figures.loading_services
                                         : figures.loading_scripts)
             .get()
           != 0;
  };
  return x;
}

/// The actors of a node and what they stand on. Built once, in the order of
/// the members; ended by `leave`.
class runtime {
public:
  runtime(boot from, const node::log& log)
    : boot_(std::move(from)), log_(log),
      cfg_(boot_.settings.cluster.listen.has_value()), sys_(cfg_), io_(sys_),
      writers_(sys_), scripts_(sys_, boot_.settings.scripts.threads),
      chores_(sys_, boot_.settings.scripts.blocking_threads) {
    numbers_.at_least(boot_.held.welcome.last_spawn_id);
    sequencer_ = std::make_shared<supervision::sequencer>(
      boot_.ids_found, boot_.ids_held,
      [this](const supervision::reservation& x) {
        caf::anon_send(journal_, atom::reserve_v, x);
      },
      since_boot_ms);
    history_ = std::make_shared<supervision::history_queue>(
      supervision::history_queue::usual_size,
      [this] { caf::anon_send(journal_, atom::pump_v); });
  }

  int run() {
    spawn_base();
    spawn_clients();
    spawn_scripts();
    spawn_cluster();
    begin();
    io_.run();
    writers_.abandon(2s);
    return status_;
  }

private:
  void spawn_base() {
    auto warn = [this](const std::string& x) { log_.warn(x); };
    drift_ = sys_.spawn<caf::detached>(drift, boot_.drift);
    auto& kept = boot_.settings.journal;
    journal_ = core(
      "journal",
      sys_.spawn<caf::detached>(
        journal, journal_links{
                   boot_.journal, sequencer_, boot_.held.welcome.boot_id, warn,
                   history_, kept.keep_events,
                   std::chrono::ceil<std::chrono::milliseconds>(kept.keep_time),
                   boot_.settings.node, unix_ms}));
    keeper_ = core(
      "link to the keeper",
      io::spawn_on(
        &io_, sys_, keeper_link,
        keeper_links{
          boot_.channel, io::watch_fd(io_.context(), boot_.channel->fd()), 2,
          std::move(boot_.early),
          [this](link::log_level level, const std::string& text) {
            log_.from_keeper(level, text);
          },
          [this](const std::string& why) {
            log_.error("the link to the keeper is lost: " + why
                       + "; the node ends, and a living keeper starts "
                         "it again");
            leave(0);
          }}));
    writer_ = core(
      "writers",
      sys_.spawn(writers, writers_links{[this](auto pulse) {
                                          return hire(std::move(pulse));
                                        },
                                        [this] { return make_drain(); },
                                        process::mount_table::read, warn}));
    broker_ = core(
      "broker",
      io::spawn_on(&io_, sys_, broker,
                   broker_links{&io_, &figures_,
                                [this](const pubsub::topic_change& x) {
                                  caf::anon_send(log_interest_, atom::change_v,
                                                 x);
                                },
                                boot_.settings.cluster.interest, monitored_}));
    log_interest_ = io::spawn_on(
      &io_, sys_, log_interest,
      log_interest_links{
        [this](const std::string& key, const std::string& channel) {
          return io::spawn_on(&io_, sys_, saker::log,
                              log_links{key, channel, writer_, broker_});
        }});
  }

  /// The rest of a node is of little use without this one.
  template <class Handle>
  Handle core(const char* name, Handle who) {
    return vital(std::move(who), [this, name] {
      log_.error(std::string{"the "} + name
                 + " of this node ended by a fault, which the lines before "
                   "name; the node ends too, and the keeper starts it again. "
                   "This is an error of Saker: please report it");
      leave(70);
    });
  }

  /// A WRITER with a thread of its own.
  file_writer_actor hire(std::shared_ptr<writer_pulse> pulse) {
    auto* home = writers_.add();
    if (!home)
      return {};
    return core(
      "writer",
      io::spawn_on(
        home, sys_, writer,
        writer_links{
          [home](int fd) { return io::watch_quietly(home->sockets(), fd); },
          [this](const std::string& x) { log_.warn(x); },
          [this](const std::string& key, std::uint64_t bytes) {
            caf::anon_send(keeper_, atom::send_v,
                           link::request{link::lost{key, bytes}});
          },
          std::move(pulse)}));
  }

  drain_actor make_drain() {
    auto* home = writers_.add();
    if (!home)
      return {};
    return io::spawn_on(home, sys_, drain,
                        drain_links{[home](int fd) {
                                      return io::watch_quietly(home->sockets(),
                                                               fd);
                                    },
                                    boot_.settings.runtime_dir.string()});
  }

  void spawn_clients() {
    auto& settings = boot_.settings;
    links_ = std::make_shared<connection_links>();
    links_->settings = session_settings(settings, directory_, figures_,
                                        monitored_);
    links_->live->limits = settings.limits;
    links_->broker = broker_;
    links_->script = [d = directory_](const std::string& name) {
      return d->script(name);
    };
    links_->figures = &figures_;
    system_info_links machine;
    machine.chores = &chores_;
    machine.ask = answer_sysinfo;
    links_->system = caf::actor_cast<command_actor>(
      io::spawn_on(&io_, sys_, system_info, std::move(machine)));
    gateway_ = core(
      "gateway",
      io::spawn_on(
        &io_, sys_, gateway,
        gateway_links{
          links_, identity(), boot_.parameters,
          [this](unique_fd socket, io::listener_events events) {
            return io::listen_on(io_, std::move(socket), std::move(events));
          },
          [this](session::peer who, std::uint64_t id, unique_fd socket) {
            return connect(std::move(who), id, std::move(socket));
          },
          [this](const std::string& x) { log_.warn(x); }, describe_peer, drift_,
          sys_.spawn<caf::detached>(overrides,
                                    config::overrides_file(settings.state_dir)),
          [this](const session::parameters& x) { use(x); },
          std::any_of(settings.listen.begin(), settings.listen.end(),
                      [](auto& x) { return !x.loopback(); })}));
    links_->gateway = caf::actor_cast<command_actor>(gateway_);
  }

  /// What CONFIG SET changed, apart from clients.
  void use(const session::parameters& x) {
    // As long as nobody says anything else, the configuration counts: it knows
    // more levels than Redis.
    if (log_level_.empty())
      log_level_ = session::parameters{boot_.settings}.text("loglevel");
    if (x.text("loglevel") != std::exchange(log_level_, x.text("loglevel")))
      log_.level(x.log_level());
  }

  connection_actor
  connect(session::peer who, std::uint64_t id, unique_fd socket) {
    auto fd = std::make_shared<unique_fd>(std::move(socket));
    return io::spawn_on(
      &io_, sys_, connection, shared_links{links_}, std::move(who), id,
      stream_factory{[this, fd](io::stream_events events) {
        return io::open_stream(io_, std::move(*fd), std::move(events));
      }});
  }

  node_identity identity() const {
    node_identity x;
    x.name = boot_.settings.node;
    x.saker_version = saker_version;
    x.redis_version = links_->settings->version;
    x.run_id = random_hex(40);
    x.config_file = boot_.settings.file.string();
    for (auto& where : boot_.settings.listen)
      if (where.is_tcp() && x.tcp_port == 0)
        x.tcp_port = where.port;
    x.keeper_pid = boot_.held.welcome.keeper_pid;
    x.node_restarts = boot_.held.welcome.restarts;
    x.safe_mode = boot_.held.welcome.safe_mode;
    x.started = std::chrono::steady_clock::now();
    return x;
  }

  job_actor spawn_job() {
    return io::spawn_on(
      &io_, sys_, job,
      job_links{keeper_, writer_, &numbers_, environment_,
                [this](int fd) { return io::watch_fd(io_.context(), fd); }});
  }

  void spawn_scripts() {
    auto& settings = boot_.settings.scripts;
    auto shared = std::make_shared<script_links>();
    shared->connections = links_;
    shared->job = [this] { return spawn_job(); };
    shared->log = [this](lua::log_level level, const std::string& text) {
      log_.from_script(level, text);
    };
    shared->options.engine.offers = lua::profile::script;
    shared->options.engine.memory = settings.memory;
    shared->options.engine.path = lua::text_path(settings.path,
                                                 settings.dir.string());
    shared->options.engine.cpath = lua::compiled_path(settings.cpath,
                                                      settings.dir.string());
    shared->options.engine.trusted = [](const std::string& file) {
      return config::trusted_path(file);
    };
    shared->options.allowed = {0, settings.time};
    shared->options.interval = settings.interval;
    shared->options.timers = settings.timers;
    shared->options.subscriptions = settings.subscriptions;
    shared->mail = {settings.messages, settings.message_memory};
    shared->emit = [this](const std::string& file, const std::string& name,
                          const std::string& json) {
      return emit(file, name, json);
    };
    shared->threads = &scripts_;
    shared->chores = &chores_;
    librarian_ = core(
      "librarian",
      sys_.spawn<caf::detached>(
        librarian,
        librarian_links{
          settings.dir, settings.watch, settings.interval, directory_,
          [this, shared](std::string file) {
            return io::spawn_on(&io_, sys_, script, shared_script_links{shared},
                                std::move(file));
          },
          [this](const std::string& x) { log_.info(x); },
          [this](const std::string& x) { log_.warn(x); },
          [dir = settings.dir](std::vector<std::string>& errors) {
            std::vector<std::pair<std::string, std::string>> found;
            for (auto& x : read_sources(dir, errors, true))
              found.emplace_back(
                std::filesystem::path{x.path}.filename().string(),
                std::move(x.text));
            return found;
          }}));
    links_->librarian = caf::actor_cast<command_actor>(librarian_);
  }

  /// Any thread. Whoever never tells a server has no threads for it.
  void
  post(io::http_order what, std::function<void(const result<void>&)> done) {
    std::call_once(first_post_, [this] {
      constexpr std::size_t at_once = 4;
      posters_.emplace(sys_, at_once);
    });
    posters_->run([what = std::move(what), done = std::move(done)] {
      done(io::http_post(what));
    });
  }

  finder_actor spawn_finder() {
    auto hands = std::make_shared<process::daemon_search>(
      static_cast<pid_t>(boot_.held.welcome.keeper_pid));
    return sys_.spawn<caf::detached>(
      finder, finder_links{[hands](const process::daemon_rule& x) {
                             return hands->by_pidfile(x);
                           },
                           [hands](const std::vector<process::daemon_rule>& x) {
                             return hands->by_match(x);
                           },
                           [] { return std::chrono::steady_clock::now(); }});
  }

  void spawn_cluster() {
    auto& settings = boot_.settings.cluster;
    cluster_links links;
    links.self
      = {boot_.settings.node, random_hex(32), {}, saker_version, ::getpid()};
    connect_cluster(settings, boot_.secrets, io_, links);
    peer_links shared;
    shared.node = boot_.settings.node;
    shared.broker = broker_;
    if (settings.listen)
      shared.basp = sys_.spawn(basp, std::uint16_t{1});
    shared.carrier = [this](session::request& what) {
      return carrier_here(*links_, boot_.settings.node, what);
    };
    shared.heartbeat = settings.heartbeat;
    shared.dead_after = settings.dead_after;
    shared.backlog = settings.backlog;
    shared.warn = [this](const std::string& x) { log_.warn(x); };
    links.peer = [this, shared](const cluster_actor& from, peer_beginning how) {
      auto with = shared;
      with.cluster = from;
      return io::spawn_on(&io_, sys_, peer, std::move(with), std::move(how));
    };
    links.carrier = shared.carrier;
    links.unix_ms = unix_ms;
    links.random = [] {
      static std::mt19937 engine{std::random_device{}()};
      return std::uniform_real_distribution<double>{0, 1}(engine);
    };
    links.say = [this](const std::string& x) { log_.info(x); };
    links.warn = shared.warn;
    links.leave = [this] { leave(0); };
    cluster_ = core(
      "cluster", io::spawn_on(&io_, sys_, cluster_of_nodes, std::move(links)));
    links_->cluster = caf::actor_cast<command_actor>(cluster_);
  }

  /// An event of a script's own.
  std::string emit(const std::string& file, const std::string& name,
                   const std::string& json) {
    auto at = unix_ms();
    auto id = sequencer_->next(static_cast<std::uint64_t>(at));
    auto& node = boot_.settings.node;
    caf::anon_send(broker_, atom::emit_v,
                   script_event_channel(node, file, name),
                   std::make_shared<const std::string>(
                     script_event_payload(node, file, name, json, id, at)));
    return to_string(id);
  }

  settled_actor spawn_services() {
    auto reading = io::spawn_on(&scripts_, sys_, definitions, boot_.reader);
    auto shared = std::make_shared<supervisor_links>();
    shared->keeper = keeper_;
    shared->broker = broker_;
    shared->writer = writer_;
    shared->log_interest = log_interest_;
    shared->job = [this] { return spawn_job(); };
    shared->finder = spawn_finder();
    shared->post = [this](io::http_order what, auto done) {
      post(std::move(what), std::move(done));
    };
    shared->sequencer = sequencer_;
    shared->history = history_;
    shared->world = {&numbers_, &restarts_, real_wall_clock()};
    shared->node = boot_.settings.node;
    shared->state_dir = boot_.settings.state_dir.string();
    shared->environment = environment_;
    shared->keeper_version = boot_.held.welcome.version;
    shared->unix_ms = unix_ms;
    shared->boot_offset = boot_offset();
    shared->warn = [this](const std::string& x) { log_.warn(x); };
    shared->log = [this](link::log_level level, const std::string& text) {
      log_.at(level, text);
    };
    roster_links links;
    links.supervisors = shared;
    links.journal = journal_;
    links.definitions = reading;
    links.librarian = librarian_;
    links.sampler = sys_.spawn<caf::detached>(
      sampler, sampler_links{process::take_snapshot,
                             static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)),
                             [this](const process::tree_usage& x) {
                               figures_.services_rss.set(
                                 static_cast<std::int64_t>(x.rss));
                               figures_.services_processes.set(x.processes);
                               figures_.services_cpu.set(
                                 static_cast<std::int64_t>(x.cpu * 10));
                             }});
    links.supervise = [this, shared](const roster_actor& to, beginning how) {
      return core("supervisor of a service",
                  sys_.spawn(supervisor, shared_supervisor_links{shared}, to,
                             std::move(how)));
    };
    links.leave = [this] { caf::anon_send(cluster_, atom::finish_v); };
    links.say = [this](const std::string& x) { log_.info(x); };
    links.drift = drift_;
    links.descriptors = [this, keeper = boot_.held.welcome.keeper_pid] {
      return descriptor_budget{
        process::nofile_limit_of(static_cast<pid_t>(keeper)),
        static_cast<std::uint64_t>(figures_.clients.get())};
    };
    if (boot_.held.welcome.safe_mode)
      links.heading.emplace_back("SAFE MODE: the node failed again and again; "
                                 "no scripts are loaded");
    roster_ = core(
      "roster",
      sys_.spawn(roster, std::move(links),
                 roster_beginning{std::move(boot_.definitions),
                                  std::move(boot_.held),
                                  std::move(boot_.wanted), boot_.wanted_known,
                                  std::move(boot_.settings_kept)}));
    links_->roster = caf::actor_cast<command_actor>(roster_);
    caf::anon_send(keeper_, atom::enroll_v,
                   caf::actor_cast<keeper_master_actor>(roster_));
    return roster_;
  }

  void begin() {
    auto& settings = boot_.settings;
    auto first = io::spawn_on(
      &io_, sys_, starter,
      starter_links{keeper_, gateway_, librarian_, settings.listen,
                    settings.socket_mode, settings.socket_group,
                    boot_.held.welcome.safe_mode, boot_.children,
                    [this](bool services, bool scripts) {
                      figures_.loading_services.set(services ? 1 : 0);
                      figures_.loading_scripts.set(scripts ? 1 : 0);
                    },
                    [this] { return spawn_services(); },
                    [this](const std::string& x) { log_.info(x); },
                    [this](const std::string& x) { log_.warn(x); },
                    [this](const std::vector<std::string>& x) { announce(x); },
                    [this](int status, const std::string& why) {
                      log_.error(why);
                      leave(status);
                    }});
    caf::anon_send(first, atom::start_v);
  }

  void announce(const std::vector<std::string>& addresses) {
    caf::anon_send(cluster_, atom::start_v);
    std::string text = "ready on";
    for (auto& x : addresses)
      text += ' ' + x;
    log_.info(text);
    for (auto& x : boot_.settings.listen)
      if (x.is_tcp())
        return log_.info("try: redis-cli -3 -p " + std::to_string(x.port)
                         + " svstatus text");
  }

  void leave(int status) {
    status_ = status;
    io_.stop();
  }

  boot boot_;
  const node::log& log_;
  system_config cfg_;
  caf::actor_system sys_;
  io::loop io_;
  writer_threads writers_;
  io::pool scripts_;
  io::pool chores_;
  std::once_flag first_post_;
  std::optional<io::pool> posters_; ///< for web servers that are told
  node_figures figures_;
  std::shared_ptr<std::atomic<bool>> monitored_
    = std::make_shared<std::atomic<bool>>(false);
  std::string log_level_; ///< in the words of Redis
  supervision::spawn_numbers numbers_;
  supervision::restart_limit restarts_;
  std::shared_ptr<supervision::sequencer> sequencer_;
  std::shared_ptr<supervision::history_queue> history_;
  std::shared_ptr<command_directory> directory_
    = std::make_shared<command_directory>();
  std::vector<std::string> environment_ = own_environment();
  std::shared_ptr<connection_links> links_;
  drift_actor drift_;
  journal_actor journal_;
  keeper_link_actor keeper_;
  writer_actor writer_;
  mesh_broker_actor broker_;
  log_interest_actor log_interest_;
  gateway_actor gateway_;
  librarian_actor librarian_;
  roster_actor roster_;
  cluster_actor cluster_;
  std::atomic<int> status_{0};
};

/// Each child takes one of ours, each client too. Children get the limit that
/// the keeper was started with.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

int run(const options& how) {
  raise_descriptor_limit();
  // Ctrl-C and hang-ups are the keeper's affair; a peer that is gone is an
  // error of a write, not a signal.
  for (auto x : {SIGINT, SIGHUP, SIGQUIT, SIGPIPE})
    std::signal(x, SIG_IGN);
  boot from;
  if (auto no = prepare(how, from)) {
    std::fprintf(stderr, "saker: start: %s\n", no->text.c_str());
    return no->status;
  }
  auto log = node::log::open(from.settings.log);
  if (!log) {
    std::fprintf(stderr, "saker: start: %s\n", log.error().detail.c_str());
    return 78;
  }
  for (auto& x : from.notices)
    log->warn(x);
  auto count = from.definitions.services.size();
  auto& dir = from.settings.services_dir;
  std::error_code ec;
  if (count > 0 || std::filesystem::exists(dir, ec))
    log->info(std::to_string(count) + (count == 1 ? " service" : " services")
              + " from " + dir.string());
  else
    log->warn("no services: there is no directory " + dir.string());
  // Scripts may be inside calls that never return and clients hold on to
  // actors: the process ends as a whole, as it would in a crash.
  auto* node = new runtime{std::move(from), *log};
  auto status = node->run();
  log->close();
  std::fflush(nullptr);
  ::_exit(status);
}

} // namespace saker::node
