#pragma once
#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace cellwarden::test {

/// Where a file costs no disk, as in a service's runtime directory.
inline std::filesystem::path in_memory() { return std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp"; }

/// A directory of its own that goes away with the test.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::filesystem::path& in = "/tmp") {
    std::string name = in / "cellwarden-test-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  std::filesystem::path path;
};

}  // namespace cellwarden::test
