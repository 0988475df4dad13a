#pragma once
// Which pack of the config a recorded file is of.
#include <stdexcept>
#include <string>

#include "config/config.h"
#include "protocols/adapter.h"

namespace cellwarden {

/// What was asked for cannot be done: said in one line, exit code 2.
struct Unusable : std::runtime_error {
  using runtime_error::runtime_error;
};

/// Throws Unusable with every fault of the file.
Config usable_config(const std::string& file);
/// `config` empty: nothing is known of the pack; `id` empty: the only one in it.
PackConfig chosen_pack(const std::string& config, const std::string& id);
/// `id` empty: the pack's. nullptr: it has none.
const Protocol* chosen_protocol(const std::string& id, const PackConfig& pack);
/// " house-1 house-2"
std::string ids_of(const std::vector<PackConfig>& packs);

}  // namespace cellwarden
