#include "daemon/analysis/pack_watch.h"

#include "daemon/analysis/advice.h"
#include "daemon/analysis/learning.h"
#include "daemon/analysis/predictions.h"

namespace cellwarden {

namespace {
constexpr double tau_s = 12, steady_polarisation = 1.3, predict_every_s = 10, gone_c = 0.005;
constexpr double hint_least_c = 0.05, hint_least_v = 0.006;  // four times a usual sense error
constexpr int strangers_to_believe = 3;
}  // namespace

PackWatch::PackWatch(const PackSettings& settings) : terms(settings) { say_all(); }

void PackWatch::on_limits(const Limits& limits) {
  Terms news = terms;
  news.on_limits(limits);
  if (news.limits != terms.limits) memory.advice = {};  // what was advised may have been done
  const bool same_capacity =
      news.capacity_ah == terms.capacity_ah || (!known(news.capacity_ah) && !known(terms.capacity_ah));
  // What is open ends by the terms it began with: the new ones may name no chemistry at all.
  if (news.chemistry != terms.chemistry || !same_capacity) break_off(), guard_.forget();
  terms = std::move(news);
  say_all();
}

void PackWatch::on_reading(const Reading& reading) {
  clock(reading.steady_s, reading.taken_at);
  memory.heard_utc_s = memory.utc_s;
  moment.fresh = false;
  if (reading.cells_v.size() > max_cells) {
    if (memory.cells == 0 && silent_ != Reason::too_many_cells) silent_ = Reason::too_many_cells, say_all();
    return;
  }
  if (!same_pack(reading)) return;
  if (!terms.complete()) {
    if (memory.cells == 0 && !reading.cells_v.empty()) become(static_cast<int>(reading.cells_v.size()));
    return;
  }
  const auto ruling = guard_.judge(reading, *terms.chemistry, terms.capacity_ah);
  if (const Reason why = guard_.blocked(); why != silent_) {
    if (ruling.use || why != Reason::none) silent_ = why, say_all();
  }
  if (ruling.use) follow(reading, ruling);
}

/// Another number of cells is another pack, once it is sure that it is no torn frame.
bool PackWatch::same_pack(const Reading& reading) {
  const int count = static_cast<int>(reading.cells_v.size());
  if (count == memory.cells) {
    strangers_ = 0;
    return true;
  }
  if (count == 0) return false;
  strangers_ = count == strange_count_ ? strangers_ + 1 : 1;
  strange_count_ = count;
  if (memory.cells != 0 && strangers_ < strangers_to_believe) return false;
  become(count);
  return true;
}

void PackWatch::become(int cells) {
  const double clock_s = memory.clock_s, utc_s = memory.utc_s, heard_utc_s = memory.heard_utc_s;
  charge_.closed(), discharge_.closed();
  memory = {};
  memory.cells = cells, memory.clock_s = clock_s, memory.utc_s = utc_s, memory.heard_utc_s = heard_utc_s;
  guard_.forget();
  activity_.restart();
  gates_ = {};
  moment = {};
  first_sample_ = true;
  silent_ = Reason::no_readings;
  dirty = true;
  say_all();
}

/// Our own time goes with the monotonic clock; the wall clock only tells how long we were away.
void PackWatch::clock(double steady_s, std::optional<UtcTime> utc) {
  if (steady_s_ && steady_s > *steady_s_) memory.clock_s += steady_s - *steady_s_;
  steady_s_ = steady_s;
  if (!utc) return;
  const double utc_s = std::chrono::duration<double>(utc->time_since_epoch()).count();
  if (catch_up_ && memory.utc_s > 0) memory.clock_s += std::max(0.0, utc_s - memory.utc_s);
  catch_up_ = false;
  memory.utc_s = utc_s;
}

/// No charge is counted across this point.
void PackWatch::break_off() {
  if (charge_.is_open()) close_charge(false);
  if (discharge_.is_open()) close_discharge();
  ++memory.stretch;
  activity_.restart();
  memory.resistance.break_off();
  gates_.break_off();
  first_sample_ = true;
}

void PackWatch::follow(const Reading& reading, const Guard::Ruling& ruling) {
  if (ruling.gap) break_off();
  const std::size_t n = reading.cells_v.size();
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += raw_[i] = *reading.cells_v[i];
  const std::span<const double> v(raw_.data(), n);
  const bool both_off = reading.charge_on == false && reading.discharge_on == false;
  memory.current_offset.learn(ruling.dt_s, *reading.current_a, both_off, v, terms.capacity_ah);
  const double current = memory.current_offset.corrected(*reading.current_a, terms.capacity_ah);
  const Sample sample{ruling.dt_s, reading.steady_s, v, reading.pack_v.value_or(sum), current};

  if (!first_sample_) memory.q += (last_a_ + current) / 2 * ruling.dt_s / 3600;
  last_a_ = current;
  doubt_ = ruling.doubt;
  memory.resistance.update(sample, *terms.chemistry, terms.capacity_ah);
  if (first_sample_) freeze_resistance();
  smooth(sample);

  const SegmentSample now{sample, reading, {u_.data(), n}, activity_.smooth_current_a(), memory.q, ruling.doubt};
  if (activity_.update(ruling.dt_s, current, terms.capacity_ah)) turn(now);
  if (charge_.is_open()) hint_resistance(now), charge_.update(terms, memory, now);
  if (discharge_.is_open()) discharge_.update(terms, now);
  const double gone_a = gone_c * terms.capacity_ah;
  // A trip needs no waiting: what it taught is said at once.
  if (charge_.is_open() && charge_.watch().tripped() && current < gone_a) close_charge(true);
  if (discharge_.is_open() && discharge_.watch().tripped() && current > -gone_a) close_discharge();

  memory.balancing.update(terms, reading, {v_.data(), n}, current, ruling.dt_s, memory.clock_s);
  memory.usage.update(reading, ruling.dt_s);
  gates_.update(terms, sample, now.u, moment);
  moment.fresh = true;
  moment.steady_s = reading.steady_s;
  moment.charges_closed = memory.charges;
  predict_now(now);
  say_deltas();
}

void PackWatch::smooth(const Sample& sample) {
  const double share = first_sample_ ? 1 : 1 - std::exp(-sample.dt_s / tau_s);
  smooth_a_ += share * (sample.current_a - smooth_a_);
  for (std::size_t i = 0; i < sample.v.size(); ++i) {
    v_[i] += share * (sample.v[i] - v_[i]);
  }
  compensate(sample.v.size());
  first_sample_ = false;
}

void PackWatch::compensate(std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) u_[i] = v_[i] - steady_polarisation * ohm_[i] * smooth_a_;
}

void PackWatch::freeze_resistance() {
  memory.resistance.estimate(ohm_, static_cast<std::size_t>(memory.cells), terms.capacity_ah);
}

/// Before the first knee without a single step of the current, a cell of high resistance looks like a full one. On the
/// flat plateau it stands out for hours, a full one only for its last minutes.
void PackWatch::hint_resistance(const SegmentSample& now) {
  const ChemistryTraits& c = *terms.chemistry;
  if (!c.landmarks || std::ranges::max(now.u) < c.top_level_v || !memory.resistance.wants_hint(terms.capacity_ah))
    return;
  Cells excess{};
  double current = 0;
  if (!charge_.hint_due() || !charge_.curves.recent_excess(excess, current)) return;
  charge_.note_hint();
  if (current < hint_least_c * terms.capacity_ah) return;
  bool any = false;
  for (double& volts : excess) {
    if (std::abs(volts) < hint_least_v) volts = 0;
    any = any || volts != 0;
    volts /= steady_polarisation * current;
  }
  if (!any) return;
  memory.resistance.hint(excess, now.u.size());
  freeze_resistance();
  compensate(now.u.size());
  charge_.reopen_crossings(terms, now);
}

/// The activity changed: what was open is closed, and the new one opens.
void PackWatch::turn(const SegmentSample& now) {
  if (charge_.is_open()) close_charge(true);
  if (discharge_.is_open()) close_discharge();
  freeze_resistance();
  compensate(now.u.size());
  opened_q_ = memory.q, opened_s_ = memory.clock_s;
  if (activity_.now() == Activity::charge) charge_.open(terms, now);
  if (activity_.now() == Activity::discharge) discharge_.open(terms, now);
}

void PackWatch::close_charge(bool whole) {
  const SegmentFacts facts = charge_.close(memory, whole);
  ClosedSegment segment{.charge = true, .cause = charge_.watch().cause(), .edge_v = charge_.watch().peak_v()};
  learn_from_charge(charge_, terms, whole, memory);
  charge_.closed();
  dirty = true;
  say_all();
  segment.margin_mv = insight.charge_margin_mv.value;
  keep(std::move(segment), facts, memory.top);
}

void PackWatch::close_discharge() {
  const SegmentFacts facts = discharge_.close(memory);
  ClosedSegment segment{.charge = false, .cause = discharge_.watch().cause(), .edge_v = discharge_.watch().lowest_v()};
  learn_from_discharge(discharge_, terms, memory);
  discharge_.closed();
  dirty = true;
  say_all();
  segment.margin_mv = insight.discharge_margin_mv.value;
  keep(std::move(segment), facts, memory.bottom);
}

void PackWatch::keep(ClosedSegment segment, const SegmentFacts& facts, const Offsets& offsets) {
  const auto n = static_cast<std::size_t>(memory.cells);
  const auto cells = std::span(facts.peak_u).first(n);
  const auto edge = segment.charge ? std::ranges::max_element(cells) : std::ranges::min_element(cells);
  if (n > 0) segment.edge_cell = static_cast<int>(edge - cells.begin()) + 1;
  if (memory.utc_s > 0)
    segment.ended_at = UtcTime(std::chrono::milliseconds(static_cast<std::int64_t>(memory.utc_s * 1000)));
  segment.ah = std::abs(memory.q - opened_q_), segment.hours = (memory.clock_s - opened_s_) / 3600;
  segment.told = offsets.seen && offsets.time_s == facts.time_s;
  segment.usable_ah = insight.usable_ah.value;
  for (std::size_t i = 0; i < n; ++i) {
    const Offset& offset = offsets.cells[i];
    segment.offset_pct.push_back(segment.told ? offset.ah / terms.capacity_ah * 100 : absent);
    segment.r_mohm.push_back(insight.r_mohm[i].value.value_or(absent));
  }
  constexpr std::size_t most_kept = 8;  // whoever wants them takes them at every reading
  if (closed.size() == most_kept) closed.erase(closed.begin());
  closed.push_back(std::move(segment));
}

/// Before resistance is known a cell that has stood high since the charge began is not in the knee: it has resistance.
bool PackWatch::believable(std::span<const double> u) const {
  if (!terms.chemistry->landmarks || !memory.resistance.wants_hint(terms.capacity_ah) || charge_.hint_made())
    return true;
  Cells sorted{};
  std::ranges::copy(u, sorted.begin());
  const auto lead = static_cast<std::size_t>(std::ranges::max_element(u) - u.begin());
  return charge_.curves.first_excess(lead) < (u[lead] - median(sorted, u.size())) / 2;
}

void PackWatch::predict_now(const SegmentSample& now) {
  const bool charging =
      charge_.is_open() && charge_.in_knee() && !charge_.ended() && now.smooth_a > 0 && believable(now.u);
  const bool discharging = discharge_.is_open() && discharge_.in_knee() && !discharge_.ended() && now.smooth_a < 0;
  moment.live = charging;
  const bool ended = (!charge_.is_open() || charge_.ended()) && (!discharge_.is_open() || discharge_.ended());
  if (std::exchange(predicting_, charging || discharging || (predicting_ && !ended)) && ended) {
    insight.minutes_to_stop = insight.minutes_to_empty = Output<double>::unknown(Reason::gate_not_met);
  }
  if (!charging && !discharging) return;
  const double s = now.sample.steady_s;
  if (s - predicted_s_ < predict_every_s && s >= predicted_s_) return;
  predicted_s_ = s;
  if (charging) say_charge_now(terms, memory, now.u, now.smooth_a, insight);
  if (discharging) say_discharge_now(terms, memory, now.u, now.smooth_a, insight);
  say_advice(terms, memory, insight);
}

void PackWatch::on_tick(double steady_s, std::optional<UtcTime> utc) {
  clock(steady_s, utc);
  const auto last = guard_.last_used_s();
  if (!last || steady_s - *last <= longest_step_s || first_sample_) return;
  break_off();
  moment.fresh = false;
  moment.live = false;
  say_all();
}

bool PackWatch::restore(std::string_view blob) {
  auto restored = restore_memory(blob);
  if (!restored) return false;
  charge_.closed(), discharge_.closed();
  memory = *restored;
  ++memory.stretch;
  catch_up_ = true;
  steady_s_.reset();
  guard_.forget();
  activity_.restart();
  first_sample_ = true;
  silent_ = Reason::no_readings;
  say_all();
  return true;
}

}  // namespace cellwarden
