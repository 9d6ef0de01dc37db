#pragma once

namespace saker::node {

/// Whether the kernel lets us do what only root may, as a rule: CAP_….
bool has_capability(unsigned number);

} // namespace saker::node
