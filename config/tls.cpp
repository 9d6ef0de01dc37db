#include "config/tls.hpp"

#include "base/text.hpp"
#include "config/section.hpp"

#include <algorithm>

namespace saker::config {

namespace {

class tls_checker {
public:
  tls_checker(draft& x, reader& to)
    : draft_(x), section_("tls", "the addresses where clients speak TLS",
                          x.tls_slots, to) {
    // nop
  }

  void run() {
    if (draft_.tls_listen.empty())
      return refuse_lonely_keys();
    addresses();
    paths();
    files_given();
    clients();
    protection();
  }

private:
  tls_settings& value() {
    return draft_.value.tls;
  }

  void refuse(std::string_view key, const std::string& why) {
    section_.refuse(key, why);
  }

  void refuse_lonely_keys() {
    section_.refuse_lonely("cert", !draft_.tls_cert.empty());
    section_.refuse_lonely("key", !draft_.tls_key.empty());
    section_.refuse_lonely("ca", !draft_.tls_ca.empty());
    section_.refuse_lonely("client-certificate",
                           value().clients != client_certificate::no);
    section_.refuse_lonely("certificate-user", value().certificate_user);
  }

  void addresses() {
    auto known = draft_.value.listen;
    for (auto& text : draft_.tls_listen) {
      auto x = parse_listen_address(text, draft_.value.runtime_dir);
      if (!x) {
        refuse("listen", x.error().detail);
        continue;
      }
      if (!x->is_tcp()) {
        refuse("listen", '"' + printable(text)
                           + "\" is a UNIX socket, which needs no TLS; put it "
                             "into listen above the first [section]");
        continue;
      }
      auto same = [&](const listen_address& other) {
        return to_string(other) == to_string(*x);
      };
      if (std::any_of(known.begin(), known.end(), same)) {
        refuse("listen", '"' + printable(text)
                           + "\" stands there twice; TLS needs an address of "
                             "its own");
        continue;
      }
      known.push_back(*x);
      value().listen.push_back(std::move(*x));
    }
  }

  void paths() {
    auto base = draft_.value.file.parent_path();
    auto whole = [&](std::filesystem::path& to, const std::string& from) {
      if (!from.empty())
        to = (base / from).lexically_normal();
    };
    whole(value().cert, draft_.tls_cert);
    whole(value().key, draft_.tls_key);
    whole(value().ca, draft_.tls_ca);
  }

  void files_given() {
    if (value().cert.empty())
      refuse("cert", "is missing: the certificate that clients are shown, a "
                     "PEM file; `tools/certs DIR NAME` makes one");
    if (value().key.empty())
      refuse("key", "is missing: the private key of cert, a PEM file that "
                    "nobody else can read");
  }

  void clients() {
    if (value().clients != client_certificate::no && value().ca.empty())
      refuse("client-certificate",
             "needs ca, the authority that signs the certificates of clients");
    if (value().clients == client_certificate::no && value().certificate_user)
      refuse("certificate-user", "needs client-certificate = \"optional\" or "
                                 "\"required\", or nobody shows a certificate");
  }

  void protection() {
    if (value().clients == client_certificate::required
        || !draft_.value.default_password_hash().empty())
      return;
    for (auto& address : value().listen)
      if (!address.loopback())
        refuse("listen", to_string(address)
                           + " can be reached from other machines, but no user "
                             "has a password; set client-certificate = "
                             "\"required\", or [users.default] password-hash, "
                             "or listen on 127.0.0.1");
  }

  draft& draft_;
  section section_;
};

} // namespace

void complete_tls(draft& x, reader& reader) {
  tls_checker{x, reader}.run();
}

} // namespace saker::config
