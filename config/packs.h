#pragma once
#include "config/reader.h"

namespace cellwarden {

/// A pack and the table it was read from, for faults that only show beside the others.
struct WrittenPack {
  PackConfig pack;
  const toml::table* table;
  bool has_link;  ///< a good one
};

/// A [[bank]], likewise.
struct WrittenBank {
  BankSettings bank;
  const toml::table* table;
};

/// "id" of a [[pack]] or [[bank]]; stays empty where it is wrong.
void read_id(Section& section, std::string_view example, std::string& into);

/// One [[pack]]; faults go to `faults`.
WrittenPack read_pack(const toml::table& table, Faults& faults);

/// One [[bank]] (banks.cpp), and what shows only beside the packs and the other banks.
WrittenBank read_bank(const toml::table& table, Faults& faults);
void check_banks(const std::vector<WrittenBank>& banks, const std::vector<WrittenPack>& packs, Faults& faults);

/// [pack.analysis] and [pack.alerts] (thresholds.cpp).
void read_analysis(const toml::table& table, Faults& faults, PackSettings::Thresholds& into);
void read_alerts(const toml::table& table, Faults& faults, AlertSettings& into);

/// What no pack shows alone: ids given twice, packs that cannot share a port (rules.cpp).
void check_together(const std::vector<WrittenPack>& packs, Faults& faults);
/// Limits that contradict each other (rules.cpp).
void check_limits(const Limits& limits, Section& section);

}  // namespace cellwarden
