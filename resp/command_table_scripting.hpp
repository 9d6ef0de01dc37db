#pragma once

#include "resp/command_table_entry.hpp"

/// Scripts, and what clients ask of those of Redis.
namespace saker::resp::tables {

inline constexpr argument_info function_filter[]{
  {.name = "library-name-pattern", .optional = true, .token = "LIBRARYNAME"},
  {.name = "withcode",
   .type = kind::token,
   .optional = true,
   .token = "WITHCODE"}};
inline constexpr argument_info digests[]{{.name = "sha1", .multiple = true}};
inline constexpr argument_info alias_and_arguments[]{
  {.name = "alias"}, {.name = "arg", .optional = true, .multiple = true}};
inline constexpr argument_info files[]{{.name = "file", .multiple = true}};
inline constexpr argument_info aliases_or_files[]{
  {.name = "alias-or-file", .multiple = true}};

inline constexpr command_info of_function[]{
  {"function|flush", id::function_flush, -2, flag::noscript, right::none,
   target::local, "@write @slow @scripting", "scripting",
   "Accepted for clients that begin with it: there are no functions.", "1.0.0",
   flush_mode},
  {"function|list", id::function_list, -2, flag::noscript, right::none,
   target::local, "@slow @scripting", "scripting",
   "Return the libraries of functions: there are none.", "1.0.0",
   function_filter},
  {"function|stats", id::function_stats, 2, flag::noscript, right::none,
   target::local, "@slow @scripting", "scripting",
   "Return which function runs, and how many there are: none.", "1.0.0"},
  {"function|help", id::function_help, 2, plain, right::none, target::local,
   "@slow @scripting", "scripting", "Print this help.", "1.0.0"},
};

inline constexpr command_info of_script[]{
  {"script|exists", id::script_exists, -3, flag::noscript, right::admin,
   target::local, "@slow @scripting", "scripting",
   "Return for each digest whether its script is kept: none is.", "1.0.0",
   digests},
  {"script|flush", id::script_flush, -2, flag::noscript, right::admin,
   target::local, "@slow @scripting", "scripting",
   "Accepted for clients that begin with it: no scripts are kept.", "1.0.0",
   flush_mode},
  {"script|help", id::script_help, 2, plain, right::none, target::local,
   "@slow @scripting", "scripting", "Print this help.", "1.0.0"},
};

inline constexpr command_info scripting_commands[]{
  {"call", id::call, -2, flag::noscript, right::none, target::script,
   "@slow @scripting", "scripting",
   "Run a command that a script registered; `alias@node`: a script of that "
   "node, which is waited for 60 s at most.",
   "1.0.0", alias_and_arguments},
  {"function",
   id::function,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "scripting",
   "Functions of Redis, of which there are none.",
   "1.0.0",
   {},
   of_function},
  {"load", id::load, -2, flag::noscript | flag::admin, right::admin,
   target::librarian, "@admin @slow @dangerous @scripting", "scripting",
   "Load or reload script files.", "1.0.0", files},
  {"script",
   id::script,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "scripting",
   "Scripts kept for EVALSHA.",
   "1.0.0",
   {},
   of_script},
  {"tasks", id::tasks, -1, flag::none, right::status, target::librarian,
   "@slow @scripting", "scripting",
   "List the commands and tasks of the scripts.", "1.0.0", optional_pattern},
  {"unload", id::unload, -2, flag::noscript | flag::admin, right::admin,
   target::librarian, "@admin @slow @dangerous @scripting", "scripting",
   "Unload scripts by alias or file.", "1.0.0", aliases_or_files},
};

} // namespace saker::resp::tables
