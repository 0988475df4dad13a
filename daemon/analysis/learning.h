#pragma once
// What a segment teaches when it closes: offsets, the knee's width, landmarks of the charge counter, usual currents,
// the charger's voltage, and how wrong the last prediction was.
#include "daemon/analysis/segments.h"

namespace cellwarden {

/// `whole`: no gap ended the segment.
void learn_from_charge(ChargeSegment& charge, const Terms& terms, bool whole, Memory& memory);
void learn_from_discharge(DischargeSegment& discharge, const Terms& terms, Memory& memory);

}  // namespace cellwarden
