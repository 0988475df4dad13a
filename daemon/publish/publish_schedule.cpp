#include "daemon/publish/publish_schedule.h"

#include <cmath>
#include <string_view>

namespace cellwarden {
namespace {

struct DeadBand {
  std::string_view key;
  double width;
};

// A pack at rest flickers by this much; each step of it would be a row in Home Assistant's database.
constexpr DeadBand dead_bands[] = {
    {"cells_v", 0.002},
    {"pack_v", 0.02},
    {"current_a", 0.2},
    {"power_w", 5},
    {"soc_pct", 0.1},
    {"soh_pct", 0.1},
    {"full_ah", 0.1},
    {"temps_c", 0.5},
    {"mos_temp_c", 0.5},
    {"remaining_ah", 0.1},
    {"balance_current_a", 0.05},
};

/// What moves with every reading and is no news by itself.
constexpr bool is_no_news(std::string_view key) { return key == "taken_at" || key == "derived"; }

double width_of(std::string_view key) {
  for (const auto& band : dead_bands)
    if (band.key == key) return band.width;
  return 0;
}

constexpr double rounding = 1e-9;

bool differ(const std::optional<double>& a, const std::optional<double>& b, double width) {
  if (a.has_value() != b.has_value()) return true;
  return a && std::abs(*a - *b) > width + rounding;
}

bool differ(const std::vector<std::optional<double>>& a, const std::vector<std::optional<double>>& b, double width) {
  if (a.size() != b.size()) return true;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (differ(a[i], b[i], width)) return true;
  return false;
}

template <class T>
bool differ(const T& a, const T& b, double) {
  return a != b;
}

}  // namespace

bool moved(const Reading& from, const Reading& to) {
  std::vector<const void*> before;
  each_member(from, [&](std::string_view, const auto& member) { before.push_back(&member); });
  std::size_t at = 0;
  bool any = false;
  each_member(to, [&]<class M>(std::string_view key, const M& now) {
    const auto& then = *static_cast<const M*>(before[at++]);
    any = any || (!is_no_news(key) && differ(then, now, width_of(key)));
  });
  return any;
}

bool PublishSchedule::due(const Reading& reading, double now_s) const {
  if (!last_) return true;
  if (reading.alarms != last_->alarms || reading.warnings != last_->warnings) return true;
  const double since_s = now_s - at_s_;
  if (since_s >= max_s_) return true;
  return since_s >= min_s_ && moved(*last_, reading);
}

void PublishSchedule::published(const Reading& reading, double now_s) {
  last_ = reading;
  at_s_ = now_s;
}

}  // namespace cellwarden
