#pragma once
// The payloads of a pack's topics. Pure. Every key is always there; what is unknown is null.
#include <string>
#include <vector>

#include "daemon/alerts/alert.h"
#include "daemon/analysis/insight.h"
#include "daemon/banks/bank_state.h"
#include "protocols/battery.h"
#include "protocols/link_counters.h"

namespace cellwarden {

/// <id>/state: the reading, what follows from its cells at once, the energy counted so far, a switch for each alert
/// (alert_cell_near_ovp, ...), null where nobody judges them, and what a radio link counts, null on a wire.
std::string state_message(const Reading& reading, const std::optional<Energy>& energy = {},
                          const std::optional<std::vector<Alert>>& standing = {},
                          const std::optional<LinkCounters>& link = {});
/// <id>/info: identity and limits, those of the owner (`overrides`) before those of the BMS.
std::string info_message(const Identity& identity, Limits limits, const Limits& overrides);
/// <id>/alerts: a list of what stands. <id>/event: what came or went.
std::string alerts_message(const std::vector<Alert>& standing);
std::string event_message(const AlertEvent& event);
std::string insight_message(const Insight& insight);
/// Of a bank, <id>/state: its packs taken together. <id>/info: who they are, and their limits combined.
std::string bank_state_message(const BankState& bank);
std::string bank_info_message(const BankState& bank);

}  // namespace cellwarden
