#pragma once
#include <filesystem>
#include <iosfwd>

namespace cellwarden {

/// `cellwarden check`: every fault of the file on `err`, exit code 2; else a summary on `out`, exit code 0.
int check_config(const std::filesystem::path& file, std::ostream& out, std::ostream& err);

}  // namespace cellwarden
