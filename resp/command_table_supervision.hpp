#pragma once

#include "resp/command_table_entry.hpp"

/// Services and nodes.
namespace saker::resp::tables {

inline constexpr argument_info one_node[]{{.name = "name"}};
inline constexpr argument_info optional_node[]{
  {.name = "name", .optional = true}};
inline constexpr argument_info text_form[]{
  {.name = "text", .type = kind::token, .token = "TEXT"},
  {.name = "utf8", .type = kind::token, .optional = true, .token = "UTF8"}};
inline constexpr argument_info forms[]{
  {.name = "json", .type = kind::token, .token = "JSON"},
  {.name = "text-form", .type = kind::block, .parts = text_form}};
inline constexpr argument_info masks_and_form[]{
  {.name = "mask", .type = kind::pattern, .optional = true, .multiple = true},
  {.name = "form", .type = kind::oneof, .optional = true, .parts = forms}};
inline constexpr argument_info masks_and_options[]{
  {.name = "mask", .type = kind::pattern, .multiple = true},
  {.name = "ms", .type = kind::integer, .optional = true, .token = "WAIT"}};
inline constexpr argument_info masks_and_rolling[]{
  {.name = "mask", .type = kind::pattern, .multiple = true},
  {.name = "ms", .type = kind::integer, .optional = true, .token = "WAIT"},
  {.name = "n", .type = kind::integer, .optional = true, .token = "ROLLING"}};
inline constexpr argument_info groups_and_form[]{
  {.name = "group", .type = kind::pattern, .multiple = true},
  {.name = "form", .type = kind::oneof, .optional = true, .parts = forms}};
inline constexpr argument_info groups_and_options[]{
  {.name = "group", .type = kind::pattern, .multiple = true},
  {.name = "ms", .type = kind::integer, .optional = true, .token = "WAIT"}};
inline constexpr argument_info groups_and_rolling[]{
  {.name = "group", .type = kind::pattern, .multiple = true},
  {.name = "ms", .type = kind::integer, .optional = true, .token = "WAIT"},
  {.name = "n", .type = kind::integer, .optional = true, .token = "ROLLING"}};
inline constexpr argument_info service_groups[]{
  {.name = "group", .type = kind::pattern, .multiple = true}};
inline constexpr argument_info name_and_number[]{
  {.name = "name"},
  {.name = "number", .type = kind::integer},
  {.name = "ms", .type = kind::integer, .optional = true, .token = "WAIT"}};
inline constexpr argument_info name_and_command[]{
  {.name = "name"},
  {.name = "directory", .optional = true, .token = "--dir"},
  {.name = "file", .optional = true, .token = "--log"},
  {.name = "file", .optional = true, .token = "--pidfile"},
  {.name = "octal", .optional = true, .token = "--umask"},
  {.name = "user", .optional = true, .token = "--user"},
  {.name = "program"},
  {.name = "arg", .optional = true, .multiple = true}};
inline constexpr argument_info some_masks[]{
  {.name = "mask", .type = kind::pattern, .optional = true, .multiple = true}};
inline constexpr argument_info signal_and_masks[]{
  {.name = "signal"},
  {.name = "mask", .type = kind::pattern, .multiple = true}};
inline constexpr argument_info wait_for[]{
  {.name = "mask", .type = kind::pattern},
  {.name = "state"},
  {.name = "ms", .type = kind::integer}};
inline constexpr argument_info name_and_text[]{
  {.name = "name"},
  {.name = "text", .type = kind::token, .optional = true, .token = "TEXT"}};
inline constexpr argument_info life_forms[]{
  {.name = "json", .type = kind::token, .token = "JSON"},
  {.name = "text", .type = kind::token, .token = "TEXT"}};
inline constexpr argument_info life_options[]{
  {.name = "mask", .type = kind::pattern},
  {.name = "n", .type = kind::integer, .optional = true, .token = "COUNT"},
  {.name = "id", .optional = true, .token = "SINCE"},
  {.name = "form", .type = kind::oneof, .optional = true, .parts = life_forms}};
inline constexpr argument_info audit_options[]{
  {.name = "n", .type = kind::integer, .optional = true, .token = "COUNT"},
  {.name = "name", .optional = true, .token = "USER"}};
inline constexpr argument_info plan_options[]{
  {.name = "file", .optional = true, .multiple = true},
  {.name = "text", .type = kind::token, .optional = true, .token = "TEXT"}};
inline constexpr argument_info streams[]{
  {.name = "out", .type = kind::token, .token = "out"},
  {.name = "err", .type = kind::token, .token = "err"}};
inline constexpr argument_info log_tail[]{
  {.name = "n", .type = kind::integer, .optional = true, .token = "COUNT"},
  {.name = "stream",
   .type = kind::oneof,
   .optional = true,
   .token = "STREAM",
   .parts = streams},
  {.name = "text", .type = kind::token, .optional = true, .token = "TEXT"}};
inline constexpr argument_info log_actions[]{
  {.name = "tail", .type = kind::block, .parts = log_tail},
  {.name = "rotate", .type = kind::token, .token = "ROTATE"},
  {.name = "clear", .type = kind::token, .token = "CLEAR"}};
inline constexpr argument_info name_and_log_action[]{
  {.name = "name"},
  {.name = "action", .type = kind::oneof, .parts = log_actions}};
inline constexpr argument_info apply_options[]{
  {.name = "file", .optional = true, .multiple = true},
  {.name = "force", .type = kind::token, .optional = true, .token = "FORCE"},
  {.name = "text", .type = kind::token, .optional = true, .token = "TEXT"}};

inline constexpr command_info of_node[]{
  {"node|forget", id::node_forget, 3, flag::admin, right::admin,
   target::cluster, "@admin @slow @dangerous @supervision", "supervision",
   "Forget a node that is dead or has left, on this node alone; one that "
   "stands in `[cluster] join`, or comes back, is not forgotten.",
   "1.0.0", one_node},
  {"node|help", id::node_help, 2, plain, right::none, target::local,
   "@slow @supervision", "supervision", "Print this help.", "1.0.0"},
  {"node|info", id::node_info, -2, flag::none, right::status, target::cluster,
   "@slow @supervision", "supervision",
   "Return what is known of a node and of the link to it; without a name, of "
   "this one.",
   "1.0.0", optional_node},
};

inline constexpr command_info supervision_commands[]{
  {"node",
   id::node,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow @supervision",
   "supervision",
   "Look at one node of the cluster, or forget it.",
   "1.0.0",
   {},
   of_node},
  {"nodes", id::nodes, 1, flag::none, right::status, target::cluster,
   "@slow @supervision", "supervision",
   "List the nodes of the cluster, this one first.", "1.0.0"},
  {"svapply", id::svapply, -1, flag::noscript, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Apply the definitions of services; running ones change only as needed.",
   "1.0.0", apply_options},
  {"svaudit", id::svaudit, -1, flag::admin, right::admin, target::roster,
   "@admin @slow @dangerous @supervision", "supervision",
   "Return who did what, the newest first.", "1.0.0", audit_options},
  {"svcheck", id::svcheck, -1, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision",
   "Look at services now; tell whether each is as wanted.", "1.0.0",
   some_masks},
  {"svconfig", id::svconfig, -2, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision",
   "Return the definition of a service with all defaults.", "1.0.0",
   name_and_text},
  {"svcont", id::svcont, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Let the processes of paused services go on.", "1.0.0", masks_and_options},
  {"svdisable", id::svdisable, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Do not start services when Saker starts.", "1.0.0", masks_and_options},
  {"svdrop", id::svdrop, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Look after services no more; leave their processes alone.", "1.0.0",
   masks_and_options},
  {"svenable", id::svenable, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Start services when Saker starts.",
   "1.0.0", masks_and_options},
  {"svgmember", id::svgmember, -2, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision", "Tell which services are in groups.",
   "1.0.0", service_groups},
  {"svgrestart", id::svgrestart, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Restart the services of groups.",
   "1.0.0", groups_and_rolling},
  {"svgstart", id::svgstart, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Start the services of groups; forget their failures.", "1.0.0",
   groups_and_options},
  {"svgstatus", id::svgstatus, -2, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision", "Tell what the services of groups do.",
   "1.0.0", groups_and_form},
  {"svgstop", id::svgstop, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Stop the services of groups.", "1.0.0",
   groups_and_options},
  {"svlife", id::svlife, -2, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision",
   "Return what happened to services, the newest last.", "1.0.0", life_options},
  {"svlog", id::svlog, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Return the last lines that a service put out; rotate or clear its log.",
   "1.0.0", name_and_log_action},
  {"svpause", id::svpause, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Hold all processes of services by SIGSTOP.", "1.0.0", masks_and_options},
  {"svplan", id::svplan, -1, flag::noscript, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Tell what SVAPPLY would do; do nothing.", "1.0.0", plan_options},
  {"svreload", id::svreload, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Make services reload themselves, as their definitions say.", "1.0.0",
   masks_and_options},
  {"svreset", id::svreset, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Forget failures, budget and backoff; what waits for its next try starts.",
   "1.0.0", masks_and_options},
  {"svrestart", id::svrestart, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Restart services.", "1.0.0",
   masks_and_rolling},
  {"svrun", id::svrun, -3, flag::admin, right::admin, target::roster,
   "@admin @slow @dangerous @supervision", "supervision",
   "Run a command as a service without a definition.", "1.0.0",
   name_and_command},
  {"svscale", id::svscale, -3, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Change how many instances of a service there are.", "1.0.0",
   name_and_number},
  {"svsignal", id::svsignal, -3, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Send a signal to services.", "1.0.0",
   signal_and_masks},
  {"svstart", id::svstart, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Start services; forget failures and spent budgets.", "1.0.0",
   masks_and_options},
  {"svstatus", id::svstatus, -1, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision",
   "Tell what services do, since when and why.", "1.0.0", masks_and_form},
  {"svstop", id::svstop, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Stop services.", "1.0.0",
   masks_and_options},
  {"svtryrestart", id::svtryrestart, -2, flag::none, right::control,
   target::roster, "@slow @supervision", "supervision",
   "Restart those services that run.", "1.0.0", masks_and_rolling},
  {"svwait", id::svwait, 4, flag::blocking, right::status, target::roster,
   "@slow @blocking @supervision", "supervision",
   "Wait until services reach a state; return how many did.", "1.0.0",
   wait_for},
  {"svwhy", id::svwhy, -2, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision",
   "Explain why a service is as it is, and what comes next.", "1.0.0",
   name_and_text},
};

} // namespace saker::resp::tables
