#include "session/listen_parameters.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace saker::session {

namespace {

constexpr std::size_t most_hosts = 16; // as Redis has it

bool is_ipv6(const config::listen_address& x) {
  return x.host.find(':') != x.host.npos;
}

bool is_every_host(const config::listen_address& x) {
  return x.host == "0.0.0.0" || x.host == "::";
}

bool has(const address_list& among, const config::listen_address& x) {
  return std::any_of(among.begin(), among.end(),
                     [&](auto& y) { return to_string(x) == to_string(y); });
}

/// What `parse_listen_address` reads.
std::string written_out(std::string_view host, std::uint16_t port) {
  auto text = std::string{host};
  if (host == "*")
    text = "0.0.0.0";
  else if (host == "::*")
    text = "[::]";
  else if (host.find(':') != host.npos)
    text = '[' + text + ']';
  return text + ':' + std::to_string(port);
}

} // namespace

result<address_list>
bound_addresses(std::string_view bind, std::uint16_t port) {
  address_list all;
  for (auto word : split(bind, ' ')) {
    if (word.empty())
      continue;
    auto optional = word.starts_with('-');
    auto x = config::parse_listen_address(
      written_out(word.substr(optional ? 1 : 0), port), {});
    if (!x)
      return fail(errc::invalid_argument,
                  '"' + printable(word, 128)
                    + "\" is no numeric address, such as 127.0.0.1 or ::1");
    x->optional = optional;
    if (has(all, *x))
      return fail(errc::invalid_argument,
                  '"' + std::string{word} + "\" stands there twice");
    all.push_back(std::move(*x));
  }
  if (all.size() > most_hosts)
    return fail(errc::limit, "Too many bind addresses specified.");
  return all;
}

std::string bound_host(const config::listen_address& x) {
  return x.optional ? '-' + x.host : x.host;
}

bool excludes(const config::listen_address& x,
              const config::listen_address& y) {
  if (!x.is_tcp() || !y.is_tcp())
    return !x.is_tcp() && !y.is_tcp() && x.path == y.path;
  return x.port == y.port && is_ipv6(x) == is_ipv6(y)
         && (x.host == y.host || is_every_host(x) || is_every_host(y));
}

listen_change
change_between(const address_list& now, const address_list& next) {
  listen_change x;
  std::copy_if(next.begin(), next.end(), std::back_inserter(x.open),
               [&](auto& y) { return !has(now, y); });
  for (auto& old : now) {
    if (has(next, old))
      continue;
    auto in_the_way = std::any_of(x.open.begin(), x.open.end(),
                                  [&](auto& y) { return excludes(old, y); });
    (in_the_way ? x.close_first : x.close).push_back(old);
  }
  return x;
}

} // namespace saker::session
