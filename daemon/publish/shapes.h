#pragma once
// The packs' shapes kept for the next start, so that a pack that is away then still has its entities.
#include <filesystem>
#include <map>
#include <string>

#include "daemon/publish/entities.h"

namespace cellwarden {

/// A file that is missing or broken gives no shapes.
std::map<std::string, Shape> load_shapes(const std::filesystem::path& state_dir);
/// Writes beside and renames. What goes wrong is only logged: without it the next start learns anew.
void save_shapes(const std::filesystem::path& state_dir, const std::map<std::string, Shape>& shapes);

}  // namespace cellwarden
