#include "session/tracking.hpp"

#include "base/text.hpp"
#include "resp/number.hpp"
#include "session/words.hpp"

#include <algorithm>

namespace saker::session {

namespace {

// Nothing is ever invalidated here, so nobody needs many.
constexpr std::size_t most_prefixes = 100;
constexpr std::size_t longest_prefix = 1'000;

constexpr std::string_view syntax_error_text = "ERR syntax error";

std::string no_switch(std::string_view mode) {
  return "ERR You can't switch " + std::string{mode}
         + " before disabling tracking for this client, and then re-enabling "
           "it with a different mode.";
}

bool overlap(std::string_view x, std::string_view y) {
  return x.starts_with(y) || y.starts_with(x);
}

} // namespace

struct tracking::options {
  bool broadcast = false;
  bool opt_in = false;
  bool opt_out = false;
  bool no_loop = false;
  std::uint64_t redirect = 0;
  std::vector<std::string> prefixes;
};

std::string tracking::read(std::span<const std::string_view> words,
                           const finder& exists, options& into) const {
  for (std::size_t i = 1; i < words.size(); ++i) {
    auto is = [word = words[i]](std::string_view x) {
      return equal_ignoring_case(word, x);
    };
    auto more = i + 1 < words.size();
    if (is("REDIRECT") && more) {
      if (into.redirect != 0)
        return "ERR A client can only redirect to a single other client";
      auto id = resp::strict_integer(words[++i]);
      if (!id)
        return "ERR value is not an integer or out of range";
      into.redirect = static_cast<std::uint64_t>(*id);
      if (!exists || !exists(into.redirect))
        return "ERR The client ID you want redirect to does not exist";
    } else if (is("PREFIX") && more) {
      auto prefix = words[++i];
      if (prefix.size() > longest_prefix
          || prefixes_.size() + into.prefixes.size() >= most_prefixes)
        return "ERR a client may have at most 100 prefixes of at most 1000 "
               "bytes";
      into.prefixes.emplace_back(prefix);
    } else if (is("BCAST")) {
      into.broadcast = true;
    } else if (is("OPTIN")) {
      into.opt_in = true;
    } else if (is("OPTOUT")) {
      into.opt_out = true;
    } else if (is("NOLOOP")) {
      into.no_loop = true;
    } else {
      return std::string{syntax_error_text};
    }
  }
  return {};
}

/// Why it cannot be switched on like this, in the order of Redis.
std::string tracking::refuse(const options& x) const {
  if (!x.broadcast && !x.prefixes.empty())
    return "ERR PREFIX option requires BCAST mode to be enabled";
  if (on_ && broadcast_ != x.broadcast)
    return no_switch("BCAST mode on/off");
  if (x.broadcast && (x.opt_in || x.opt_out))
    return "ERR OPTIN and OPTOUT are not compatible with BCAST";
  if (x.opt_in && x.opt_out)
    return "ERR You can't specify both OPTIN mode and OPTOUT mode";
  if ((x.opt_in && opt_out_) || (x.opt_out && opt_in_))
    return no_switch("OPTIN/OPTOUT mode");
  return x.broadcast ? collision(x.prefixes) : std::string{};
}

std::string
tracking::collision(const std::vector<std::string>& prefixes) const {
  auto text = [](std::string_view one, std::string_view how,
                 std::string_view other) {
    return "ERR Prefix '" + std::string{excerpt(one)} + "' overlaps with "
           + std::string{how} + " '" + std::string{excerpt(other)}
           + "'. Prefixes for a single client must not overlap.";
  };
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    for (auto& old : prefixes_)
      if (overlap(old, prefixes[i]))
        return text(prefixes[i], "an existing prefix", old);
    for (auto j = i + 1; j < prefixes.size(); ++j)
      if (overlap(prefixes[i], prefixes[j]))
        return text(prefixes[i], "another provided prefix", prefixes[j]);
  }
  return {};
}

std::string tracking::change(std::span<const std::string_view> words,
                             const finder& exists) {
  options x;
  if (auto no = read(words, exists, x); !no.empty())
    return no;
  if (equal_ignoring_case(words[0], "OFF")) {
    *this = {};
    return {};
  }
  if (!equal_ignoring_case(words[0], "ON"))
    return std::string{syntax_error_text};
  if (auto no = refuse(x); !no.empty())
    return no;
  on_ = true;
  broadcast_ = x.broadcast;
  opt_in_ = x.opt_in;
  opt_out_ = x.opt_out;
  no_loop_ = x.no_loop;
  redirect_ = x.redirect;
  if (x.broadcast && x.prefixes.empty())
    x.prefixes.emplace_back();
  for (auto& prefix : x.prefixes)
    if (std::find(prefixes_.begin(), prefixes_.end(), prefix)
        == prefixes_.end())
      prefixes_.push_back(std::move(prefix));
  std::sort(prefixes_.begin(), prefixes_.end());
  return {};
}

std::string tracking::cache(std::string_view word) {
  if (!on_ || (!opt_in_ && !opt_out_))
    return "ERR CLIENT CACHING can be called only when the client is in "
           "tracking mode with OPTIN or OPTOUT mode enabled";
  auto yes = equal_ignoring_case(word, "YES");
  if (!yes && !equal_ignoring_case(word, "NO"))
    return std::string{syntax_error_text};
  if (yes && !opt_in_)
    return "ERR CLIENT CACHING YES is only valid when tracking is enabled in "
           "OPTIN mode.";
  if (!yes && !opt_out_)
    return "ERR CLIENT CACHING NO is only valid when tracking is enabled in "
           "OPTOUT mode.";
  caching_ = true;
  return {};
}

void tracking::append_info(resp::writer out) const {
  std::vector<std::string_view> flags{on_ ? "on" : "off"};
  auto add = [&flags](bool is, std::string_view word) {
    if (is)
      flags.push_back(word);
  };
  add(broadcast_, "bcast");
  add(opt_in_, "optin");
  add(opt_in_ && caching_, "caching-yes");
  add(opt_out_, "optout");
  add(opt_out_ && caching_, "caching-no");
  add(no_loop_, "noloop");
  out.map(3);
  out.bulk("flags");
  out.set(flags.size());
  for (auto x : flags)
    out.bulk(x);
  out.bulk("redirect");
  out.integer(redirect());
  out.bulk("prefixes");
  out.array(prefixes_.size());
  for (auto& x : prefixes_)
    out.bulk(x);
}

} // namespace saker::session
