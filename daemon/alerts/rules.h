#pragma once
// What raises and clears each alert at one reading (cell-analytics 11). A rule judges; the board holds and tells.
#include "daemon/alerts/alert_settings.h"
#include "daemon/alerts/board.h"
#include "daemon/alerts/far_apart.h"
#include "daemon/analysis/insight.h"
#include "daemon/analysis/moment.h"

namespace cellwarden {

struct Scene {
  const AlertSettings& settings;
  const Reading& reading;
  const Insight& insight;
  const Moment& moment;
  const Limits& limits;  ///< what the BMS cuts at, chemistry and capacity as they count
  Board& board;
};

/// Cells apart: the owner's threshold and the built-in ones. `warned_charge`: in which they first were so at the top.
void judge_deltas(const Scene& scene, std::optional<int>& warned_charge, std::optional<FarApart>& far_apart);
/// Cells close to what the BMS cuts at.
void judge_near_limits(const Scene& scene);
/// What the BMS itself reports, and cells that no battery has.
void judge_bms(const Scene& scene);
void judge_implausible_cells(const Scene& scene);
/// What the analysis says now, and once after each closed charge.
void judge_insight(const Scene& scene);
void judge_closed_charge(const Scene& scene);

}  // namespace cellwarden
