#pragma once

#include "tests/support/temporary_directory.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace saker::test {

/// An authority and the certificates that it signed, as PEM files.
class test_authority {
public:
  explicit test_authority(const std::string& name = "authority") {
    key_ = make_key();
    cert_ = sign(name, key_.get(), nullptr, key_.get(), days(1));
    write_cert("ca.pem", cert_.get());
  }

  static constexpr long days(long x) {
    return x * 24 * 3600;
  }

  /// Makes `NAME.pem` and `NAME.key`, valid for so many seconds from now on.
  void issue(const std::string& name, long seconds = days(1)) {
    issue(name, name, seconds);
  }

  /// … with another common name.
  void
  issue(const std::string& file, const std::string& common_name, long seconds) {
    auto key = make_key();
    auto cert = sign(common_name, key.get(), cert_.get(), key_.get(), seconds);
    write_cert(file + ".pem", cert.get());
    write_key(file + ".key", key.get());
  }

  /// A key that belongs to nobody here, and is of another kind.
  void make_strange_key(const std::string& file) const {
    owned<EVP_PKEY> key{::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                        ::EVP_PKEY_free};
    write_key(file, key.get());
  }

  /// A key with a password.
  void make_locked_key(const std::string& file) const {
    write_key(file, make_key().get(), "secret");
  }

  std::filesystem::path operator/(const std::string& file) const {
    return dir_.path() / file;
  }

private:
  template <class T>
  using owned = std::unique_ptr<T, void (*)(T*)>;

  static owned<EVP_PKEY> make_key() {
    return {::EVP_EC_gen("P-256"), ::EVP_PKEY_free};
  }

  static owned<X509> sign(const std::string& name, EVP_PKEY* key, X509* issuer,
                          EVP_PKEY* with, long seconds) {
    static long serial = 0;
    owned<X509> x{::X509_new(), ::X509_free};
    ::X509_set_version(x.get(), 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(x.get()), ++serial);
    ::X509_gmtime_adj(::X509_getm_notBefore(x.get()), -days(2));
    ::X509_gmtime_adj(::X509_getm_notAfter(x.get()), seconds);
    auto* subject = ::X509_get_subject_name(x.get());
    ::X509_NAME_add_entry_by_txt(
      subject, "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(name.data()),
      static_cast<int>(name.size()), -1, 0);
    ::X509_set_issuer_name(x.get(),
                           issuer ? ::X509_get_subject_name(issuer) : subject);
    ::X509_set_pubkey(x.get(), key);
    if (!issuer) {
      owned<X509_EXTENSION> authority{
        ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints,
                              "critical,CA:TRUE"),
        ::X509_EXTENSION_free};
      ::X509_add_ext(x.get(), authority.get(), -1);
    }
    ::X509_sign(x.get(), with, ::EVP_sha256());
    return x;
  }

  void write_cert(const std::string& file, X509* x) const {
    auto* to = std::fopen((dir_.path() / file).c_str(), "w");
    ::PEM_write_X509(to, x);
    std::fclose(to);
  }

  void write_key(const std::string& file, EVP_PKEY* x,
                 std::string password = {}) const {
    auto path = dir_.path() / file;
    auto* to = std::fopen(path.c_str(), "w");
    ::PEM_write_PrivateKey(
      to, x, password.empty() ? nullptr : ::EVP_aes_128_cbc(), nullptr, 0,
      nullptr, password.empty() ? nullptr : password.data());
    std::fclose(to);
    using std::filesystem::perms;
    std::filesystem::permissions(path, perms{0600});
  }

  temporary_directory dir_;
  owned<EVP_PKEY> key_{nullptr, ::EVP_PKEY_free};
  owned<X509> cert_{nullptr, ::X509_free};
};

} // namespace saker::test
