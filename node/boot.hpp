#pragma once

#include "acl/user_list.hpp"
#include "actors/definitions.hpp"
#include "actors/drift.hpp"
#include "actors/journal_store.hpp"
#include "actors/keeper_link.hpp"
#include "config/settings.hpp"
#include "messages/journal_actor.hpp"
#include "node/cluster.hpp"
#include "node/log.hpp"
#include "node/options.hpp"
#include "node/own_addresses.hpp"
#include "session/parameters.hpp"
#include "supervision/sequencer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace saker::node {

/// Why the node cannot start.
struct refusal {
  int status = 78; ///< exit status
  std::string text;
};

/// All that is read before there are actors.
struct boot {
  std::shared_ptr<link::channel> channel;
  std::vector<link::push> early;
  inventory held;
  bool children = false; ///< services live, or their ends are not read yet
  config::settings settings;
  session::parameters parameters{config::settings{}};
  acl::user_list configured; ///< users, as configuration and parameters say
  acl::user_list users;      ///< … and with what ACL made of them
  std::shared_ptr<own_addresses> addresses = std::make_shared<own_addresses>();
  cluster_secrets secrets;
  io::shared_tls client_tls;        ///< null: no clients over TLS
  std::vector<std::string> notices; ///< for the log, once there is one
  std::shared_ptr<journal_store> journal;
  wanted_list wanted;
  setting_list settings_kept;         ///< what was set beside definitions
  bool wanted_known = true;           ///< the journal could be read
  supervision::reservation ids_found; ///< event ids of earlier runs
  supervision::reservation ids_held;  ///< … and for this one
  shared_reader reader;
  evaluation definitions;
  std::string config_text; ///< of the configuration that counts
  std::shared_ptr<drift_check> drift;
};

/// Greets the keeper and reads configuration, journal and definitions. After
/// a crash (the keeper started a node before, or holds children) what was
/// applied last counts, not what the files say now.
std::optional<refusal> prepare(const options& how, boot& into);

} // namespace saker::node
