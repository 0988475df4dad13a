#include "tests/simulator/pack_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace simulator {

namespace {

constexpr double room_dk = 2731 + 230, cable_ohm = 0.001;

}  // namespace

PackOptions usual(Chemistry chemistry) {
  PackOptions options;
  options.chemistry = chemistry;
  const auto volts = [&](double absorption, double ovp, double ovp_release, double uvp, double uvp_release,
                         double start) {
    options.absorption_v_per_cell = absorption, options.balance_start_v = start;
    options.cell_ovp_v = options.pack_ovp_v_per_cell = ovp;
    options.cell_ovp_release_v = options.pack_ovp_release_v_per_cell = ovp_release;
    options.cell_uvp_v = options.pack_uvp_v_per_cell = uvp;
    options.cell_uvp_release_v = options.pack_uvp_release_v_per_cell = uvp_release;
    options.full_cell_v = absorption, options.empty_cell_v = uvp_release;
  };
  if (chemistry == Chemistry::nmc) volts(4.15, 4.25, 4.15, 3.0, 3.2, 4.0);
  if (chemistry == Chemistry::lto) volts(2.70, 2.80, 2.70, 1.8, 2.0, 2.6);
  return options;
}

PackModel::PackModel(const PackOptions& options)
    : options_(options),
      random_(options.seed),
      balance_a_(static_cast<std::size_t>(options.cells), 0.0),
      charging_(options.starts_charging && options.charge_a > 0) {
  std::normal_distribution<double> normal;
  const auto differing = [&](double by) { return options.spread * by * normal(random_); };
  for (std::size_t i = 0; i < balance_a_.size(); ++i) {
    Cell cell;
    cell.chemistry = options.chemistry;
    cell.capacity_ah = options.capacity_ah * (1 + differing(0.005));
    cell.r0_ohm = 0.06 / options.capacity_ah * (1 + differing(0.1));
    cell.r1_ohm = 0.4 * cell.r0_ohm;
    cell.soc = options.soc_pct / 100 + differing(0.004);
    cell.adc_v = differing(0.0015);
    if (i < options.leaks_a.size()) cell.leak_a = options.leaks_a[i];
    cells_.push_back(cell);
  }
  if (options.ahead_cell > 0) cells_[static_cast<std::size_t>(options.ahead_cell) - 1].soc += options.ahead_pct / 100;
}

std::vector<double> PackModel::cells_v() const {
  std::vector<double> volts;
  for (const Cell& cell : cells_) volts.push_back(cell.voltage(current_a_));
  return volts;
}

void PackModel::change_load(double dt_s) {
  load_left_s_ -= dt_s;
  if (load_left_s_ > 0) return;
  load_now_a_ = options_.load_a * std::uniform_real_distribution<double>(0.3, 1.7)(random_);
  load_left_s_ = std::exponential_distribution<double>(1 / 300.0)(random_);
}

void PackModel::end_charge(ChargeEnd why) {
  charging_ = false;
  charge_end_ = why;
  held_s_ = 0;
  current_a_ = 0;
}

/// Constant current, then constant voltage.
void PackModel::charge(double dt_s) {
  double emf = 0, ohms = cable_ohm;
  for (const Cell& cell : cells_) emf += cell.emf_v(), ohms += cell.r0_ohm;
  const double holding_a = (options_.absorption_v_per_cell * options_.cells - emf) / ohms;
  current_a_ = std::clamp(holding_a, 0.0, options_.charge_a);
  if (holding_a >= options_.charge_a) {
    held_s_ = 0;
    return;
  }
  held_s_ += dt_s;
  if (current_a_ < options_.tail_a) end_charge(ChargeEnd::tail_current);
  if (held_s_ > options_.absorption_s) end_charge(ChargeEnd::absorption_time);
}

/// The owner uses the battery until it is as empty as he lets it become; without a charger it then rests.
void PackModel::discharge() {
  const double lowest = std::ranges::min(cells_, {}, &Cell::soc).soc;
  const bool empty = lowest < options_.until_soc_pct / 100 || !protections_.discharge_on();
  current_a_ = empty ? 0 : -load_now_a_;
  charging_ = empty && options_.charge_a > 0;
}

void PackModel::decide_current(double dt_s) {
  if (charging_) {
    charge(dt_s);
  } else {
    discharge();
  }
  protections_.see(options_, cells_v());
  if (current_a_ > 0 && !protections_.charge_on()) end_charge(ChargeEnd::bms);
  if (current_a_ < 0 && !protections_.discharge_on()) current_a_ = 0;
}

void PackModel::step(double dt_s) {
  change_load(dt_s);
  decide_current(dt_s);
  const std::vector<double> volts = cells_v();
  if (current_a_ > 0) charged_kwh_ += std::accumulate(volts.begin(), volts.end(), 0.0) * current_a_ * dt_s / 3.6e6;
  balance_a_ = balance_currents(options_, volts);
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i].step(current_a_, balance_a_[i], dt_s);
}

Snapshot PackModel::measure() {
  std::normal_distribution<double> noise;
  Snapshot now;
  double sum_v = 0, remaining_ah = 1e9;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& cell = cells_[i];
    const double v = cell.voltage(current_a_);
    sum_v += v;
    now.cells_mv.push_back(static_cast<int>(std::lround((v + cell.adc_v + 0.0005 * noise(random_)) * 1000)));
    remaining_ah = std::min(remaining_ah, cell.soc * cell.capacity_ah);
    if (balance_a_[i] < 0) now.balancing |= 1U << i;
  }
  now.pack_cv = static_cast<int>(std::lround(sum_v * 100));
  now.current_ca = static_cast<int>(std::lround((current_a_ + 0.03 * noise(random_)) * 10)) * 10;
  now.remaining_cah = static_cast<int>(std::lround(std::max(0.0, remaining_ah) * 100));
  now.soc_pct = static_cast<int>(std::lround(std::clamp(remaining_ah / options_.capacity_ah, 0.0, 1.0) * 100));
  const double warmer_dk = std::min(std::abs(current_a_) * 0.5, 300.0);
  now.temps_dk = {static_cast<int>(room_dk + warmer_dk), static_cast<int>(room_dk + warmer_dk / 2)};
  now.charge_on = protections_.charge_on();
  now.discharge_on = protections_.discharge_on();
  now.protections = static_cast<std::uint16_t>((protections_.cell_ov() ? 1 : 0) | (protections_.cell_uv() ? 2 : 0) |
                                               (protections_.pack_ov() ? 4 : 0) | (protections_.pack_uv() ? 8 : 0));
  return now;
}

}  // namespace simulator
