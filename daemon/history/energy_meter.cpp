#include "daemon/history/energy_meter.h"

#include <cmath>
#include <utility>

namespace cellwarden {

namespace {

constexpr double longest_gap_s = 60;
constexpr double ws_per_kwh = 3.6e6;

}  // namespace

std::optional<double> power_of(const Reading& reading) {
  if (reading.power_w) return reading.power_w;
  if (reading.pack_v && reading.current_a) return *reading.pack_v * *reading.current_a;
  return std::nullopt;
}

void EnergyMeter::on_reading(std::optional<double> power_w, double steady_s) {
  if (!std::isfinite(steady_s) || steady_s <= last_s_) return;
  if (power_w && !std::isfinite(*power_w)) power_w.reset();
  const double took_s = steady_s - std::exchange(last_s_, steady_s);
  const auto before_w = std::exchange(last_w_, power_w);
  if (before_w && power_w && took_s <= longest_gap_s) count(*before_w, *power_w, took_s);
}

void EnergyMeter::count(double from_w, double to_w, double took_s) {
  const auto add = [&](double height_w, double width_s) {
    (height_w > 0 ? total_.charged_kwh : total_.discharged_kwh) += std::abs(height_w) * width_s / 2 / ws_per_kwh;
  };
  if ((from_w > 0) == (to_w > 0)) return add(from_w + to_w, took_s);
  const double until_zero_s = took_s * from_w / (from_w - to_w);
  add(from_w, until_zero_s);
  add(to_w, took_s - until_zero_s);
}

}  // namespace cellwarden
