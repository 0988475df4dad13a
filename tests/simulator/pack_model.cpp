#include "tests/simulator/pack_model.h"

#include <algorithm>
#include <cmath>

#include "tests/simulator/ocv.h"

namespace simulator {

namespace {

constexpr double rc_tau_s = 60, room_dk = 2731 + 230, cable_ohm = 0.001;

}  // namespace

PackModel::PackModel(const PackOptions& options)
    : options_(options), random_(options.seed), charging_(options.starts_charging) {
  std::normal_distribution<double> normal;
  for (int i = 0; i < options.cells; ++i) {
    const double capacity = options.capacity_ah * (1 + 0.005 * normal(random_));
    const double r0 = 0.06 / options.capacity_ah * (1 + 0.1 * normal(random_));
    cells_.push_back(
        {capacity, options.soc_pct / 100 + 0.004 * normal(random_), r0, 0.4 * r0, 0, 0.0015 * normal(random_)});
  }
}

double PackModel::voltage(const Cell& cell, double current) const {
  return lfp_ocv(cell.soc) + cell.rc_v + current * cell.r0;
}

double PackModel::cell_v(int cell) const { return voltage(cells_[static_cast<std::size_t>(cell)], current_a_); }

/// The owner charges until the tail current, then uses the battery until it is a quarter full, and again.
void PackModel::decide_current(double dt_s) {
  load_left_s_ -= dt_s;
  if (load_left_s_ <= 0) {
    load_now_a_ = options_.load_a * std::uniform_real_distribution<double>(0.3, 1.7)(random_);
    load_left_s_ = std::exponential_distribution<double>(1 / 300.0)(random_);
  }
  double emf = 0, ohms = cable_ohm, lowest = 2;
  for (const Cell& cell : cells_) {
    emf += lfp_ocv(cell.soc) + cell.rc_v;
    ohms += cell.r0;
    lowest = std::min(lowest, cell.soc);
  }
  if (charging_) {
    const double cv_current = (options_.absorption_v_per_cell * options_.cells - emf) / ohms;
    current_a_ = charge_on_ ? std::clamp(cv_current, 0.0, options_.charge_a) : 0;
    if (current_a_ < options_.tail_a) charging_ = false;
  } else {
    current_a_ = discharge_on_ ? -load_now_a_ : 0;
    if (lowest < 0.25 || !discharge_on_) charging_ = true;
  }
}

/// The BMS's own limits, at the sample: the MOSFET opens and closes again at the release voltage.
void PackModel::protect() {
  double highest = 0, lowest = 10;
  for (const Cell& cell : cells_) {
    highest = std::max(highest, voltage(cell, current_a_));
    lowest = std::min(lowest, voltage(cell, current_a_));
  }
  if (highest >= options_.cell_ovp_v) charge_on_ = false;
  if (highest < options_.cell_ovp_release_v) charge_on_ = true;
  if (lowest <= options_.cell_uvp_v) discharge_on_ = false;
  if (lowest > options_.cell_uvp_release_v) discharge_on_ = true;
  if ((!charge_on_ && current_a_ > 0) || (!discharge_on_ && current_a_ < 0)) current_a_ = 0;
}

void PackModel::balance() {
  double lowest = 10;
  for (const Cell& cell : cells_) lowest = std::min(lowest, voltage(cell, current_a_));
  for (Cell& cell : cells_) {
    const double v = voltage(cell, current_a_);
    cell.balancing = v > options_.balance_start_v && v - lowest > options_.balance_delta_v;
  }
}

void PackModel::step(double dt_s) {
  decide_current(dt_s);
  protect();
  balance();
  for (Cell& cell : cells_) {
    const double current = current_a_ - (cell.balancing ? options_.balance_a : 0);
    cell.soc += current * dt_s / 3600 / cell.capacity_ah;
    cell.rc_v += (1 - std::exp(-dt_s / rc_tau_s)) * (current * cell.r1 - cell.rc_v);
  }
}

Snapshot PackModel::measure() {
  std::normal_distribution<double> noise;
  Snapshot now;
  double sum_v = 0, remaining_ah = 1e9;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& cell = cells_[i];
    const double v = voltage(cell, current_a_);
    sum_v += v;
    now.cells_mv.push_back(static_cast<int>(std::lround((v + cell.adc_v + 0.0005 * noise(random_)) * 1000)));
    remaining_ah = std::min(remaining_ah, cell.soc * cell.capacity_ah);
    if (cell.balancing) now.balancing |= 1U << i;
  }
  now.pack_cv = static_cast<int>(std::lround(sum_v * 100));
  now.current_ca = static_cast<int>(std::lround((current_a_ + 0.03 * noise(random_)) * 10)) * 10;
  now.remaining_cah = static_cast<int>(std::lround(std::max(0.0, remaining_ah) * 100));
  now.soc_pct = static_cast<int>(std::lround(std::clamp(remaining_ah / options_.capacity_ah, 0.0, 1.0) * 100));
  const double warmer_dk = std::abs(current_a_) * 0.5;
  now.temps_dk = {static_cast<int>(room_dk + warmer_dk), static_cast<int>(room_dk + warmer_dk / 2)};
  now.charge_on = charge_on_;
  now.discharge_on = discharge_on_;
  now.protections = static_cast<std::uint16_t>((charge_on_ ? 0 : 1) | (discharge_on_ ? 0 : 2));
  return now;
}

}  // namespace simulator
