#pragma once
// From what is remembered to what is said: offsets, capacities, balance state, class, resistance (cell-analytics 10,
// 18).
#include "daemon/analysis/terms.h"

namespace cellwarden {

/// Cells nearer than this, in % of the capacity, are full or empty together.
inline constexpr double tie_pp = 0.2;

/// Confidence of something measured `age_s` ago.
double aged(double trust, double age_s);

/// What perfect balancing would give back, and what it never can. The offsets alone tell it.
struct Losses {
  double imbalance_ah, mismatch_ah;
  bool guessed;  ///< some cell's bottom is only guessed: enough to name the cause, too little for a number
  bool bounded;  ///< some cell has only a lower bound, so the first is one too and the second is not to be believed
};
std::optional<Losses> losses(const Memory& memory);

void say_offsets(const Terms& terms, const Memory& memory, Insight& insight);
void say_capacities(const Terms& terms, const Memory& memory, Insight& insight);
/// Steps `memory.balance_state`, which has hysteresis.
void say_balance(const Terms& terms, Memory& memory, Insight& insight);
void say_resistance(const Terms& terms, const Memory& memory, Insight& insight);
/// After offsets, capacities and resistance: what is the matter with this pack.
void say_class(const Terms& terms, const Memory& memory, Insight& insight);

}  // namespace cellwarden
