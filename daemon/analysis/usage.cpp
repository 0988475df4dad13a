#include "daemon/analysis/usage.h"

#include "daemon/analysis/offsets.h"

namespace cellwarden {

namespace {
constexpr double high_pct = 70, low_pct = 20, remembered_h = 90 * 24;
}

void Usage::update(const Reading& reading, double dt_s) {
  if (!reading.soc_pct) return;
  const double hours = dt_s / 3600;
  heard_h += hours;
  if (*reading.soc_pct > high_pct) high_h += hours;
  if (*reading.soc_pct < low_pct) low_h += hours;
  // A new habit outweighs an old one in time.
  if (heard_h > remembered_h) heard_h /= 2, high_h /= 2, low_h /= 2;
}

void Usage::learn(const SegmentFacts& charge) {
  if (!charge.finished || charge.rest_count <= 0) return;
  settled = true;
  for (std::size_t i = 0; i < charge.cells; ++i)
    rest_drop_v[i] = charge.peak_u[i] - charge.rest_sum[i] / charge.rest_count;
}

}  // namespace cellwarden
