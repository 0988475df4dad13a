#pragma once
// Which pack of a bank ends its charge first. The analysis stays each pack's own; here its outlooks are only compared.
//
//   first      the fewest minutes_to_stop: those packs are in the knee now, the others are not there yet
//   else       the smallest charge_margin_mv: the cell that would go furthest beyond where its BMS cuts
//   In series nothing is said while a pack is not heard: it may be the first. In parallel it is said of those heard.
//   That the charger is first, or that it is too close to say, is said only where it is known of all of these.
#include "daemon/banks/bank_state.h"
#include "daemon/banks/member.h"

namespace cellwarden {

/// Fills first_full_*, what goes with them, the advice, and their reasons.
void say_first_to_end(const Members& members, BankState& into);

}  // namespace cellwarden
