#pragma once
// Joins what is known of a bank's packs into one state (bank_state.h says how). Pure; time comes with the readings.
#include "daemon/banks/agreement.h"
#include "daemon/banks/bank_state.h"
#include "daemon/banks/member.h"

namespace cellwarden {

class Bank {
 public:
  explicit Bank(BankSettings settings) : settings_(std::move(settings)) {}

  const BankSettings& settings() const { return settings_; }
  /// `members` as in the settings, all of them.
  BankState join(const Members& members);

 private:
  void say_voltage(const Members& fresh, BankState& into);
  void say_current(const Members& fresh, BankState& into);
  std::string problem(const Members& fresh, const BankState& bank) const;

  BankSettings settings_;
  Agreement one_voltage_, one_current_;  ///< of packs in parallel; of packs in series
};

}  // namespace cellwarden
