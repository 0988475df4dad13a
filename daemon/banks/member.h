#pragma once
// A pack as its bank knows it.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "daemon/analysis/insight.h"
#include "protocols/battery.h"

namespace cellwarden {

/// What the owner wrote of a pack, as far as a bank needs it.
struct BankedPack {
  std::string id;
  std::optional<double> capacity_ah;
  std::optional<std::string> chemistry;
  Limits limits;  ///< win over the BMS's

  bool operator==(const BankedPack&) const = default;
};

/// What a pack's insight says of the end of its charge.
struct ChargeOutlook {
  Output<ChargeVerdict> verdict;
  Output<int> first_full_cell;
  Output<double> margin_mv, minutes_to_stop, v_pack_at_first_cell_limit;

  bool operator==(const ChargeOutlook&) const = default;
};

struct Member {
  BankedPack pack;
  bool online = false, heard = false;  ///< `heard`: since it came online
  std::optional<Reading> reading = {};
  ChargeOutlook outlook = {};
  Limits from_bms = {};

  bool fresh() const { return online && heard && reading; }
  /// No switch is known to be off.
  bool connected() const { return fresh() && reading->charge_on != false && reading->discharge_on != false; }

  Limits limits() const {
    Limits all = from_bms;
    merge(all, pack.limits);
    if (pack.capacity_ah) all.capacity_ah = pack.capacity_ah;
    if (pack.chemistry) all.chemistry = pack.chemistry;
    if (reading && !reading->cells_v.empty()) all.cell_count = static_cast<int>(reading->cells_v.size());
    if (!all.capacity_ah && reading) all.capacity_ah = reading->full_ah;
    return all;
  }
  /// As the owner wrote it, else what the BMS is set to, else what it holds today.
  std::optional<double> capacity_ah() const {
    const auto ah = limits().capacity_ah;
    return ah && *ah > 0 ? ah : std::nullopt;
  }
  // Of a fresh member.
  std::optional<double> remaining_ah() const {
    if (reading->remaining_ah) return reading->remaining_ah;
    const auto ah = capacity_ah();
    return ah && reading->soc_pct ? std::optional(*ah * *reading->soc_pct / 100) : std::nullopt;
  }
  /// Until full; a pack that holds more than its own "full" has none.
  std::optional<double> headroom_ah() const {
    const auto full = reading->full_ah ? reading->full_ah : capacity_ah(), remaining = remaining_ah();
    return full && remaining ? std::optional(std::max(0.0, *full - *remaining)) : std::nullopt;
  }
};

using Members = std::vector<const Member*>;  ///< of one bank, in its order

}  // namespace cellwarden
