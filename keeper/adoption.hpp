#pragma once

#include "keeper/logger.hpp"
#include "keeper/nursery.hpp"
#include "keeper/outputs.hpp"
#include "keeper/table.hpp"
#include "keeper/table_file.hpp"

namespace saker::keeper {

/// Takes over what an earlier keeper left: fills the empty table from the
/// image, looks after what still lives, ends what leaders left behind. A
/// process is ours only if boot, namespace, pid and start time are those of
/// the record and nothing it carries says otherwise; all else is never
/// signalled. Where the image is not whole, who carries our marker is ours: it
/// must not be started twice.
void adopt_all(table_file::content found, const ownership& ours, table& rows,
               nursery& children, outputs& out, logger& log);

} // namespace saker::keeper
