#include "keeper/table_file.hpp"

#include "keeper/runtime_folder.hpp"
#include "keeper/table_image.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::keeper {

namespace {

constexpr auto flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

/// Why nobody but us can have written it, or not.
const char* distrust(const struct stat& x) {
  if (!S_ISREG(x.st_mode))
    return "is no regular file";
  if (x.st_uid != ::geteuid())
    return "belongs to somebody else";
  if ((x.st_mode & 022) != 0)
    return "may be written by others";
  return x.st_nlink != 1 ? "has more than one name" : nullptr;
}

std::string path_in(const std::string& folder) {
  return folder + "/keeper.table";
}

/// What a keeper left that left no children.
std::string notes_in(const std::string& folder) {
  return folder + "/keeper.notes";
}

result<unique_fd> open_table(const std::string& path) {
  unique_fd fd{::open(path.c_str(), flags, 0600)};
  if (!fd)
    return system_failure("open", path, errno);
  struct stat about {};
  if (::fstat(fd.get(), &about) != 0)
    return system_failure("inspect", path, errno);
  if (auto why = distrust(about))
    return fail(errc::refused,
                path + " " + why + ": move it away and start again");
  return fd;
}

} // namespace

table_file::table_file(std::string folder, unique_fd fd)
  : folder_(std::move(folder)), path_(path_in(folder_)), fd_(std::move(fd)) {
  // nop
}

result<table_file> table_file::open(const std::string& folder) {
  auto path = path_in(folder);
  // A table that is there was left with children: it counts.
  if (::access(path.c_str(), F_OK) != 0)
    ::rename(notes_in(folder).c_str(), path.c_str());
  auto fd = open_table(path);
  if (!fd)
    return fd.error();
  return table_file{folder, std::move(*fd)};
}

result<table_file::content> table_file::load() {
  content out;
  record bytes;
  auto first = read_slot(0, bytes);
  auto header = decode_header(first);
  if (header && header->boot != process::this_boot()) {
    if (::ftruncate(fd_.get(), 0) != 0)
      return system_failure("truncate", path_, errno);
  } else if (header) {
    out.last_spawn_id = header->last_spawn_id;
  } else {
    out.whole = false;
    if (!first.empty())
      out.complaints.push_back(path_ + ": " + header.error().detail
                               + ": reading the rows without the header");
  }
  for (std::uint32_t slot = 1; slot <= table::max_rows; ++slot) {
    auto found = read_slot(slot, bytes);
    if (found.empty())
      break;
    load_slot(slot, found, out);
  }
  if (auto done = write_header(out.last_spawn_id); !done)
    return done.error();
  return out;
}

result<void> table_file::save(const table& from, const table::changes& what) {
  if (taken_away())
    return write_all(from);
  if (what.header)
    if (auto done = write_header(from.last_spawn_id()); !done)
      return done;
  for (auto slot : what.slots)
    if (auto done = write_row(from, slot); !done)
      return done;
  return {};
}

void table_file::set_aside() const {
  if (!taken_away())
    ::rename(path_.c_str(), notes_in(folder_).c_str());
}

// -- helpers ------------------------------------------------------------------

std::string_view
table_file::read_slot(std::uint32_t slot, std::span<char> into) const {
  auto at = static_cast<off_t>(slot) * static_cast<off_t>(record_size);
  auto got = ::pread(fd_.get(), into.data(), into.size(), at);
  return got > 0 ? std::string_view{into.data(), static_cast<std::size_t>(got)}
                 : std::string_view{};
}

/// Takes one row over, or clears its slot.
void table_file::load_slot(std::uint32_t slot, std::string_view bytes,
                           content& out) {
  auto row = decode_record(bytes, slot);
  if (row && !*row)
    return;
  if (row && (*row)->who.boot == process::this_boot()) {
    out.rows.push_back(std::move(**row));
    return;
  }
  if (!row) {
    out.whole = false;
    out.complaints.push_back(path_ + " slot " + std::to_string(slot) + ": "
                             + row.error().detail + ": ignored");
  }
  const record nothing{};
  write_slot(slot, nothing.data());
}

result<void> table_file::write_slot(std::uint32_t slot, const char* bytes) {
  auto at = static_cast<off_t>(slot) * static_cast<off_t>(record_size);
  auto written = ::pwrite(fd_.get(), bytes, record_size, at);
  if (written == static_cast<ssize_t>(record_size))
    return {};
  return system_failure("write", path_, written < 0 ? errno : ENOSPC);
}

result<void> table_file::write_row(const table& from, std::uint32_t slot) {
  const record nothing{};
  auto row = from.in_slot(slot);
  auto bytes = row ? encode_record(*row, process::this_boot()) : nothing;
  return write_slot(slot, bytes.data());
}

result<void> table_file::write_header(std::uint64_t last_spawn_id) {
  auto bytes = encode_header({process::this_boot(), last_spawn_id});
  return write_slot(0, bytes.data());
}

/// A cleaner of old files took the directory away: a table without a name
/// would be of no use to the next keeper.
result<void> table_file::write_all(const table& from) {
  if (auto made = make_runtime_folder(folder_); !made)
    return made;
  auto fd = open_table(path_);
  if (!fd)
    return fd.error();
  fd_ = std::move(*fd);
  // Rows first: with a header the table counts as whole.
  for (auto& [key, row] : from.all())
    if (auto done = write_row(from, row.slot); !done)
      return done;
  return write_header(from.last_spawn_id());
}

bool table_file::taken_away() const noexcept {
  struct stat about {};
  return ::fstat(fd_.get(), &about) == 0 && about.st_nlink == 0;
}

} // namespace saker::keeper
