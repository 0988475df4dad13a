#pragma once
// Open-circuit voltage of one cell at 25 C over its state of charge, mean of charge and discharge
// (cell-analytics.md 20.1): monotone cubic through a table.
namespace simulator {

enum class Chemistry { lfp, nmc, lto };

/// `soc` 0..1, and a little beyond the upper end. Volts.
double ocv(Chemistry chemistry, double soc);
/// How far charging lifts and discharging lowers it, V.
double hysteresis_v(Chemistry chemistry);

}  // namespace simulator
