#include "actors/writer.hpp"
#include "messages/error.hpp"

#include <algorithm>

// What a WRITER does with log files.

namespace saker {

void writer_state::append(const added_lines& what) {
  writer_effort asks{*links.pulse, self->clock().now()};
  auto& of = children_[what.key];
  if (of.streams.empty())
    add(what.key, of);
  // What the child put out before stands before them.
  for (auto which : of.streams)
    turn(which, streams_.at(which));
  auto which = of.streams.front();
  auto& x = streams_.at(which);
  if (!x.watch) // no child: the definition may have changed meanwhile
    use_file(x, what.file, what.settings);
  auto done = x.pump.add(what.text, self->clock().now());
  if (x.pump.file())
    open_.used(x.pump.file());
  if (!x.watch)
    x.pump.release();
  tell(x, done);
  remember(what.key);
  if (done.full)
    rest(which, x);
}

caf::result<std::string>
writer_state::tail(const std::string& path, std::uint32_t lines) {
  writer_effort asks{*links.pulse, self->clock().now()};
  for (auto& [which, x] : streams_)
    if (x.pump.file() && x.pump.file()->path() == path)
      turn(which, x);
  auto bytes = std::clamp(lines * tail_line, tail_least, tail_most);
  auto text = process::tail(path, lines, bytes);
  if (!text)
    return to_error(text.error());
  if (text->ends_with('\n'))
    text->pop_back();
  return std::move(*text);
}

caf::result<bool> writer_state::rotate(const std::string& key) {
  return change_files(key, "rotate", [](process::log_file& x) {
    return x.size() > 0 ? x.rotate() : result<void>{};
  });
}

caf::result<bool> writer_state::clear(const std::string& key) {
  return change_files(key, "clear",
                      [](process::log_file& x) { return x.clear(); });
}

caf::result<bool>
writer_state::change_files(const std::string& key, std::string_view verb,
                           file_change how) {
  writer_effort asks{*links.pulse, self->clock().now()};
  auto i = children_.find(key);
  if (i == children_.end())
    return to_error(
      fail(errc::not_found, std::string{verb} + ' ' + key
                              + ": it has no log file; is it running, with log "
                                "on?"));
  // What was put out before belongs to the file as it was.
  for (auto which : i->second.streams)
    turn(which, streams_.at(which));
  for (auto which : i->second.streams) {
    auto& x = streams_.at(which);
    auto& file = x.pump.file();
    auto done = file ? file->open(self->clock().now()) : result<void>{};
    if (done && file)
      done = how(*file);
    if (file)
      open_.used(file);
    if (!x.watch)
      x.pump.release();
    if (!done)
      return to_error(done.error());
  }
  return true;
}

/// Without a path into none.
void writer_state::use_file(stream& x, const std::string& path,
                            const supervision::log_settings& how) {
  using when_full = process::output_pump::when_full;
  auto file = path.empty() ? nullptr : shared_file(path, {how.size, how.keep});
  x.pump.change(std::move(file),
                how.full == supervision::log_settings::when_full::block
                  ? when_full::block
                  : when_full::drop);
}

/// Out and err may go into one.
std::shared_ptr<process::log_file>
writer_state::shared_file(const std::string& path, process::rotation limits) {
  auto& known = files_[path];
  auto file = known.lock();
  if (!file)
    known = file = std::make_shared<process::log_file>(path, limits);
  file->limit(limits);
  return file;
}

} // namespace saker
