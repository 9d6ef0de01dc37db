#include "base/version.hpp"
#include "cli/options.hpp"
#include "cli/programs.hpp"
#include "cli/run.hpp"

#include <iostream>

namespace {

using namespace saker;

// Exit statuses, as docs and service managers know them.
constexpr int usage = 2;
constexpr int failed = 1;
constexpr int wrong_configuration = 78;

int complain(const failure& why, int status) {
  std::cerr << "saker: " << why.detail << std::endl;
  return status;
}

int run(const cli::options& options) {
  auto self = cli::own_path();
  if (!self)
    return complain(self.error(), failed);
  auto plan = cli::plan_run(options, config::environment::current(), *self);
  if (!plan && plan.error().code == errc::not_found)
    return complain(plan.error(), failed);
  if (!plan)
    return complain(plan.error(), wrong_configuration);
  for (auto& note : plan->notes)
    std::cerr << "saker: " << note << std::endl;
  return complain(cli::become(plan->program, plan->arguments), failed);
}

int check(const cli::options& options) {
  auto self = cli::own_path();
  if (!self)
    return complain(self.error(), failed);
  auto node = cli::find_program(*self, "saker-node");
  if (!node)
    return complain(node.error(), failed);
  auto arguments = options.files;
  arguments.insert(arguments.begin(), "check");
  return complain(cli::become(*node, arguments), failed);
}

} // namespace

int main(int argc, char** argv) {
  auto options = cli::read_options({argv + 1, argv + argc});
  if (!options)
    return complain(options.error(), usage);
  switch (options->what) {
    case cli::options::action::run: return run(*options);
    case cli::options::action::check: return check(*options);
    case cli::options::action::version:
      std::cout << "saker " << version << std::endl;
      return 0;
    case cli::options::action::help: break;
  }
  std::cout << options->text << std::flush;
  return 0;
}
