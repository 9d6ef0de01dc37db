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
  return io::load_client_tls(files);
}

} // namespace saker::node
