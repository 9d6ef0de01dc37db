#include "keeper/core.hpp"
#include "keeper/locks.hpp"
#include "keeper/options.hpp"
#include "keeper/own_process.hpp"
#include "keeper/runtime_folder.hpp"
#include "keeper/table_file.hpp"
#include "process/spawn.hpp"

#include <boost/asio/io_context.hpp>

#include <csignal>
#include <cstdio>
#include <exception>

namespace saker::keeper {

namespace {

constexpr int usage_error = 2;
constexpr int already_running = 3;
constexpr int our_bug = 70;

int complain(const std::string& text, int code) {
  std::fprintf(stderr, "saker: run: %s\n", text.c_str());
  return code;
}

int complain_about(const failure& why) {
  if (why.code == errc::pidfile_locked)
    return complain("another Saker runs here: " + why.detail, already_running);
  return complain(why.detail, 1);
}

int run(const options& given) {
  drop_inherited_descriptors();
  if (auto done = make_runtime_folder(given.runtime_dir); !done)
    return complain(done.error().detail, 1);
  auto spawn = process::spawner::make(); // before anything else opens a file
  if (!spawn)
    return complain(spawn.error().detail, 1);
  auto held = acquire(given.runtime_dir + "/keeper.lock");
  if (!held)
    return complain_about(held.error());
  auto state = acquire_state(given);
  if (!state)
    return complain_about(state.error());
  auto file = table_file::open(given.runtime_dir);
  if (!file)
    return complain(file.error().detail, 1);
  raise_nofile(spawn->nofile());
  auto scored = set_own_oom_score("-900");
  take_in_orphans();
  std::signal(SIGPIPE, SIG_IGN); // children get the default back
  boost::asio::io_context io{1};
  core keeper{io, given, *spawn, std::move(*file), scored ? -500 : 0};
  if (auto clean = spawn->check(); !clean)
    return complain(clean.error().detail, our_bug);
  if (auto done = keeper.start(is_first_of_boot(*state)); !done)
    return complain(done.error().detail, 1);
  io.run();
  return keeper.code();
}

} // namespace

} // namespace saker::keeper

int main(int argc, char** argv) {
  using namespace saker::keeper;
  try {
    auto given = parse_options({argv + 1, argv + argc});
    if (!given)
      return complain(given.error().detail, usage_error);
    return run(*given);
  } catch (const std::exception& x) {
    return complain(std::string{"a bug: "} + x.what(), our_bug);
  }
}
