#include "daemon/analysis/chemistry.h"

#include <array>

namespace cellwarden {

namespace {

using Points = std::span<const OcvPoint>;

// 25 C, mean of charge and discharge (cell-analytics 20.1).
constexpr std::array lfp_points = std::to_array<OcvPoint>(
    {{0, 2.500},    {0.005, 2.680}, {0.01, 2.790}, {0.02, 2.930}, {0.03, 3.010},  {0.05, 3.100}, {0.075, 3.165},
     {0.10, 3.195}, {0.15, 3.217},  {0.20, 3.240}, {0.25, 3.257}, {0.30, 3.272},  {0.35, 3.281}, {0.40, 3.286},
     {0.50, 3.291}, {0.60, 3.300},  {0.65, 3.314}, {0.70, 3.325}, {0.75, 3.329},  {0.80, 3.331}, {0.85, 3.332},
     {0.90, 3.333}, {0.95, 3.337},  {0.97, 3.343}, {0.98, 3.351}, {0.985, 3.359}, {0.99, 3.376}, {0.995, 3.420},
     {1.00, 3.600}, {1.004, 3.75},  {1.012, 4.10}});
constexpr std::array nmc_points = std::to_array<OcvPoint>(
    {{0, 3.000},     {0.005, 3.075}, {0.01, 3.140}, {0.02, 3.235},  {0.03, 3.300}, {0.05, 3.385},
     {0.075, 3.455}, {0.10, 3.483},  {0.15, 3.510}, {0.20, 3.546},  {0.25, 3.577}, {0.30, 3.602},
     {0.35, 3.622},  {0.40, 3.640},  {0.50, 3.680}, {0.60, 3.738},  {0.65, 3.783}, {0.70, 3.838},
     {0.75, 3.897},  {0.80, 3.953},  {0.85, 4.010}, {0.90, 4.067},  {0.95, 4.127}, {0.97, 4.153},
     {0.98, 4.166},  {0.985, 4.173}, {0.99, 4.180}, {0.995, 4.190}, {1.00, 4.200}, {1.02, 4.260}});
constexpr std::array lto_points = std::to_array<OcvPoint>(
    {{0, 1.800},     {0.005, 1.870}, {0.01, 1.930}, {0.02, 2.010},  {0.03, 2.050}, {0.05, 2.100},
     {0.075, 2.130}, {0.10, 2.150},  {0.15, 2.180}, {0.20, 2.200},  {0.25, 2.215}, {0.30, 2.225},
     {0.35, 2.235},  {0.40, 2.240},  {0.50, 2.250}, {0.60, 2.290},  {0.65, 2.325}, {0.70, 2.370},
     {0.75, 2.420},  {0.80, 2.470},  {0.85, 2.530}, {0.90, 2.590},  {0.95, 2.650}, {0.97, 2.680},
     {0.98, 2.700},  {0.985, 2.715}, {0.99, 2.735}, {0.995, 2.755}, {1.00, 2.780}, {1.02, 2.860}});

constexpr std::array lfp_top = {3.37, 3.38, 3.39, 3.40, 3.42, 3.45, 3.48, 3.50, 3.55};
constexpr std::array lfp_bottom = {3.20, 3.15, 3.10, 3.05, 3.00, 2.95, 2.90, 2.80};
constexpr std::array nmc_top = {3.90, 4.00, 4.05, 4.10, 4.15};
constexpr std::array nmc_bottom = {3.5, 3.4, 3.3, 3.2, 3.0};
constexpr std::array lto_top = {2.45, 2.50, 2.55, 2.60, 2.65, 2.70};
constexpr std::array lto_bottom = {2.15, 2.10, 2.05, 2.0};

}  // namespace

const ChemistryTraits& traits(Chemistry chemistry) {
  static const OcvCurve lfp_curve{Points(lfp_points)}, nmc_curve{Points(nmc_points)}, lto_curve{Points(lto_points)};
  static const ChemistryTraits lfp{.chemistry = Chemistry::lfp,
                                   .curve = lfp_curve,
                                   .hysteresis_v = 0.008,
                                   .lowest_v = 1.5,
                                   .highest_v = 4.2,
                                   .top_levels = lfp_top,
                                   .bottom_levels = lfp_bottom,
                                   .knee_v = 3.40,
                                   .bottom_v = 3.10,
                                   .live_v = 3.39,
                                   .invert_v = 3.385,
                                   .top_level_v = 3.365,
                                   .top_level_per_c = 0.05,
                                   .bottom_level_v = 3.19,
                                   .bottom_level_per_c = 0.10,
                                   .plateau_low_v = 3.15,
                                   .plateau_high_v = 3.37,
                                   .rest_high_v = 3.36,
                                   .balance_start_v = 3.40,
                                   .top_low_v = 3.55,
                                   .top_high_v = 3.65,
                                   .bottom_low_v = 2.5,
                                   .bottom_high_v = 2.7,
                                   .top_start = 0.97,
                                   .landmarks = true,
                                   .most_after_knee = 0.045,
                                   .most_after_level = 0.09};
  static const ChemistryTraits nmc{.chemistry = Chemistry::nmc,
                                   .curve = nmc_curve,
                                   .hysteresis_v = 0.002,
                                   .lowest_v = 2.0,
                                   .highest_v = 4.6,
                                   .top_levels = nmc_top,
                                   .bottom_levels = nmc_bottom,
                                   .knee_v = 4.00,
                                   .bottom_v = 3.40,
                                   .live_v = 4.00,
                                   .invert_v = 3.55,
                                   .top_level_v = 3.85,
                                   .top_level_per_c = 0.05,
                                   .bottom_level_v = 3.52,
                                   .bottom_level_per_c = 0.05,
                                   .plateau_low_v = 3.40,
                                   .plateau_high_v = 4.22,
                                   .rest_high_v = 4.00,
                                   .balance_start_v = 4.00,
                                   .top_low_v = 4.15,
                                   .top_high_v = 4.20,
                                   .bottom_low_v = 3.0,
                                   .bottom_high_v = 3.2,
                                   .top_start = 0.75,
                                   .landmarks = false,
                                   .most_after_knee = 0,
                                   .most_after_level = 0};
  static const ChemistryTraits lto{.chemistry = Chemistry::lto,
                                   .curve = lto_curve,
                                   .hysteresis_v = 0.002,
                                   .lowest_v = 1.0,
                                   .highest_v = 3.2,
                                   .top_levels = lto_top,
                                   .bottom_levels = lto_bottom,
                                   .knee_v = 2.50,
                                   .bottom_v = 2.10,
                                   .live_v = 2.50,
                                   .invert_v = 2.30,
                                   .top_level_v = 2.42,
                                   .top_level_per_c = 0.03,
                                   .bottom_level_v = 2.16,
                                   .bottom_level_per_c = 0.03,
                                   .plateau_low_v = 2.10,
                                   .plateau_high_v = 2.78,
                                   .rest_high_v = 2.50,
                                   .balance_start_v = 2.50,
                                   .top_low_v = 2.65,
                                   .top_high_v = 2.70,
                                   .bottom_low_v = 1.8,
                                   .bottom_high_v = 2.0,
                                   .top_start = 0.75,
                                   .landmarks = false,
                                   .most_after_knee = 0,
                                   .most_after_level = 0};
  return chemistry == Chemistry::lfp ? lfp : chemistry == Chemistry::nmc ? nmc : lto;
}

double ChemistryTraits::most_after(double level) const {
  if (most_after_knee > 0) return level >= knee_v ? most_after_knee : most_after_level;
  return 0.06 + 1.3 * (1 - curve.soc(level));
}

std::optional<Chemistry> chemistry_from_name(std::string_view name) {
  if (name == "lfp") return Chemistry::lfp;
  if (name == "nmc") return Chemistry::nmc;
  if (name == "lto") return Chemistry::lto;
  return std::nullopt;
}

std::optional<Chemistry> chemistry_from_ovp(double cell_ovp_v) {
  if (cell_ovp_v >= 3.4 && cell_ovp_v <= 3.9) return Chemistry::lfp;
  if (cell_ovp_v >= 4.1 && cell_ovp_v <= 4.4) return Chemistry::nmc;
  if (cell_ovp_v >= 2.5 && cell_ovp_v <= 3.0) return Chemistry::lto;
  return std::nullopt;
}

}  // namespace cellwarden
