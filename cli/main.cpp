#include "base/version.hpp"
#include "cli/client.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"
#include "cli/programs.hpp"
#include "cli/run.hpp"

#include <exception>
#include <iostream>

namespace {

using namespace saker;

int complain(const failure& why, int status) {
  std::cerr << "saker: " << why.detail << std::endl;
  return status;
}

int run(const cli::options& options) {
  auto self = cli::own_path();
  if (!self)
    return complain(self.error(), cli::not_so);
  auto plan = cli::plan_run(options, config::environment::current(), *self);
  if (!plan && plan.error().code == errc::not_found)
    return complain(plan.error(), cli::not_so);
  if (!plan)
    return complain(plan.error(), cli::wrong_configuration);
  for (auto& note : plan->notes)
    std::cerr << "saker: " << note << std::endl;
  return complain(cli::become(plan->program, plan->arguments), cli::not_so);
}

int answer(const cli::options& options) {
  switch (options.what) {
    case cli::options::action::run: return run(options);
    case cli::options::action::check:
      return complain(cli::become_checker(options), cli::not_so);
    case cli::options::action::client: return cli::run_client(options.asked);
    case cli::options::action::version:
      std::cout << "saker " << version << '\n';
      break;
    case cli::options::action::help: std::cout << options.text; break;
  }
  return cli::fine;
}

/// Reads, answers, and makes sure that the answer was written.
int serve(const std::vector<std::string>& arguments) {
  auto options = cli::read_options(arguments);
  if (!options)
    return complain(options.error(), cli::usage);
  auto status = answer(*options);
  if (!std::cout.flush())
    return complain(fail(errc::io, "write what there is to say: not possible; "
                                   "is the disk full?"),
                    cli::not_so);
  return status;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return serve({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::cerr << "saker: this is a bug of saker, please report it: " << e.what()
              << std::endl;
    return cli::our_bug;
  }
}
