#pragma once
// The present instant as alerts need it: which gate is open and what the cells show in it (cell-analytics 6). Voltages
// are free of the current's drop where they are named u.
#include <array>
#include <string_view>

namespace cellwarden {

/// `mid` is everything between: a delta there says nothing and raises nothing.
enum class Gate { none, mid, rest, top_rest, top_charge, bottom };
inline constexpr std::array<std::string_view, 6> gate_names = {"none",     "mid",        "rest",
                                                               "top_rest", "top_charge", "bottom"};
constexpr std::string_view name(Gate gate) { return gate_names[static_cast<std::size_t>(gate)]; }

struct Moment {
  bool fresh = false;  ///< the last reading passed every guard; false: judge nothing by this
  double steady_s = 0;
  Gate gate = Gate::none;
  double delta_mv = 0;             ///< max u - min u now
  double u_max = 0, u_min = 0;     ///< smoothed and compensated
  double v_max = 0, v_min = 0;     ///< as the BMS said them
  int cell_max = 0, cell_min = 0;  ///< from 1, by u
  double current_a = 0;
  int charges_closed = 0;  ///< charge segments whose results are written; for "2 charges"
  bool live = false;       ///< the charge verdict is worked out from the knee as it happens
};

}  // namespace cellwarden
