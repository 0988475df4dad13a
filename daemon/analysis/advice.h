#pragma once
// The one thing to do next, in a sentence under 255 characters; empty: nothing. A finding stays until something
// more urgent has been true for a day and two charges, or until it has been over for three of both; what holds at this
// moment is said at once.
#include "daemon/analysis/terms.h"

namespace cellwarden {

void say_advice(const Terms& terms, Memory& memory, Insight& insight);

}  // namespace cellwarden
