#include "node/boot.hpp"

#include "base/text.hpp"
#include "config/file.hpp"
#include "config/overrides.hpp"
#include "config/users.hpp"
#include "node/client_tls.hpp"
#include "node/clocks.hpp"
#include "node/definition_checks.hpp"
#include "node/kept_files.hpp"

#include <algorithm>
#include <future>

#include <unistd.h>

namespace saker::node {

namespace {

using namespace std::chrono_literals;

bool holds_children(const inventory& x) {
  return std::any_of(x.children.begin(), x.children.end(), [](auto& y) {
    return link::outlives_node(y.row.kind)
           && y.row.state != link::row_state::idle;
  });
}

/// Where the applied copies are, and what was changed live: the directories do
/// not depend on the text that is to be read.
std::optional<std::filesystem::path>
directory_of(const options& how, const std::string& key) {
  for (auto& x : how.settings.set)
    if (x.starts_with(key + '='))
      return x.substr(key.size() + 1);
  return std::nullopt;
}

/// What CONFIG SET changed counts as long as the keeper lives.
void find_live_settings(const options& how, config::sources& from,
                        const boot& found) {
  auto dir = directory_of(how, "runtime-dir");
  if (!dir)
    return;
  auto live = config::live_file(*dir);
  if (found.held.welcome.restarts > 0)
    from.live = live;
  else
    ::unlink(live.c_str()); // of another keeper
}

/// What CONFIG SET, or what it kept, makes of `listen`.
void move_addresses(boot& into) {
  auto& all = into.settings.listen;
  all = into.parameters.listen();
  into.addresses->set(all);
}

/// The file that tells what ACL made of users: for ever, or since this keeper
/// lives.
std::filesystem::path users_file_of(const boot& found) {
  auto live = config::users_file(found.settings.runtime_dir);
  if (found.held.welcome.restarts == 0) {
    ::unlink(live.c_str()); // of another keeper
    return config::users_file(found.settings.state_dir);
  }
  std::error_code ec;
  return std::filesystem::exists(live, ec)
           ? live
           : config::users_file(found.settings.state_dir);
}

/// Who may do what. Where services live a file that cannot be read keeps people
/// out, and not the node.
std::optional<refusal> read_users(bool after_crash, boot& into) {
  auto users = configured_users(into.settings, into.parameters);
  if (!users)
    return refusal{78, users.error().detail};
  into.configured = into.users = std::move(*users);
  auto file = users_file_of(into);
  auto grown = file == config::users_file(into.settings.runtime_dir);
  auto wrong = add_kept_users(into.users, file, grown, into.settings,
                              into.parameters);
  if (wrong.empty())
    return std::nullopt;
  if (!after_crash) {
    std::string why;
    for (auto& x : wrong)
      why += (why.empty() ? "" : "\n") + x;
    return refusal{78, std::move(why)};
  }
  config::shut(into.users);
  for (auto& x : wrong)
    into.notices.push_back(x);
  into.notices.back() += ": until then only the UNIX socket lets in";
  return std::nullopt;
}

std::optional<refusal>
read_settings(const options& how, bool after_crash, boot& into) {
  auto from = how.settings;
  from.overrides = true;
  from.comes_back = after_crash;
  auto dir = directory_of(how, "state-dir");
  std::optional<applied> copy;
  if (dir)
    copy.emplace(*dir, "settings");
  if (after_crash && copy) {
    auto stored = copy->read();
    if (stored && stored->size() == 1)
      from.text = stored->front().text;
    else if (!stored)
      into.notices.push_back(stored.error().detail
                             + ": the configuration file counts");
  }
  find_live_settings(how, from, into);
  auto kept = dir ? config::overrides_file(*dir) : std::filesystem::path{};
  auto settings = config::load(from);
  if (!settings)
    return refusal{78, with_advice(settings.error().detail, kept)};
  into.settings = std::move(*settings);
  for (auto& x : into.settings.ignored)
    into.notices.push_back(x);
  auto [parameters, errors] = session::readable_parameters(into.settings);
  if (!errors.empty()) {
    if (!after_crash)
      return refusal{78, with_advice(errors, kept)};
    into.notices.push_back(std::move(errors));
  }
  into.parameters = std::move(parameters);
  move_addresses(into);
  if (auto no = read_users(after_crash, into))
    return no;
  if (from.text)
    into.config_text = *from.text;
  else if (auto text = config::read_file(into.settings.file))
    into.config_text = std::move(*text);
  if (!copy || (after_crash && from.text))
    return std::nullopt;
  // Only a node that comes back reads it; a power cut ends them all.
  if (auto ok = copy->write_until_reboot(
        {{into.settings.file.string(), into.config_text}});
      !ok)
    into.notices.push_back(ok.error().detail
                           + ": after a crash the file itself counts");
  return std::nullopt;
}

using notice_list = std::vector<std::string>;

void reserve_event_ids(boot& into, notice_list& notices) {
  auto& boot_id = into.held.welcome.boot_id;
  if (auto found = into.journal->reserved(boot_id))
    into.ids_found = *found;
  else
    notices.push_back(found.error().detail);
  auto now = static_cast<std::uint64_t>(unix_ms());
  into.ids_held = supervision::sequencer::first(into.ids_found,
                                                {now, since_boot_ms()});
  if (auto ok = into.journal->reserve(boot_id, into.ids_held); !ok)
    notices.push_back(ok.error().detail);
}

/// Beside what reads the definitions: of `into` it changes only what is the
/// journal's.
std::optional<refusal>
open_journal(bool after_crash, boot& into, notice_list& notices) {
  std::string notice;
  auto store = journal_store::open(into.settings.journal.file, notice);
  if (!notice.empty()) {
    into.wanted_known = false; // set aside, and begun anew
    notices.push_back(notice);
  }
  if (!store && !after_crash)
    return refusal{78, store.error().detail};
  if (!store) {
    // Children live: a broken disk is no reason to leave them alone.
    notices.push_back(store.error().detail
                      + ": until the next start nothing is remembered");
    into.wanted_known = false;
    store = journal_store::open(":memory:", notice);
    if (!store)
      return refusal{78, store.error().detail};
  }
  into.journal = std::make_shared<journal_store>(std::move(*store));
  if (auto wanted = into.journal->all_wanted())
    into.wanted = std::move(*wanted);
  else {
    into.wanted_known = false;
    notices.push_back(wanted.error().detail);
  }
  if (auto set = into.journal->all_settings())
    into.settings_kept = std::move(*set);
  else
    notices.push_back(set.error().detail);
  reserve_event_ids(into, notices);
  return std::nullopt;
}

std::optional<refusal> read_cluster(bool after_crash, boot& into) {
  auto secrets = read_secrets(into.settings.cluster);
  if (secrets) {
    into.secrets = std::move(*secrets);
    return std::nullopt;
  }
  if (!after_crash)
    return refusal{78, secrets.error().detail};
  // Children live: other nodes can wait.
  into.notices.push_back(secrets.error().detail
                         + ": until the next start this node is alone");
  into.settings.cluster = {};
  return std::nullopt;
}

std::optional<refusal> read_tls(bool after_crash, boot& into) {
  auto& settings = into.settings.tls;
  if (settings.listen.empty())
    return std::nullopt;
  auto tls = read_client_tls(into.settings, into.parameters);
  if (tls) {
    into.client_tls = std::move(*tls);
    if (auto wrong = warning_about(into.client_tls, into.parameters);
        !wrong.empty())
      into.notices.push_back(wrong);
    return std::nullopt;
  }
  if (!after_crash)
    return refusal{78, "tls: " + tls.error().detail};
  // Children live: clients find other ways.
  into.notices.push_back("tls: " + tls.error().detail
                         + ": until the next start nobody connects by TLS");
  settings = {};
  return std::nullopt;
}

std::optional<refusal> read_definitions(bool after_crash, boot& into) {
  auto keeper = static_cast<pid_t>(into.held.welcome.keeper_pid);
  auto checks = definition_checks(keeper);
  checks.is_own_address
    = [own = into.addresses,
       tls = into.settings.tls.listen](const std::string& x) {
        return own->has(x) || std::any_of(tls.begin(), tls.end(), [&](auto& y) {
                 return to_string(y) == x;
               });
      };
  into.reader = std::make_shared<definition_reader>(
    into.settings.services_dir, into.settings.state_dir, std::move(checks));
  process::daemon_search hands{keeper};
  into.reader->look_by([hands](const std::vector<process::daemon_rule>& x) {
    return hands.by_match(x);
  });
  if (after_crash) {
    auto stored = into.reader->applied_ones();
    if (stored) {
      into.definitions = std::move(*stored);
      return std::nullopt;
    }
    into.notices.push_back(stored.error().detail
                           + ": the definition files count");
  }
  into.definitions = into.reader->read({});
  auto& found = into.definitions;
  if (found.services.empty() && !found.errors.empty() && !after_crash) {
    std::string text = "no definition could be used:";
    for (auto& x : found.errors)
      text += '\n' + x;
    return refusal{78, std::move(text)};
  }
  if (auto ok = into.reader->store(found); !ok)
    into.notices.push_back(ok.error().detail
                           + ": after a crash the definition files count");
  return std::nullopt;
}

} // namespace

std::optional<refusal> prepare(const options& how, boot& into) {
  into.channel = std::make_shared<link::channel>(unique_fd{how.link_fd});
  auto held = greet(*into.channel, "saker-node", 5s, into.early);
  if (!held)
    return refusal{70, "greet the keeper: " + held.error().detail};
  into.held = std::move(*held);
  into.children = holds_children(into.held);
  auto after_crash = into.held.welcome.restarts > 0 || into.children;
  if (auto no = read_settings(how, after_crash, into))
    return no;
  if (auto no = read_cluster(after_crash, into))
    return no;
  if (auto no = read_tls(after_crash, into))
    return no;
  // Both wait for the disk, so they do it at the same time.
  notice_list of_journal;
  auto opened = std::async([&] { // afterwards, if there is no thread left
    return open_journal(after_crash, into, of_journal);
  });
  auto no_definitions = read_definitions(after_crash, into);
  if (auto no = opened.get())
    return no;
  into.notices.insert(into.notices.end(), of_journal.begin(), of_journal.end());
  if (no_definitions)
    return no_definitions;
  into.drift = std::make_shared<drift_check>(
    drift_sources{into.settings.services_dir, into.settings.state_dir,
                  into.settings.file, into.config_text});
  // Errors are told below, all of them.
  for (auto& x : to_lines(into.drift->look(), into.definitions.errors).others)
    into.notices.push_back(x);
  for (auto& x : into.definitions.errors)
    into.notices.push_back(x);
  for (auto& x : into.definitions.warnings)
    into.notices.push_back(x);
  return std::nullopt;
}

} // namespace saker::node
