#include "node/client_tls.hpp"

#include "io/client_tls.hpp"

namespace saker::node {

result<io::shared_tls> read_client_tls(const config::settings& settings,
                                       const session::parameters& from) {
  auto base = settings.file.parent_path();
  auto path = [&](std::string_view name) {
    auto& text = from.text(name);
    return text.empty() ? std::filesystem::path{}
                        : (base / text).lexically_normal();
  };
  auto& clients = from.text("tls-auth-clients");
  io::client_tls_files files;
  files.cert = path("tls-cert-file");
  files.key = path("tls-key-file");
  files.ca = path("tls-ca-cert-file");
  files.ask = clients != "no";
  files.demand = clients == "yes";
  // What is said here about security must not be a mere word.
  for (auto* name : {"tls-protocols", "tls-ciphers", "tls-ciphersuites"})
    if (!from.text(name).empty())
      return fail(errc::unsupported,
                  std::string{name}
                    + " is not obeyed: clients speak TLS 1.2 or 1.3 with "
                      "ciphers of forward secrecy; leave it empty");
  return io::load_client_tls(files);
}

std::string
warning_about(const io::shared_tls& what, const session::parameters& from) {
  auto wrong = io::complaint_about(what);
  return wrong.empty() ? wrong
                       : "TLS: " + from.text("tls-cert-file") + ": " + wrong;
}

} // namespace saker::node
