#include "tests/analysis/score_pack.h"

#include <chrono>
#include <cmath>

namespace score {

namespace {

using namespace cellwarden;
using simulator::Outcome;
using simulator::Phase;
using simulator::Scenario;

/// The same charge with other settings, from here to its end.
simulator::PhaseEnd charge_from_here(Scenario copy) {
  while (copy.next()) {
    if (const auto* end = copy.ended()) return *end;
  }
  return {};
}

class Run {
 public:
  Run(const simulator::ScenarioOptions& options, const simulator::ScenarioKind& kind, const Faults& faults)
      : options_(options),
        faults_(faults),
        scenario_(options),
        analysis_(settings_of(options)),
        dice_(options.seed + 1) {
    score_.kind = kind, score_.seed = options.seed, score_.cells = options.cells.size();
    analysis_.on_limits(limits_of(options));
  }

  PackScore run(int cycles) {
    Phase phase = Phase::night;
    while (scenario_.next()) {
      if (scenario_.phase() != phase || scenario_.ended()) leave(phase);
      if (scenario_.cycle() > cycles) break;
      const bool enters = scenario_.phase() != phase && !scenario_.ended();
      phase = scenario_.phase();
      if (enters) enter(phase);
      if (const auto* end = scenario_.ended()) ended(*end);
      feed();
      watch();
    }
    finish();
    return score_;
  }

 private:
  void feed() {
    const auto& sample = scenario_.sample();
    if (faults_.lost_share > 0 && std::uniform_real_distribution<double>(0, 1)(dice_) < faults_.lost_share) return;
    if (faults_.gap_every_s > 0 && std::fmod(sample.t_s, faults_.gap_every_s) > faults_.gap_every_s - 300) return;
    fill(reading_, sample);
    score_.readings += 1;
    analysis_.on_reading(reading_);
  }

  void enter(Phase phase) {
    const Insight& said = analysis_.insight();
    if (phase == Phase::charge) {
      charge_ = {
          .cycle = scenario_.cycle(), .before = said.charge_verdict.value, .margin_mv = said.charge_margin_mv.value};
      live_at_s_.reset();
      Scenario free = scenario_;
      free.change().bms.cell_ovp_v = 9;
      const auto end = charge_from_here(free);
      charge_.truth_margin_mv = (options_.bms.cell_ovp_v - end.peak_v) * 1000;
      if (said.recommended_charge_v.value) {
        Scenario follows = scenario_;
        follows.change().charger.set_v = *said.recommended_charge_v.value;
        const auto next = charge_from_here(follows);
        if (next.outcome != Outcome::source) {
          score_.followed.push_back({next.outcome == Outcome::bms, (options_.bms.cell_ovp_v - next.peak_v) * 1000});
        }
      } else if (said.recommended_charge_v.reason == Reason::too_unbalanced) {
        ++score_.too_unbalanced;
      }
    }
    if (phase == Phase::discharge) {
      discharge_ = {.before = said.discharge_verdict.value, .margin_mv = said.discharge_margin_mv.value};
      Scenario free = scenario_;
      free.change().bms.cell_uvp_v = -9;
      discharge_.truth_margin_mv = (charge_from_here(free).peak_v - options_.bms.cell_uvp_v) * 1000;
    }
  }

  void watch() {
    const Moment& moment = analysis_.moment();
    if (scenario_.phase() == Phase::charge && moment.live && !live_at_s_) {
      live_at_s_ = scenario_.sample().t_s;
      charge_.live = analysis_.insight().charge_verdict.value;
      charge_.live_margin_mv = analysis_.insight().charge_margin_mv.value;
    }
    if (scenario_.phase() == Phase::discharge && moment.gate == Gate::bottom && !discharge_.live &&
        analysis_.insight().minutes_to_empty.value) {
      discharge_.live = analysis_.insight().discharge_verdict.value;
      discharge_.live_margin_mv = analysis_.insight().discharge_margin_mv.value;
    }
  }

  void ended(const simulator::PhaseEnd& end) {
    if (end.phase == Phase::charge) {
      charge_.outcome = end.outcome;
      if (live_at_s_) charge_.lead_minutes = (end.t_s - *live_at_s_) / 60;
      if (end.outcome != Outcome::source) score_.charges.push_back(charge_);
      end_of_charge_ = end;
    } else {
      discharge_.outcome = end.outcome;
      if (end.outcome != Outcome::user) score_.discharges.push_back(discharge_);
      end_of_discharge_ = end;
    }
  }

  /// What was said when the rest after a phase is over, against what is true.
  void leave(Phase phase) {
    const Insight& said = analysis_.insight();
    if (phase == Phase::rest_full && end_of_charge_) {
      judge_offsets(said, *end_of_charge_);
      end_of_charge_.reset();
    }
    if (phase == Phase::rest_empty && end_of_discharge_) {
      judge_bottom(said, *end_of_discharge_);
      end_of_discharge_.reset();
    }
  }

  void judge_offsets(const Insight& said, const simulator::PhaseEnd& end) {
    for (std::size_t i = 0; i < end.offset_ah.size(); ++i) {
      const auto& src = said.offset_top_src[i];
      if (!src.value) continue;
      const double pp = 100 / options_.capacity_ah;
      const bool odd = static_cast<int>(i) + 1 == score_.kind.cell;
      if (const auto& t = said.offset_top_pct[i]; t.value) {
        const double truth = end.offset_ah[i] * pp;
        score_.top.push_back({*src.value, *t.value - truth, truth, odd});
      } else if (const auto& bound = said.offset_top_at_least_ah[i]; bound.value) {
        ++score_.bounded;
        score_.bounded_wrong += *bound.value > end.offset_ah[i] + 0.003 * options_.capacity_ah;
      }
    }
    judge_usable(said, end);
  }

  void judge_bottom(const Insight& said, const simulator::PhaseEnd& end) {
    for (std::size_t i = 0; i < end.offset_ah.size(); ++i) {
      const auto& b = said.offset_bottom_ah[i];
      score_.bottom_unsaid += said.offset_bottom_src[i].value && !b.value;
      if (!b.value || end.offset_ah[i] > 0.5 * options_.capacity_ah) continue;
      const double pp = 100 / options_.capacity_ah, truth = end.offset_ah[i] * pp;
      score_.bottom.push_back({*said.offset_bottom_src[i].value, *b.value * pp - truth, truth, false});
    }
    judge_usable(said, end);
  }

  void judge_usable(const Insight& said, const simulator::PhaseEnd& end) {
    if (said.usable_ah.value) score_.usable_error_pct.push_back((*said.usable_ah.value / end.usable_ah - 1) * 100);
  }

  void finish() {
    const Insight& said = analysis_.insight();
    for (std::size_t i = 0; i < said.r_mohm.size(); ++i) {
      if (said.r_mohm[i].value)
        score_.r_error_pct.push_back((*said.r_mohm[i].value / (options_.cells[i].r0_ohm * 1000) - 1) * 100);
    }
    score_.pack_class = said.pack_class.value;
    score_.bottom_seen = said.first_empty_cell.reason != Reason::bottom_never_seen;
  }

  simulator::ScenarioOptions options_;
  Faults faults_;
  Scenario scenario_;
  Analysis analysis_;
  std::mt19937 dice_;
  Reading reading_;
  PackScore score_;
  ChargeScore charge_{};
  DischargeScore discharge_{};
  std::optional<double> live_at_s_;
  std::optional<simulator::PhaseEnd> end_of_charge_, end_of_discharge_;
};

}  // namespace

PackSettings settings_of(const simulator::ScenarioOptions& o) {
  PackSettings settings;
  settings.chemistry = simulator::chemistry_names[static_cast<std::size_t>(o.chemistry)];
  settings.capacity_ah = o.capacity_ah;
  settings.charger = {o.charger.set_v, o.charger.tail_a, o.charger.current_a, o.charger.absorption_s};
  settings.load_cutoff_v = o.load.cutoff_v;
  return settings;
}

Limits limits_of(const simulator::ScenarioOptions& o) {
  Limits limits;
  limits.cell_ovp_v = o.bms.cell_ovp_v, limits.cell_ovp_release_v = o.bms.cell_ovp_release_v;
  limits.cell_uvp_v = o.bms.cell_uvp_v, limits.cell_uvp_release_v = o.bms.cell_uvp_release_v;
  return limits;
}

void fill(Reading& reading, const simulator::ScenarioSample& sample) {
  reading.steady_s = sample.t_s;
  reading.taken_at =
      UtcTime(std::chrono::milliseconds(1'800'000'000'000 + static_cast<std::int64_t>(sample.t_s * 1000)));
  reading.cells_v.resize(sample.cells_v.size());
  for (std::size_t i = 0; i < sample.cells_v.size(); ++i) reading.cells_v[i] = sample.cells_v[i];
  reading.pack_v = sample.pack_v, reading.current_a = sample.current_a, reading.soc_pct = sample.soc_pct;
  reading.temps_c.assign(1, sample.temp_c);
  reading.charge_on = sample.charge_on, reading.discharge_on = sample.discharge_on;
  reading.balancing = sample.balancing != 0;
}

PackScore run_pack(const simulator::ScenarioOptions& options, const simulator::ScenarioKind& kind, int cycles,
                   const Faults& faults) {
  return Run(options, kind, faults).run(cycles);
}

}  // namespace score
