#include "keeper/table_file.hpp"

#include "keeper/table_image.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

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

} // namespace

result<table_file> table_file::open(std::string path) {
  unique_fd fd{::open(path.c_str(), flags, 0600)};
  if (!fd)
    return system_failure("open", path, errno);
  struct stat about {};
  if (::fstat(fd.get(), &about) != 0)
    return system_failure("inspect", path, errno);
  if (auto why = distrust(about))
    return fail(errc::refused,
                path + " " + why + ": move it away and start again");
  return table_file{std::move(path), std::move(fd)};
}

result<table_file::content> table_file::load() {
  content out;
  record bytes;
  auto read = [&](std::uint32_t slot) {
    auto at = static_cast<off_t>(slot) * static_cast<off_t>(record_size);
    auto got = ::pread(fd_.get(), bytes.data(), bytes.size(), at);
    return got > 0
             ? std::string_view{bytes.data(), static_cast<std::size_t>(got)}
             : std::string_view{};
  };
  auto first = read(0);
  auto header = decode_header(first);
  if (!header || header->boot != process::this_boot()) {
    if (!header && !first.empty())
      out.complaints.push_back(path_ + ": no table of ours: starting empty");
    if (auto done = start_over(0); !done)
      return done.error();
    return out;
  }
  out.last_spawn_id = header->last_spawn_id;
  const record nothing{};
  for (std::uint32_t slot = 1; slot <= table::max_rows; ++slot) {
    auto found = read(slot);
    if (found.empty())
      break;
    auto row = decode_record(found, slot, header->boot);
    if (!row) {
      out.complaints.push_back(path_ + " slot " + std::to_string(slot) + ": "
                               + row.error().detail + ": ignored");
      write_slot(slot, nothing.data());
    } else if (*row) {
      out.rows.push_back(std::move(**row));
    }
  }
  return out;
}

result<void> table_file::save(const table& from, const table::changes& what) {
  if (what.header) {
    auto bytes = encode_header({process::this_boot(), from.last_spawn_id()});
    if (auto done = write_slot(0, bytes.data()); !done)
      return done;
  }
  const record nothing{};
  for (auto slot : what.slots) {
    auto row = from.in_slot(slot);
    auto bytes = row ? encode_record(*row) : nothing;
    if (auto done = write_slot(slot, bytes.data()); !done)
      return done;
  }
  return {};
}

result<void> table_file::write_slot(std::uint32_t slot, const char* bytes) {
  auto at = static_cast<off_t>(slot) * static_cast<off_t>(record_size);
  auto written = ::pwrite(fd_.get(), bytes, record_size, at);
  if (written == static_cast<ssize_t>(record_size))
    return {};
  return system_failure("write", path_, written < 0 ? errno : ENOSPC);
}

result<void> table_file::start_over(std::uint64_t last_spawn_id) {
  if (::ftruncate(fd_.get(), 0) != 0)
    return system_failure("truncate", path_, errno);
  auto bytes = encode_header({process::this_boot(), last_spawn_id});
  return write_slot(0, bytes.data());
}

} // namespace saker::keeper
