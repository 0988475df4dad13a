#pragma once
// A bank as its state topic has it: every key is there, null for unknown, values rounded to their resolution.
#include <nlohmann/json.hpp>

#include "daemon/banks/bank_state.h"

namespace cellwarden {

nlohmann::json to_json(const BankState& bank);
/// Whether a state topic's object is a bank's, and no pack's.
bool is_bank(const nlohmann::json& state);
/// Throws nlohmann::json::exception where it is none. What a bank does not publish is not in it.
BankState bank_from_json(const nlohmann::json& state);

}  // namespace cellwarden
