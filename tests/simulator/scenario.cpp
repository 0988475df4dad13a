#include "tests/simulator/scenario.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace simulator {

namespace {

constexpr double cloud_tau_s = 180, load_spacing_s = 300, active_efficiency = 0.9;
constexpr double dull_sun = 1.0 / 6;
constexpr double rest_full_s = 20 * 60, rest_empty_s = 10 * 60, day_s = 86400;

double rounded(double value, double step) { return std::round(value / step) * step + 0.0; }  // never -0.0

}  // namespace

Scenario::PackCell::PackCell(const ScenarioCell& cell)
    : leak_from_s(cell.leak_from_s), torqued_s(cell.torqued_s), torqued_ohm(cell.torqued_ohm) {
  capacity_ah = cell.capacity_ah, soc = cell.soc;
  r0_ohm = cell.r0_ohm, r1_ohm = cell.r1_ohm;
  leak_a = cell.leak_a, adc_v = cell.adc_v;
}

Scenario::Scenario(const ScenarioOptions& options)
    : options_(options), curve_(options.chemistry, options.knees), random_(options.seed) {
  for (const ScenarioCell& cell : options.cells) cells_.push_back(PackCell(cell));
  for (PackCell& cell : cells_) cell.v = cell.e = curve_.volts(cell.soc);
  sample_.cells_v.resize(cells_.size());
  end_.offset_ah.resize(cells_.size());
  double mean = 0;
  for (const PackCell& cell : cells_) mean += cell.soc / static_cast<double>(cells_.size());
  counted_ah_ = mean * options.capacity_ah;
  enter(Phase::charge);
}

bool Scenario::next() {
  now_s_ = static_cast<double>(count_++) * options_.interval_s;
  if (now_s_ > options_.days * day_s) return false;
  ended_ = false;
  draw_weather();
  tighten();
  const int steps = steep() ? static_cast<int>(std::ceil(options_.interval_s)) : 1;
  for (int i = 0; i < steps; ++i) {
    decide_current();
    move(options_.interval_s / steps);
  }
  phase_s_ += options_.interval_s;
  if (in_cv_) cv_s_ += options_.interval_s;
  protect();
  balance();
  note_peak();
  measure();
  if (const auto how = outcome())
    finish(*how);
  else if (phase_ == Phase::rest_full && phase_s_ >= rest_full_s)
    enter(Phase::discharge);
  else if (phase_ == Phase::rest_empty && phase_s_ >= rest_empty_s)
    enter(options_.daily ? Phase::night : Phase::charge);
  else if (phase_ == Phase::night && std::fmod(now_s_, day_s) < options_.interval_s)
    enter(Phase::charge);
  return true;
}

void Scenario::enter(Phase phase) {
  if (phase == Phase::charge && phase_ != Phase::charge) ++cycle_;
  phase_ = phase;
  phase_s_ = cv_s_ = 0;
  in_cv_ = false;
  end_.peak_v = phase == Phase::charge ? 0 : 10;
}

void Scenario::draw_weather() {
  load_left_s_ -= options_.interval_s;
  if (load_left_s_ <= 0 && options_.load.steps_most_a > 0) {
    load_a_ = std::uniform_real_distribution<double>(0, options_.load.steps_most_a)(random_);
    load_left_s_ = std::exponential_distribution<double>(1 / load_spacing_s)(random_);
  }
  if (options_.charger.clouds) {
    const double keep = std::exp(-options_.interval_s / cloud_tau_s);
    cloud_ = keep * cloud_ + std::sqrt(1 - keep * keep) * normal_(random_);
  }
  const int today = static_cast<int>(now_s_ / day_s);
  if (options_.charger.dull_share > 0 && std::exchange(day_, today) != today)
    dull_ = std::uniform_real_distribution<double>(0, 1)(random_) < options_.charger.dull_share ? dull_sun : 1;
}

void Scenario::tighten() {
  for (PackCell& cell : cells_)
    if (cell.torqued_s >= 0 && now_s_ >= cell.torqued_s) cell.r0_ohm = cell.torqued_ohm;
}

double Scenario::source_s() const {
  const ScenarioCharger& sun = options_.charger;
  return now_s_ >= sun.winter_from_s && now_s_ < sun.winter_until_s ? sun.winter_source_s : sun.source_s;
}

/// The charger gives what the sun leaves after the loads, or what holds its voltage, whichever is less; it never takes.
void Scenario::decide_current() {
  current_a_ = 0;
  in_cv_ = false;
  if (phase_ == Phase::charge) {
    double emf = 0, ohms = options_.charger.cable_ohm;
    for (const PackCell& cell : cells_) emf += cell.e, ohms += cell.r0_ohm;
    const double sun = options_.charger.clouds ? std::clamp(0.7 + 0.3 * cloud_, 0.05, 1.0) : 1;
    const double offered = options_.charger.current_a * sun * dull_ - load_a_;
    const double held = (options_.charger.set_v - emf) / ohms;
    in_cv_ = held < offered;
    current_a_ = std::max(std::min(offered, held), -load_a_);
  } else if (phase_ == Phase::discharge) {
    current_a_ = -options_.load.discharge_a - load_a_;
  }
  if ((!charge_on_ && current_a_ > 0) || (!discharge_on_ && current_a_ < 0)) current_a_ = 0;
}

/// In a knee an interval of 10 s would let the charger overshoot: seconds there.
bool Scenario::steep() const {
  if (phase_ != Phase::charge && phase_ != Phase::discharge) return false;
  return std::ranges::any_of(cells_, [](const PackCell& cell) { return cell.soc > 0.95 || cell.soc < 0.06; });
}

void Scenario::move(double dt_s) {
  const StepTime time(dt_s);
  for (PackCell& cell : cells_) {
    const double leak = now_s_ >= cell.leak_from_s ? cell.leak_a : 0;
    cell.step(current_a_ + cell.balance_a - leak, time);
    cell.e = curve_.volts(cell.soc) + options_.hysteresis_v * cell.hysteresis + cell.rc_v;
    cell.v = cell.e + current_a_ * cell.r0_ohm;
  }
}

/// The BMS cuts at the sample, by what it sees, and lets go at the release voltage.
void Scenario::protect() {
  double highest = 0, lowest = 10;
  for (const PackCell& cell : cells_)
    highest = std::max(highest, cell.seen_v()), lowest = std::min(lowest, cell.seen_v());
  if (highest >= options_.bms.cell_ovp_v) charge_on_ = false;
  if (highest < options_.bms.cell_ovp_release_v) charge_on_ = true;
  if (lowest <= options_.bms.cell_uvp_v) discharge_on_ = false;
  if (lowest > options_.bms.cell_uvp_release_v) discharge_on_ = true;
}

void Scenario::balance() {
  const ScenarioBms& bms = options_.bms;
  sample_.balancing = 0;
  for (PackCell& cell : cells_) cell.balance_a = 0;
  if (bms.balancer == ScenarioBms::Balancer::none) return;
  const auto by_voltage = [](const PackCell& a, const PackCell& b) { return a.seen_v() < b.seen_v(); };
  const auto [lowest, highest] = std::ranges::minmax_element(cells_, by_voltage);
  const double floor_v = lowest->seen_v();
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    PackCell& cell = cells_[i];
    if (bms.balancer == ScenarioBms::Balancer::active && &cell != &*highest) continue;
    if (cell.seen_v() <= bms.balance_start_v || cell.seen_v() - floor_v <= bms.balance_delta_v) continue;
    cell.balance_a = -bms.balance_a;
    if (bms.balancer == ScenarioBms::Balancer::active) lowest->balance_a = active_efficiency * bms.balance_a;
    sample_.balancing |= 1U << i;
  }
}

void Scenario::note_peak() {
  if (phase_ != Phase::charge && phase_ != Phase::discharge) return;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const double v = cells_[i].seen_v();
    if (phase_ == Phase::charge ? v <= end_.peak_v : v >= end_.peak_v) continue;
    end_.peak_v = v;
    end_.peak_cell = static_cast<int>(i) + 1;
  }
}

std::optional<Outcome> Scenario::outcome() const {
  if (phase_ == Phase::charge) {
    if (!charge_on_) return Outcome::bms;
    if (in_cv_ && (current_a_ < options_.charger.tail_a || cv_s_ > options_.charger.absorption_s))
      return Outcome::charger;
    if (phase_s_ >= source_s()) return Outcome::source;
  }
  if (phase_ == Phase::discharge) {
    if (!discharge_on_) return Outcome::bms;
    double sum_v = 0, soc = 0;
    for (const PackCell& cell : cells_) sum_v += cell.v, soc += cell.soc;
    if (sum_v <= options_.load.cutoff_v) return Outcome::load;
    if (soc / static_cast<double>(cells_.size()) <= options_.load.until_soc) return Outcome::user;
  }
  return std::nullopt;
}

void Scenario::finish(Outcome outcome) {
  const bool charge = phase_ == Phase::charge;
  double least = 1e9;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const int cell = static_cast<int>(i);
    end_.offset_ah[i] = charge ? top_ah(cell) : bottom_ah(cell);
    least = std::min(least, end_.offset_ah[i]);
  }
  for (double& offset : end_.offset_ah) offset -= least;
  end_.t_s = now_s_;
  end_.cycle = cycle_;
  end_.phase = phase_;
  end_.outcome = outcome;
  end_.usable_ah = usable_ah();
  ended_ = true;
  if (charge && outcome != Outcome::source) counted_ah_ = options_.capacity_ah;
  const double peak_v = end_.peak_v;
  enter(charge ? Phase::rest_full : Phase::rest_empty);
  end_.peak_v = peak_v;
}

double Scenario::usable_ah() const {
  double top = 1e9, bottom = 1e9;
  for (int cell = 0; cell < static_cast<int>(cells_.size()); ++cell) {
    top = std::min(top, top_ah(cell)), bottom = std::min(bottom, bottom_ah(cell));
  }
  return top + bottom;
}

void Scenario::measure() {
  sample_.t_s = now_s_;
  double sum_v = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    sum_v += cells_[i].v;
    sample_.cells_v[i] = rounded(cells_[i].seen_v() + options_.noise_v * normal_(random_), 0.001);
  }
  sample_.pack_v = rounded(sum_v, 0.01);
  const double seen_a = current_a_ + options_.current_offset_a + options_.current_noise_a * normal_(random_);
  sample_.current_a = rounded(seen_a, 0.1);
  counted_ah_ = std::clamp(counted_ah_ + sample_.current_a * options_.interval_s / 3600, 0.0, options_.capacity_ah);
  sample_.soc_pct = rounded(100 * counted_ah_ / options_.capacity_ah, 1);
  sample_.charge_on = charge_on_;
  sample_.discharge_on = discharge_on_;
}

}  // namespace simulator
