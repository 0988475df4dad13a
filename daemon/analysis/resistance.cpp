#include "daemon/analysis/resistance.h"

namespace cellwarden {

namespace {
constexpr double forget = 0.995, agree = 0.15, usual_ohm_ah = 0.06, prior_steps = 6, prior_step_c = 0.04,
                 enough_steps = 3;

double prior_weight(double capacity_ah) {
  const double step = prior_step_c * capacity_ah;
  return prior_steps * step * step;
}

}  // namespace

void Resistance::update(const Sample& sample, const ChemistryTraits& chemistry, double capacity_ah) {
  const auto [lowest, highest] = std::ranges::minmax(sample.v);
  if (lowest < chemistry.plateau_low_v || highest > chemistry.plateau_high_v) {
    held_ = 0;
    return;
  }
  const std::size_t at = held_++ % window;
  std::ranges::copy(sample.v, v_[at].begin());
  a_[at] = sample.current_a;
  if (held_ < window) return;

  const auto back = [&](std::size_t age) { return (held_ - 1 - age) % window; };  // 0 = newest
  const double before = (a_[back(4)] + a_[back(3)]) / 2, after = (a_[back(1)] + a_[back(0)]) / 2;
  const double step = a_[back(0)] - a_[back(4)], di = after - before;
  if (std::abs(step) < std::max(2.0, 0.02 * capacity_ah)) return;
  const double still = agree * std::abs(step);
  if (std::abs(a_[back(4)] - a_[back(3)]) > still || std::abs(a_[back(1)] - a_[back(0)]) > still) return;

  for (std::size_t i = 0; i < sample.v.size(); ++i) {
    const double dv = (v_[back(0)][i] + v_[back(1)][i] - v_[back(3)][i] - v_[back(4)][i]) / 2;
    svi_[i] = forget * svi_[i] + dv * di;
    svv_[i] = forget * svv_[i] + dv * dv;
  }
  sii_ = forget * sii_ + di * di;
  steps_ += 1;
  held_ = 0;  // a step is counted once
}

void Resistance::estimate(Cells& ohms, std::size_t n, double capacity_ah) const {
  const double prior = usual_ohm_ah / capacity_ah, weight = prior_weight(capacity_ah);
  const double common = (median(svi_, n) + weight * prior) / (sii_ + weight);
  for (std::size_t i = 0; i < n; ++i)
    ohms[i] = std::max(0.0, (svi_[i] + weight * (common + hint_[i])) / (sii_ + weight));
}

bool Resistance::wants_hint(double capacity_ah) const { return sii_ < enough_steps * prior_weight(capacity_ah); }

void Resistance::hint(const Cells& excess_ohm, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) hint_[i] += excess_ohm[i];
}

double Resistance::standard_error(std::size_t cell, double ohms) const {
  if (steps_ < 1 || sii_ <= 0) return 0;
  return std::sqrt(std::max(0.0, svv_[cell] / sii_ - ohms * ohms) / std::min(steps_, 1 / (1 - forget)));
}

}  // namespace cellwarden
