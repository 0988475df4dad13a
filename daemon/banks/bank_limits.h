#pragma once
// The limits of a bank: keeping to them, no member's own limit is reached. Each is known only where it is known of
// every member, heard or not, for the one that is not known may be the tightest.
//
//   of a cell, temperatures    the lowest of what must not be exceeded, the highest of what must not be undercut;
//                              a release likewise: all are let go again there
//   pack voltages   parallel   likewise: all packs see one voltage
//                   series     the same per cell, times all cells: the string's voltage at which the tightest pack is
//                   at
//                              its own, if the cells share it evenly. Never above the sum of the packs' limits
//   currents        series     the lowest: one current flows through all
//                   parallel   the lowest of any member, times one less than the members that take part in it (fresh,
//                              switch on), once at least: what the others carry when one drops out. Packs never share
//                              evenly, and the sum would trip the one with the least resistance, then all; of two packs
//                              it is what one alone can carry, whichever way they share
//   capacity        parallel   the sum;  series: the smallest
//   cell_count      parallel   where all have as many;  series: the sum
#include "daemon/banks/bank_settings.h"
#include "daemon/banks/member.h"

namespace cellwarden {

Limits combined_limits(Joined joined, const Members& members);

}  // namespace cellwarden
