#include "config/cluster.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "config/section.hpp"

#include <algorithm>

namespace saker::config {

namespace {

class checker {
public:
  checker(draft& x, reader& to)
    : draft_(x),
      section_("cluster", "the address where other nodes find this one",
               x.cluster_slots, to) {
    // nop
  }

  void run() {
    if (draft_.cluster_listen.empty())
      return refuse_lonely_keys();
    addresses();
    paths();
    protection();
    times();
  }

private:
  cluster_settings& value() {
    return draft_.value.cluster;
  }

  void refuse(std::string_view key, const std::string& why) {
    section_.refuse(key, why);
  }

  void refuse_lonely_keys() {
    section_.refuse_lonely("join", !draft_.cluster_join.empty());
    section_.refuse_lonely("cookie-file", !draft_.cluster_cookie.empty());
    section_.refuse_lonely("tls.cert", !draft_.cluster_cert.empty());
    section_.refuse_lonely("tls.key", !draft_.cluster_key.empty());
    section_.refuse_lonely("tls.ca", !draft_.cluster_ca.empty());
    section_.refuse_lonely("insecure", value().insecure);
  }

  std::optional<listen_address>
  tcp(std::string_view key, const std::string& text) {
    auto x = parse_listen_address(text, draft_.value.runtime_dir);
    if (!x) {
      refuse(key, x.error().detail);
      return std::nullopt;
    }
    if (!x->is_tcp() || x->optional) {
      refuse(key, '"' + printable(text)
                    + "\" is no address of a node; write "
                      "for example \"10.0.0.1:12107\"");
      return std::nullopt;
    }
    return std::move(*x);
  }

  void addresses() {
    value().listen = tcp("listen", draft_.cluster_listen);
    auto is_ours = [this](const listen_address& x) {
      return to_string(x) == to_string(*value().listen);
    };
    auto& plain = draft_.value.listen;
    auto& tls = draft_.value.tls.listen;
    if (value().listen
        && (std::any_of(plain.begin(), plain.end(), is_ours)
            || std::any_of(tls.begin(), tls.end(), is_ours)))
      refuse("listen", "clients connect to " + to_string(*value().listen)
                         + "; nodes need another port");
    auto& all = value().join;
    for (auto& text : draft_.cluster_join) {
      auto x = other_node(text);
      // One list may serve all nodes: each is in it, too.
      auto mine = value().listen && x == to_string(*value().listen);
      if (!x.empty() && !mine
          && std::find(all.begin(), all.end(), x) == all.end())
        all.push_back(std::move(x));
    }
  }

  /// Where to find another one; empty if it was refused.
  std::string other_node(const std::string& text) {
    if (auto x = parse_named_address(text))
      return x->host + ':' + std::to_string(x->port);
    auto x = parse_listen_address(text, draft_.value.runtime_dir);
    if (x && x->is_tcp() && !x->optional)
      return to_string(*x);
    refuse("join", '"' + printable(text)
                     + "\" is no address of a node; write for example "
                       "\"10.0.0.1:12107\", \"[fd00::1]:12107\" or "
                       "\"db1.example:12107\"");
    return {};
  }

  void paths() {
    auto base = draft_.value.file.parent_path();
    auto whole = [&](std::filesystem::path& to, const std::string& from) {
      if (!from.empty())
        to = (base / from).lexically_normal();
    };
    whole(value().cookie_file, draft_.cluster_cookie);
    whole(value().cert, draft_.cluster_cert);
    whole(value().key, draft_.cluster_key);
    whole(value().ca, draft_.cluster_ca);
  }

  void protection() {
    auto parts = {&value().cert, &value().key, &value().ca};
    auto given = std::count_if(parts.begin(), parts.end(),
                               [](auto* x) { return !x->empty(); });
    if (value().insecure)
      return loopback_only(given > 0);
    if (given == 0)
      refuse("listen", "needs tls = {cert = \"FILE\", key = \"FILE\", ca = "
                       "\"FILE\"}, or whoever reaches it could join; on one "
                       "machine insecure = true with a cookie-file will do");
    else if (given < 3)
      refuse(value().cert.empty()  ? "tls.cert"
             : value().key.empty() ? "tls.key"
                                   : "tls.ca",
             "is missing; tls needs cert, key and ca, the authority that "
             "signed the certificates of all nodes");
  }

  void loopback_only(bool tls) {
    if (tls)
      refuse("insecure", "and tls exclude each other");
    auto far = value().join;
    if (value().listen)
      far.push_back(to_string(*value().listen));
    for (auto& x : far)
      if (!stays_here(x))
        return refuse("insecure",
                      "is for loopback addresses, such as 127.0.0.1; on the "
                      "way to "
                        + x
                        + " others could listen and forge; set tls = {cert, "
                          "key, ca}");
    if (value().cookie_file.empty())
      refuse("insecure", "needs a cookie-file, a secret that all nodes share: "
                         "any user of this machine could join otherwise");
  }

  /// Of names the one that means loopback everywhere (RFC 6761).
  static bool stays_here(const std::string& address) {
    if (auto named = parse_named_address(address))
      return named->host == "localhost" || named->host.ends_with(".localhost");
    auto x = parse_listen_address(address, {});
    return x && x->loopback();
  }

  void times() {
    if (value().dead_after <= 2 * value().heartbeat)
      refuse("dead-after", "must be more than two heartbeats (2 x "
                             + format_duration(value().heartbeat) + "), not "
                             + format_duration(value().dead_after)
                             + ": one that is late is not dead");
  }

  draft& draft_;
  section section_;
};

} // namespace

void complete_cluster(draft& x, reader& reader) {
  checker{x, reader}.run();
}

} // namespace saker::config
