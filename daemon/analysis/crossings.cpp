#include "daemon/analysis/crossings.h"

namespace cellwarden {

namespace {
constexpr double late_v = 0.004;
}

void Crossings::open(const Rules& rules, std::span<const double> u, double q) {
  rules_ = rules;
  for (std::size_t l = 0; l < levels(); ++l) {
    q_[l].fill(absent);
    beyond_[l].fill(false);
    dead_[l] = std::ranges::any_of(u, [&](double v) { return rules.direction * (v - rules.levels[l]) >= -late_v; });
  }
  std::ranges::copy(u, last_u_.begin());
  last_q_ = q;
}

void Crossings::update(std::span<const double> u, double q, double c_rate) {
  const double sign = rules_.direction;
  for (std::size_t l = 0; l < levels(); ++l) {
    if (dead_[l]) continue;
    const double level = rules_.levels[l];
    const bool counts = sign * (level - rules_.line_v - sign * rules_.line_per_c * std::abs(c_rate)) >= 0;
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double past = sign * (u[i] - level);
      if (beyond_[l][i]) {
        if (past < -rules_.erase_v) beyond_[l][i] = false, q_[l][i] = absent;
        continue;
      }
      if (past < 0) continue;
      beyond_[l][i] = true;
      const double before = sign * (last_u_[i] - level);
      const double share = before < 0 ? before / (before - past) : 1;
      if (counts) q_[l][i] = last_q_ + share * (q - last_q_);
    }
  }
  std::ranges::copy(u, last_u_.begin());
  last_q_ = q;
}

std::optional<std::size_t> Crossings::highest(std::size_t cell) const { return highest_common(cell, cell); }

std::optional<std::size_t> Crossings::lowest_common(std::size_t a, std::size_t b) const {
  for (std::size_t l = 0; l < levels(); ++l) {
    if (known(q_[l][a]) && known(q_[l][b])) return l;
  }
  return std::nullopt;
}

std::optional<std::size_t> Crossings::highest_common(std::size_t a, std::size_t b) const {
  for (std::size_t l = levels(); l-- > 0;) {
    if (known(q_[l][a]) && known(q_[l][b])) return l;
  }
  return std::nullopt;
}

}  // namespace cellwarden
