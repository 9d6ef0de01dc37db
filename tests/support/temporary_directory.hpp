#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace saker::test {

/// An empty directory of our own, removed at the end of the scope.
class temporary_directory {
public:
  temporary_directory() {
    std::string name = "/tmp/saker-test-XXXXXX";
    if (!::mkdtemp(name.data()))
      throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }

  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  ~temporary_directory() {
    std::error_code ec;
    std::filesystem::remove_all(path_, ec);
  }

  const std::filesystem::path& path() const {
    return path_;
  }

  /// Writes a file with mode 0644 and returns its path.
  std::filesystem::path
  write(const std::string& name, const std::string& text) const {
    auto file = path_ / name;
    std::ofstream{file} << text;
    using std::filesystem::perms;
    std::filesystem::permissions(file, perms{0644});
    return file;
  }

private:
  std::filesystem::path path_;
};

} // namespace saker::test
