#pragma once
// Open-circuit voltage of one LiFePO4 cell at 25 C over its state of charge: monotone cubic through a table.
namespace simulator {

/// `soc` 0..1, and a little beyond at both ends. Volts.
double lfp_ocv(double soc);

}  // namespace simulator
