#include "daemon/commands/replayed_pack.h"

#include <cmath>
#include <ostream>

#include "daemon/alerts/alert_json.h"
#include "daemon/commands/analysis_settings.h"
#include "daemon/replay/recording.h"

namespace cellwarden {

ReplayedPack::ReplayedPack(const PackConfig& pack, std::ostream* events)
    : analysis_(analysis_settings(pack)), alerts_(pack.id, pack.alerts), events_(events) {}

void ReplayedPack::on_reading(const Reading& reading) {
  if (last_s_) {
    tick_until(reading.steady_s);
  } else if (events_) {
    alerts_.on_status(true, "", reading.steady_s, reading.taken_at);
  }
  last_s_ = reading.steady_s;
  analysis_.on_reading(reading);
  if (!events_) return;
  alerts_.on_reading(reading, analysis_.insight(), analysis_.moment(), analysis_.limits());
  write_events(reading.steady_s);
}

/// Ticks as the service has them, until the silence is long; then time jumps.
void ReplayedPack::tick_until(double to_s) {
  constexpr double every_s = 10, long_s = 300;
  Reading moment;
  const auto tick = [&](double t_s) {
    if (!set_time(t_s, moment)) return;
    analysis_.on_tick(moment.steady_s, moment.taken_at);
    if (!events_) return;
    alerts_.on_tick(moment.steady_s, moment.taken_at);
    write_events(t_s);
  };
  double t_s = *last_s_ + every_s;
  for (; t_s < to_s && t_s < *last_s_ + long_s; t_s += every_s) tick(t_s);
  if (t_s < to_s) tick(to_s);
}

void ReplayedPack::write_events(double t_s) {
  if (!alerts_.has_events()) return;
  for (const AlertEvent& event : alerts_.take_events()) {
    if (on_event_) on_event_(event);
    nlohmann::ordered_json line;
    if (t_s == std::floor(t_s)) {
      line["t_s"] = static_cast<std::int64_t>(t_s);
    } else {
      line["t_s"] = t_s;
    }
    line.update(to_json(event));
    *events_ << line.dump() << '\n';
  }
}

}  // namespace cellwarden
