#include "actors/event_text.hpp"
#include "actors/librarian.hpp"
#include "actors/script.hpp"
#include "config/trusted_path.hpp"
#include "io/pinned.hpp"
#include "lua/modules.hpp"
#include "node/clocks.hpp"
#include "node/runtime.hpp"
#include "process/folder_watch.hpp"

#include <caf/send.hpp>

#include <atomic>
#include <filesystem>
#include <system_error>
#include <thread>

namespace saker::node {

namespace {

using namespace std::chrono_literals;

/// File names and texts of all scripts in a directory.
std::vector<std::pair<std::string, std::string>>
scripts_in(const std::filesystem::path& dir, std::vector<std::string>& errors) {
  std::vector<std::pair<std::string, std::string>> found;
  for (auto& x : read_sources(dir, errors, true))
    found.emplace_back(std::filesystem::path{x.path}.filename().string(),
                       std::move(x.text));
  return found;
}

/// As long as it can be watched; otherwise somebody looks at it anyway. The
/// thread sleeps until something changes, and ends with the process.
void watch_folder(const std::filesystem::path& dir,
                  const std::shared_ptr<std::atomic<bool>>& noticed,
                  std::function<void()> changed) {
  auto watch = [dir, noticed, changed = std::move(changed)] {
    while (auto folder = process::folder_watch::make_for(dir)) {
      *noticed = true;
      changed(); // perhaps, since somebody looked last
      while (folder->wait(100ms) == process::folder_watch::news::changed)
        changed();
    }
    *noticed = false;
    changed();
  };
  try {
    std::thread{std::move(watch)}.detach();
  } catch (const std::system_error&) {
    // No thread is left: looks do it.
  }
}

lua::script_options script_options_of(const config::script_settings& from) {
  lua::script_options x;
  auto dir = from.dir.string();
  x.engine.offers = lua::profile::script;
  x.engine.memory = from.memory;
  x.engine.path = lua::text_path(from.path, dir);
  x.engine.cpath = lua::compiled_path(from.cpath, dir);
  x.engine.trusted = [](const std::string& file) {
    return config::trusted_path(file);
  };
  x.allowed = {0, from.time};
  x.interval = from.interval;
  x.timers = from.timers;
  x.subscriptions = from.subscriptions;
  return x;
}

} // namespace

librarian_actor runtime::spawn_librarian() {
  auto& settings = boot_.settings.scripts;
  librarian_links x;
  x.dir = settings.dir;
  x.watch = settings.watch;
  x.interval = settings.interval;
  auto noticed = std::make_shared<std::atomic<bool>>(false);
  x.notice = [noticed, dir = settings.dir](const librarian_actor& who) {
    watch_folder(dir, noticed, [who] { caf::anon_send(who, atom::tick_v); });
  };
  x.notices = [noticed] { return noticed->load(); };
  x.directory = directory_;
  x.spawn = [this, shared = make_script_links()](std::string file) {
    return io::spawn_on(&io_, sys_, script, shared_script_links{shared},
                        std::move(file));
  };
  x.say = say_;
  x.warn = warn_;
  x.read = [dir = settings.dir](std::vector<std::string>& errors) {
    return scripts_in(dir, errors);
  };
  return sys_.spawn<caf::detached>(librarian, std::move(x));
}

shared_script_links runtime::make_script_links() {
  auto& settings = boot_.settings.scripts;
  auto x = std::make_shared<script_links>();
  x->connections = links_;
  x->job = [this] { return spawn_job(); };
  x->log = [this](lua::log_level level, const std::string& text) {
    log_.from_script(level, text);
  };
  x->options = script_options_of(settings);
  x->threads = &script_threads_;
  x->chores = &chore_threads_;
  x->mail = {settings.messages, settings.message_memory};
  x->emit = [this](const std::string& file, const std::string& name,
                   const std::string& json) { return emit(file, name, json); };
  return x;
}

/// An event of a script's own. Any thread.
std::string runtime::emit(const std::string& file, const std::string& name,
                          const std::string& json) {
  auto at = unix_ms();
  auto id = sequencer_->next(static_cast<std::uint64_t>(at));
  auto& node = boot_.settings.node;
  caf::anon_send(broker_, atom::emit_v, script_event_channel(node, file, name),
                 std::make_shared<const std::string>(
                   script_event_payload(node, file, name, json, id, at)));
  return to_string(id);
}

} // namespace saker::node
