#pragma once
#include <filesystem>
#include <iosfwd>

#include "config/config.h"

namespace cellwarden {

/// `cellwarden record LINK --protocol P FILE`: polls and writes every chunk as it passed, until SIGINT, SIGTERM or
/// `seconds`. Exit codes: 0 written, 1 nothing came, 3 the link or the file could not be opened.
int record_pack(const PackConfig& pack, const std::filesystem::path& file, std::optional<Seconds> seconds,
                std::ostream& out, std::ostream& err);

}  // namespace cellwarden
