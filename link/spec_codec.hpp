#pragma once

#include "link/reader.hpp"
#include "process/spec.hpp"
#include "resp/writer.hpp"

#include <functional>
#include <string_view>

namespace saker::link {

/// How many elements write_spec will write.
std::size_t spec_items(const process::spec& x);

/// `name value` for each field that is not at its default. What the keeper
/// decides alone (out, err, fds, death_signal) does not travel.
void write_spec(resp::writer& out, const process::spec& x);

/// Reads a field that is none of a spec; false if it is not known either.
using other_field = std::function<bool(std::string_view name, reader& in)>;

/// Reads the rest of a frame; an unknown or senseless field is refused.
process::spec read_spec(reader& in, const other_field& other);

} // namespace saker::link
