#include "daemon/analysis/curve_alignment.h"

namespace cellwarden {

namespace {

constexpr std::size_t bins = ChargeCurves::bins;
constexpr int farthest = 100, apart = 12, rounds = 3;
constexpr std::size_t least_length = 100, least_overlap = 30;
constexpr float least_span_v = 0.015F, clip_v = 0.020F, most_rms_v = 0.004F, unique_v = 0.0006F, unique_factor = 1.5F;
constexpr float none = std::numeric_limits<float>::quiet_NaN();

using Curve = std::array<float, bins>;

/// Mean of 5 bins; nothing where the cell is in the knee or nothing was measured.
Curve smoothed(const ChargeCurves& curves, std::size_t cell, double highest_v) {
  Curve curve;
  curve.fill(none);
  for (std::size_t b = 0; b < curves.length(); ++b) {
    if (curves.count(b) == 0) continue;
    double sum = 0;
    int held = 0;
    for (std::size_t near = b < 2 ? 0 : b - 2; near <= b + 2 && near < curves.length(); ++near) {
      if (curves.count(near) > 0) sum += curves.mean(near, cell), ++held;
    }
    const double mean = sum / held;
    if (mean <= highest_v) curve[b] = static_cast<float>(mean);
  }
  return curve;
}

float at(const Curve& curve, double bin) {
  if (!(bin >= 0) || bin >= static_cast<double>(bins - 1)) return none;
  const auto i = static_cast<std::size_t>(bin);
  const auto share = static_cast<float>(bin - static_cast<double>(i));
  return share == 0 ? curve[i] : curve[i] + share * (curve[i + 1] - curve[i]);
}

struct Misfit {
  float square = none;  ///< mean squared residual
  bool enough = false;
};

/// Residual of `curve` against `reference` shifted by `shift` bins, free of a constant difference.
Misfit misfit(const Curve& curve, const Curve& reference, int shift, std::size_t length) {
  const int from = std::max(0, shift), to = static_cast<int>(length) + std::min(0, shift);
  std::array<float, bins> difference;
  std::size_t held = 0;
  float mean = 0;
  for (int b = from; b < to; ++b) {
    const float d = curve[static_cast<std::size_t>(b)] - reference[static_cast<std::size_t>(b - shift)];
    if (d != d) continue;
    difference[held++] = d;
    mean += d;
  }
  if (held < std::max(least_overlap, length / 4)) return {};
  mean /= static_cast<float>(held);
  float sum = 0;
  for (std::size_t i = 0; i < held; ++i) {
    const float r = std::clamp(difference[i] - mean, -clip_v, clip_v);
    sum += r * r;
  }
  return {sum / static_cast<float>(held), true};
}

/// The one place where the curve fits, or absent.
double best_shift(const Curve& curve, const Curve& reference, std::size_t length, bool must_be_unique) {
  std::array<Misfit, 2 * farthest + 1> all;
  int best = -1;
  for (int i = 0; i <= 2 * farthest; ++i) {
    auto& m = all[static_cast<std::size_t>(i)] = misfit(curve, reference, i - farthest, length);
    if (m.enough && (best < 0 || m.square < all[static_cast<std::size_t>(best)].square)) best = i;
  }
  if (best <= 0 || best >= 2 * farthest) return absent;
  const auto square = [&](int i) { return all[static_cast<std::size_t>(i)].square; };
  const auto enough = [&](int i) { return all[static_cast<std::size_t>(i)].enough; };
  if (!enough(best - 1) || !enough(best + 1)) return absent;
  if (must_be_unique) {
    if (square(best) > most_rms_v * most_rms_v) return absent;
    for (int i = 0; i <= 2 * farthest; ++i) {
      if (std::abs(i - best) < apart || !enough(i)) continue;
      if (square(i) <= unique_factor * square(best) + unique_v * unique_v) return absent;
    }
  }
  const float left = square(best - 1), right = square(best + 1), bend = left + right - 2 * square(best);
  const double refined = bend > 0 ? 0.5 * (left - right) / bend : 0;
  return best - farthest + std::clamp(refined, -0.5, 0.5);
}

/// Median over the cells, each moved back by its shift.
Curve reference_of(const std::vector<Curve>& curves, const Cells& shift, std::size_t length) {
  Curve reference;
  reference.fill(none);
  for (std::size_t b = 0; b < length; ++b) {
    Cells values;
    std::size_t held = 0;
    for (std::size_t i = 0; i < curves.size(); ++i) {
      if (!known(shift[i])) continue;
      const float v = at(curves[i], static_cast<double>(b) + shift[i]);
      if (v == v) values[held++] = v;
    }
    if (held * 2 >= curves.size()) reference[b] = static_cast<float>(median(values, held));
  }
  return reference;
}

}  // namespace

void ChargeCurves::open(std::size_t cells, double q, double capacity_ah) {
  cells_ = cells, length_ = 0, q0_ = q, per_ah_ = 1 / (bin_share * capacity_ah);
  sum_.assign(bins * cells, 0);
  count_.fill(0);
  amps_.fill(0);
}

void ChargeCurves::add(std::span<const double> u, double q, double current_a) {
  const double at = (q - q0_) * per_ah_;
  if (!(at >= 0) || at >= static_cast<double>(bins)) return;
  const auto bin = static_cast<std::size_t>(at);
  length_ = std::max(length_, bin + 1);
  ++count_[bin];
  amps_[bin] += static_cast<float>(current_a);
  float* sum = &sum_[bin * cells_];
  for (std::size_t i = 0; i < cells_; ++i) sum[i] += static_cast<float>(u[i]);
}

bool ChargeCurves::recent_excess(Cells& volts, double& current_a) const {
  constexpr std::size_t from_back = 40, middle_back = 26, to_back = 12;
  constexpr double steady_v = 0.004, steady_share = 0.3;
  if (length_ < from_back + 1) return false;
  Cells early{}, late{};
  double amps = 0;
  std::size_t early_held = 0, late_held = 0;
  for (std::size_t b = length_ - from_back; b < length_ - to_back; ++b) {
    if (count_[b] == 0) continue;
    const bool is_early = b < length_ - middle_back;
    ++(is_early ? early_held : late_held);
    for (std::size_t i = 0; i < cells_; ++i) (is_early ? early : late)[i] += mean(b, i);
    amps += amps_[b] / static_cast<float>(count_[b]);
  }
  if (early_held < 5 || late_held < 5) return false;
  current_a = amps / static_cast<double>(early_held + late_held);
  for (std::size_t i = 0; i < cells_; ++i) {
    early[i] /= static_cast<double>(early_held), late[i] /= static_cast<double>(late_held);
  }
  const double early_middle = median(early, cells_), late_middle = median(late, cells_);
  for (std::size_t i = 0; i < cells_; ++i) {
    const double first = early[i] - early_middle, second = late[i] - late_middle;
    volts[i] = (first + second) / 2;
    if (std::abs(second - first) > std::max(steady_v, steady_share * std::abs(volts[i]))) volts[i] = 0;
  }
  return true;
}

double ChargeCurves::first_excess(std::size_t cell) const {
  for (std::size_t b = 0; b < length_; ++b) {
    if (count_[b] == 0) continue;
    Cells first{};
    for (std::size_t i = 0; i < cells_; ++i) first[i] = mean(b, i);
    return first[cell] - median(first, cells_);
  }
  return 0;
}

Shifts align(const ChargeCurves& curves, double highest_v) {
  Shifts shifts;
  shifts.bins.fill(0);
  const std::size_t length = curves.length();
  if (length < least_length) return shifts;
  std::vector<Curve> all;
  for (std::size_t i = 0; i < curves.cells(); ++i) all.push_back(smoothed(curves, i, highest_v));

  for (int round = 0; round < rounds; ++round) {
    const Curve reference = reference_of(all, shifts.bins, length);
    float low = 10, high = 0;
    for (const float v : reference) {
      if (v == v) low = std::min(low, v), high = std::max(high, v);
    }
    if (high - low < least_span_v) return shifts;
    for (std::size_t i = 0; i < all.size(); ++i) {
      shifts.bins[i] = best_shift(all[i], reference, length, round == rounds - 1);
    }
  }
  shifts.any = true;
  return shifts;
}

}  // namespace cellwarden
