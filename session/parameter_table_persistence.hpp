#pragma once

#include "session/parameter_table_entry.hpp"

namespace saker::session::tables {

/// Parameters of files that keep what is in memory.
inline constexpr parameter_info persistence_parameters[] = {
  {.name = "aof-disable-auto-gc", .type = kind::yes_no, .usual = "no"},
  {.name = "aof-load-truncated", .type = kind::yes_no, .usual = "yes"},
  {.name = "aof-rewrite-incremental-fsync",
   .type = kind::yes_no,
   .usual = "yes"},
  {.name = "aof-timestamp-enabled", .type = kind::yes_no, .usual = "no"},
  {.name = "aof-use-rdb-preamble", .type = kind::yes_no, .usual = "yes"},
  {.name = "aof_rewrite_cpulist", .type = kind::fixed, .usual = ""},
  {.name = "appenddirname", .type = kind::fixed, .usual = "appendonlydir"},
  {.name = "appendfilename", .type = kind::fixed, .usual = "appendonly.aof"},
  {.name = "appendfsync",
   .type = kind::choice,
   .usual = "everysec",
   .words = "everysec, always, no"},
  {.name = "appendonly", .type = kind::yes_no, .usual = "no"},
  {.name = "auto-aof-rewrite-min-size",
   .type = kind::memory,
   .usual = "67108864",
   .least = 0,
   .most = most},
  {.name = "auto-aof-rewrite-percentage",
   .type = kind::integer,
   .usual = "100",
   .least = 0,
   .most = int_most},
  {.name = "dbfilename", .type = kind::guarded, .usual = "dump.rdb"},
  {.name = "no-appendfsync-on-rewrite", .type = kind::yes_no, .usual = "no"},
  {.name = "rdb-del-sync-files", .type = kind::yes_no, .usual = "no"},
  {.name = "rdb-save-incremental-fsync", .type = kind::yes_no, .usual = "yes"},
  {.name = "rdbchecksum", .type = kind::fixed, .usual = "yes"},
  {.name = "rdbcompression", .type = kind::yes_no, .usual = "yes"},
  {.name = "sanitize-dump-payload",
   .type = kind::choice,
   .usual = "no",
   .words = "no, yes, clients"},
  {.name = "save", .type = kind::save_points, .usual = ""},
  {.name = "stop-writes-on-bgsave-error", .type = kind::yes_no, .usual = "yes"},
};

} // namespace saker::session::tables
