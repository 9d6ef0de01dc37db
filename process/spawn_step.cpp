#include "process/spawn_step.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <stdexcept>

namespace saker::process {

namespace {

struct step_text {
  std::string_view name;
  std::string_view words; ///< what a person reads in front of the subject
};

constexpr std::array<step_text, spawn_steps> texts = {{
  {"none", "spawn"},
  {"arguments", "read the specification of"},
  {"report", "make the report pipe for"},
  {"fork", "fork for"},
  {"session", "start a session for"},
  {"cgroup", "enter cgroup"},
  {"oom", "set the OOM score to"},
  {"output", "open output"},
  {"pidfile_open", "open pidfile"},
  {"pidfile_lock", "lock pidfile"},
  {"limits", "set limit"},
  {"nice", "set nice"},
  {"cpus", "bind to CPUs"},
  {"lookup", "look up"},
  {"owner", "give away output"},
  {"groups", "set the groups of"},
  {"user", "become user"},
  {"files", "open"},
  {"dir", "change to directory"},
  {"umask", "set the umask for"},
  {"privileges", "drop privileges for"},
  {"mask", "unblock signals for"},
  {"exec", "exec"},
}};

std::size_t index_of(spawn_step x) noexcept {
  auto index = static_cast<std::size_t>(x);
  return index < texts.size() ? index : 0;
}

std::string_view hint(const spawn_failure& x) noexcept {
  if (!x.hint.empty())
    return x.hint;
  switch (x.step) {
    case spawn_step::lookup:
      return x.error == ENOENT ? "no such user or group; a number without an "
                                 "account needs groups"
                               : "";
    case spawn_step::oom:
      return x.error == EACCES ? "only CAP_SYS_RESOURCE may lower it" : "";
    case spawn_step::limits:
      if (x.error == EPERM)
        return "it is above the hard limit of Saker";
      return x.error == EINVAL ? "the soft limit is above the hard one" : "";
    case spawn_step::nice:
      return x.error == EACCES || x.error == EPERM
               ? "only CAP_SYS_NICE may raise a priority"
               : "";
    case spawn_step::cpus:
      return x.error == EINVAL ? "none of them is there, or allowed here" : "";
    case spawn_step::pidfile_lock:
      return x.error == EAGAIN || x.error == EACCES ? "another process holds it"
                                                    : "";
    case spawn_step::exec:
      if (x.error == ENOENT)
        return "the program, or the interpreter in its first line, is missing";
      if (x.error == EACCES)
        return "this user may not run it";
      return x.error == ENOEXEC ? "not a program; a script needs a #! line"
                                : "";
    case spawn_step::owner:
    case spawn_step::user:
    case spawn_step::groups:
      return x.error == EPERM ? "only root may start services as somebody else"
                              : "";
    default: return "";
  }
}

std::string with_subject(std::string_view words, std::string_view subject) {
  std::string text{words};
  // A path is told whole: where it is wrong may be its end.
  return subject.empty() ? text : text + ' ' + printable(subject, PATH_MAX);
}

/// `No such file or directory (ENOENT)`.
std::string words_of(int error) {
  return errno_text(error) + " (" + std::string{errno_name(error)} + ")";
}

/// Of `dir /nfs`, the step that hung and its object.
std::string hung_text(std::string_view what) {
  auto name = what.substr(0, what.find(' '));
  auto step = parse_spawn_step(name);
  if (!step)
    return printable(what);
  what.remove_prefix(std::min(what.size(), name.size() + 1));
  return with_subject(texts[index_of(*step)].words, what);
}

/// Steps in which we make or write files of our own.
bool is_ours(spawn_step x) noexcept {
  switch (x) {
    case spawn_step::report:
    case spawn_step::fork:
    case spawn_step::session:
    case spawn_step::cgroup:
    case spawn_step::oom:
    case spawn_step::output:
    case spawn_step::pidfile_open:
    case spawn_step::pidfile_lock: return true;
    default: return false;
  }
}

/// `0,2,3`
std::string list_of(const std::vector<int>& numbers) {
  std::string text;
  for (auto x : numbers)
    text += (text.empty() ? "" : ",") + std::to_string(x);
  return text;
}

const std::string& program_of(const spec& what) {
  static const std::string none;
  return what.argv.empty() ? none : what.argv.front();
}

const std::string& output_of(const spec& what, std::size_t index) {
  return index == 1 && what.err ? what.err->path : what.out.path;
}

} // namespace

std::string_view to_string(spawn_step x) noexcept {
  return texts[index_of(x)].name;
}

std::optional<spawn_step> parse_spawn_step(std::string_view name) noexcept {
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (texts[i].name == name)
      return static_cast<spawn_step>(i);
  return std::nullopt;
}

std::string to_string(const spawn_failure& x) {
  auto text = with_subject(texts[index_of(x.step)].words, x.path) + ": ";
  if (x.error == 0)
    return text + "the child was killed meanwhile";
  if (auto why = hint(x); !why.empty() && x.step == spawn_step::lookup)
    return text.append(why);
  text += words_of(x.error);
  if (auto why = hint(x); !why.empty())
    text.append(": ").append(why);
  return text;
}

std::string failure_text(std::string_view step, int error,
                         std::string_view path, std::string_view found) {
  if (auto known = parse_spawn_step(step))
    return to_string(
      spawn_failure{*known, error, std::string{path}, std::string{found}});
  if (step == "timeout")
    return hung_text(path) + ": no end within the start timeout (timeout)";
  auto text = with_subject(step, path);
  if (!found.empty())
    text.append(path.empty() ? " " : ": ").append(found);
  return error == 0 ? text : text + ": " + words_of(error);
}

failure to_failure(const spawn_failure& x) {
  auto locked = x.step == spawn_step::pidfile_lock
                && (x.error == EAGAIN || x.error == EACCES);
  return fail(locked ? errc::pidfile_locked : errc::spawn_failed, to_string(x));
}

bool is_shortage(const spawn_failure& x) noexcept {
  switch (x.error) {
    case 0: return false;
    // exec says EAGAIN when the user has too many processes, a lock when
    // somebody holds it: he will let go.
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOLCK:
    case ENOMEM: return true;
    case EACCES: return x.step == spawn_step::pidfile_lock; // as EAGAIN
    case EDQUOT:
    case EIO:
    case ENOSPC:
    case EROFS: return is_ours(x.step);
    // Nothing of it is the service's: the FIFO and its directory are ours.
    default: return x.step == spawn_step::output;
  }
}

bool is_permanent(const spawn_failure& x) noexcept {
  switch (x.error) {
    case ENOENT:
    case EACCES: return x.step != spawn_step::pidfile_lock;
    case EPERM:
    case ENOEXEC:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EINVAL:
    case E2BIG:
    case ENOSYS:
    case ELIBBAD:
    case EOPNOTSUPP: return true;
    default: return false;
  }
}

std::string subject_of(const spec& what, spawn_step step, std::size_t index) {
  switch (step) {
    case spawn_step::cgroup: return what.cgroup;
    case spawn_step::oom: return std::to_string(what.oom.value_or(0));
    case spawn_step::output:
    case spawn_step::owner: return output_of(what, index);
    case spawn_step::pidfile_open:
    case spawn_step::pidfile_lock: return what.pidfile;
    case spawn_step::limits:
      // Index 0 is NOFILE as the parent had it.
      return index > 0 && index <= what.limits.size()
               ? std::string{limit_name(what.limits[index - 1].resource)}
               : "nofile";
    case spawn_step::nice: return std::to_string(what.nice);
    case spawn_step::cpus: return list_of(what.cpus);
    case spawn_step::lookup:
      return index > 0 && index <= what.groups.size() ? what.groups[index - 1]
                                                      : what.user;
    case spawn_step::groups:
    case spawn_step::user: return what.user;
    case spawn_step::files:
      return index == 0 ? what.input : output_of(what, index - 1);
    case spawn_step::dir: return what.dir;
    default: return program_of(what);
  }
}

void throw_exception_from_error(const spawn_failure& x,
                                const boost::source_location&) {
  throw std::logic_error("unchecked failure: " + to_string(x));
}

} // namespace saker::process
