#include "node/system_config.hpp"

#include "actors/basp.hpp"
#include "messages/error.hpp"

#include <caf/atom.hpp>
#include <caf/message.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace saker::node {

system_config::system_config(bool linked) {
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

} // namespace saker::node
