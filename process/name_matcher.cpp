#include "process/name_matcher.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <re2/re2.h>

namespace saker::process {

namespace {

constexpr std::array<std::string_view, 3> own_names = {"saker", "saker-keeper",
                                                       "saker-node"};

RE2::Options options() {
  RE2::Options x;
  // Command lines are bytes, not text: every byte shall be a character.
  x.set_encoding(RE2::Options::EncodingLatin1);
  x.set_dot_nl(true);
  x.set_log_errors(false);
  return x;
}

} // namespace

struct name_matcher::program {
  program(const std::string& pattern, std::vector<pid_t> pids)
    : re(pattern, options()), ours(std::move(pids)) {
    // nop
  }

  RE2 re;
  std::vector<pid_t> ours;
};

name_matcher::name_matcher(std::unique_ptr<program> re) noexcept
  : re_(std::move(re)) {
  // nop
}

name_matcher::name_matcher(name_matcher&&) noexcept = default;
name_matcher& name_matcher::operator=(name_matcher&&) noexcept = default;
name_matcher::~name_matcher() = default;

result<name_matcher>
name_matcher::compile(const std::string& pattern, std::vector<pid_t> ours) {
  if (pattern.empty())
    return fail(errc::syntax, "match: an empty pattern would match everything");
  auto re = std::make_unique<program>(pattern, std::move(ours));
  if (!re->re.ok())
    return fail(errc::syntax, "match: " + re->re.error() + " in \""
                                + printable(pattern) + "\"");
  return name_matcher{std::move(re)};
}

bool name_matcher::matches(const proc_entry& x) const {
  if (x.kernel || x.state == 'Z' || x.state == 'X')
    return false;
  if (std::find(own_names.begin(), own_names.end(), x.comm) != own_names.end())
    return false;
  if (std::find(re_->ours.begin(), re_->ours.end(), x.pid) != re_->ours.end())
    return false;
  return describes(x);
}

bool name_matcher::describes(const proc_entry& x) const {
  return RE2::PartialMatch(x.cmdline, re_->re)
         || RE2::PartialMatch(x.comm, re_->re);
}

const std::string& name_matcher::pattern() const noexcept {
  return re_->re.pattern();
}

std::vector<proc_entry>
find_processes(const name_matcher& pattern, std::optional<uid_t> user) {
  std::vector<proc_entry> found;
  each_process([&](const proc_entry& x) {
    if ((!user || x.uid == *user) && pattern.matches(x))
      found.push_back(x);
    return true;
  });
  std::sort(found.begin(), found.end(),
            [](const proc_entry& x, const proc_entry& y) {
              return x.start_time != y.start_time ? x.start_time < y.start_time
                                                  : x.pid < y.pid;
            });
  return found;
}

} // namespace saker::process
