#pragma once

#include "actors/status_text.hpp"
#include "supervision/explanation.hpp"

#include <optional>
#include <string>
#include <vector>

namespace saker {

/// What a child put out last.
struct last_output {
  std::string file; ///< its log; empty: none
  /// Nothing: whoever asks may not read it, or it cannot be read.
  std::optional<std::vector<std::string>> lines;
};

/// The reply to SVWHY as a map: `name node state ready pid since why intent
/// intent_by intent_since reason next next_ms row exits budget backoff needs
/// log output where`. `exits` is newest first: maps of `id time text cause row
/// decision asked uptime pid orphans_killed`. Times are Unix ms, spans are ms.
resp::value why_map(const supervision::explanation& x, const last_output& out,
                    const viewpoint& from);

/// The same for eyes: sentences, then the ends and the output. ASCII only.
std::vector<std::string>
why_text(const supervision::explanation& x, const last_output& out,
         const viewpoint& from);

} // namespace saker
