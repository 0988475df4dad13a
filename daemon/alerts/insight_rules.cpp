// What the analysis found: who cuts off first, how far cells are behind, resistance, drift, settings that clash.
#include <algorithm>

#include "daemon/alerts/rules.h"
#include "daemon/alerts/wording.h"

namespace cellwarden {

namespace {

constexpr int charges = 2;                                      ///< what is known once per charge must be so twice
constexpr double resistance_volts = 0.004, resistance_c = 0.2;  ///< less is no matter (cell-analytics 10)
const Board::Key charge_key{AlertKind::charge_cut_by_bms, Level::warn};
const Board::Key discharge_key{AlertKind::discharge_cut_by_bms, Level::warn};

template <class V>
Verdict cut_verdict(const Output<V>& verdict, const Output<double>& margin_mv, double clear_mv) {
  if (verdict.value == V::bms) return Verdict::raise;
  return margin_mv.value && *margin_mv.value > clear_mv ? Verdict::clear : Verdict::neither;
}

std::string named(std::optional<int> cell) { return cell ? cell_text(*cell) : "one cell"; }
/// In the first knee ever the leading cell shows itself before any charge has told which is the first.
std::optional<int> first_cell(const Output<int>& known, int leading) {
  if (known.value || known.reason == Reason::tie || leading == 0) return known.value;
  return leading;
}
std::string volts_or(const Output<double>& v, const char* before, const char* otherwise) {
  return v.value ? before + number_text(*v.value, 1, " V") + "." : otherwise;
}

Words charge_words(const Insight& i, std::optional<int> cell) {
  const double mv = i.charge_margin_mv.value.value_or(0);
  const char* without =
      i.recommended_charge_v.reason == Reason::too_unbalanced
          ? "Balance the cells at the top: no useful charger voltage avoids it."
          : "Let a charge end like this once: then the insight names a charger voltage that avoids it.";
  return {.cell = cell,
          .value = i.charge_margin_mv.value,
          .unit = "mV",
          .what = "the BMS and not the charger ends the charge, with a margin of " + number_text(mv, 0, " mV"),
          .why = named(cell) + " is full before the others",
          .advice = volts_or(i.recommended_charge_v, "Until the cells are balanced, set the charger to ", without),
          .over = "the charger ends the charge again, with a margin of " + number_text(mv, 0, " mV")};
}
Words discharge_words(const Insight& i, std::optional<int> cell) {
  const double mv = i.discharge_margin_mv.value.value_or(0);
  return {.cell = cell,
          .value = i.discharge_margin_mv.value,
          .unit = "mV",
          .what = "the BMS and not the load ends a deep discharge, with a margin of " + number_text(mv, 0, " mV"),
          .why = named(cell) + " is empty before the others",
          .advice =
              volts_or(i.recommended_lvc_v, "Let the load let go at ", "Raise the voltage at which the load lets go."),
          .over = "the load ends the discharge again, with a margin of " + number_text(mv, 0, " mV")};
}

void judge_offsets(const Scene& scene) {
  const auto& s = scene.settings;
  const Insight& i = scene.insight;
  if (!i.offset_top_spread_pct.value) return;
  const double spread = *i.offset_top_spread_pct.value;
  int last = 0;
  double most = -1;
  for (std::size_t n = 0; n < i.offset_top_pct.size(); ++n) {
    const auto& pct = i.offset_top_pct[n].value;
    if (pct && *pct > most) most = *pct, last = static_cast<int>(n) + 1;
  }
  const auto at = static_cast<std::size_t>(std::max(last, 1)) - 1;
  const auto src = at < i.offset_top_src.size() ? i.offset_top_src[at].value : std::nullopt;
  if (src && *src < 1) return;
  const auto say = [&](double limit) {
    return [&, limit]() -> Words {
      return {.cell = last > 0 ? std::optional(last) : std::nullopt,
              .value = spread,
              .unit = "%",
              .what = cell_text(last) + " still lacks " + number_text(spread, 1, " %") + " of its charge when " +
                      named(i.first_full_cell.value) + " is full",
              .why = "more than " + number_text(limit, 1, " %") + " in two charges",
              .advice =
                  "Balance the cells at the top: hold the charger at its end voltage longer, or charge this "
                  "cell alone.",
              .over = "no cell lacks more than " + number_text(spread, 1, " %") +
                      " of its charge any more when the "
                      "first is full"};
    };
  };
  scene.board.judge_charge({AlertKind::offset_top, Level::warn},
                           above(spread, s.offset_top_warn_pct, s.offset_top_warn_clear_pct), charges,
                           say(s.offset_top_warn_pct));
  // Aligned curves may lock on a wrong place: they warn at most.
  Verdict grave = above(spread, s.offset_top_alarm_pct, s.offset_top_alarm_clear_pct);
  if (grave == Verdict::raise && src == 3) grave = Verdict::neither;
  scene.board.judge_charge({AlertKind::offset_top, Level::alarm}, grave, charges, say(s.offset_top_alarm_pct));
}

void judge_resistance(const Scene& scene) {
  const Insight& i = scene.insight;
  const auto& s = scene.settings;
  for (std::size_t n = 0; n < i.r_excess_pct.size() && n < i.r_mohm.size(); ++n) {
    const auto& excess = i.r_excess_pct[n];
    if (!excess.value || !i.r_mohm[n].value || excess.confidence < 1) continue;  // 1: seen in 20 steps of the current
    const double mohm = *i.r_mohm[n].value, more_v = mohm * (1 - 1 / (1 + *excess.value / 100)) / 1000 * resistance_c *
                                                     scene.limits.capacity_ah.value_or(0);
    const auto& flags = i.class_flags.value;
    const bool sure = more_v > resistance_volts && (!flags || std::ranges::count(*flags, PackClass::resistance) > 0);
    Verdict verdict = above(*excess.value, s.resistance_excess_pct, s.resistance_clear_pct);
    if (verdict == Verdict::raise && !sure) verdict = Verdict::neither;
    const int cell = static_cast<int>(n) + 1;
    scene.board.judge({AlertKind::resistance, Level::warn, cell}, verdict, 0, [&]() -> Words {
      return {.cell = cell,
              .value = excess.value,
              .unit = "%",
              .what = cell_text(cell) + " has " + number_text(mohm, 2, " mOhm") + ", " +
                      number_text(*excess.value, 0, " %") + " more than the middle cell",
              .why = "seen in 20 steps of the current",
              .advice = "Tighten this cell's terminals and bus bars first; if it stays, the cell is ageing.",
              .over = {}};
    });
  }
}

/// Of the outputs that a later analysis has and an earlier one has not.
template <class I>
void judge_drift(const Scene& scene, const I& i) {
  const auto each = [&](AlertKind kind, Level level, const auto& flags, const char* what, const char* advice) {
    for (std::size_t n = 0; n < flags.size(); ++n) {
      if (!flags[n].value) continue;
      const int cell = static_cast<int>(n) + 1;
      scene.board.judge({kind, level, cell}, *flags[n].value ? Verdict::raise : Verdict::clear, 0, [&]() -> Words {
        Words words{.cell = cell,
                    .value = {},
                    .unit = {},
                    .what = cell_text(cell) + what,
                    .why = {},
                    .advice = advice,
                    .over = {}};
        if constexpr (requires { i.drift_pp_day; }) {
          if (n < i.drift_pp_day.size() && i.drift_pp_day[n].value) {
            words.value = i.drift_pp_day[n].value, words.unit = "%/d";
            if (kind == AlertKind::drift) words.why = number_text(*words.value, 3, " % of its charge a day");
          }
        }
        return words;
      });
    }
  };
  if constexpr (requires { i.drift_significant; })
    each(AlertKind::drift, Level::warn, i.drift_significant, " drifts away from the others",
         "Watch it: a cell that loses charge by itself must be balanced again and again, or replaced.");
  if constexpr (requires { i.drift_suspect; })
    each(AlertKind::drift_suspect, Level::info, i.drift_suspect, " no longer gets full with the others",
         "Charge the pack until it is full once: then it shows whether this cell drifts.");
  if constexpr (requires { i.need_full_charge; }) {
    if (i.need_full_charge.value)
      scene.board.judge({AlertKind::need_full_charge, Level::info},
                        *i.need_full_charge.value ? Verdict::raise : Verdict::clear, 0, []() -> Words {
                          return {.cell = {},
                                  .value = {},
                                  .unit = {},
                                  .what = "the pack has not been full for two weeks",
                                  .why = "what is known of its balance grows old",
                                  .advice = "Charge it until it is full once.",
                                  .over = "the pack was full"};
                        });
  }
}

void judge_audit(const Scene& scene) {
  const auto& sentences = scene.insight.limit_audit;
  const Board::Key key{AlertKind::limit_audit, Level::warn};
  const auto say = [&]() -> Words {
    const std::string more =
        sentences.size() > 1 ? " (1 of " + std::to_string(sentences.size()) + " in the insight's limit_audit)" : "";
    return {.cell = {},
            .value = {},
            .unit = {},
            .what = "settings contradict each other",
            .why = sentences.empty() ? "" : sentences.front() + more,
            .advice = "Change one of the two; limit_audit in the insight lists all.",
            .over = "the settings agree again"};
  };
  // Held, for a BMS tells its limits one after another.
  scene.board.judge(key, sentences.empty() ? Verdict::clear : Verdict::raise, scene.settings.limit_audit_hold.count(),
                    say);
}

}  // namespace

void judge_insight(const Scene& scene) {
  const Insight& i = scene.insight;
  const double clear_mv = scene.settings.cut_by_bms_clear_mv;
  // In the knee it is worked out from what happens, and said at once. Taken back it is only after whole charges: a wide
  // knee looks well until its last minutes.
  const auto now = [](Verdict verdict) { return verdict == Verdict::raise ? verdict : Verdict::neither; };
  if (scene.moment.live && i.minutes_to_stop.value)
    scene.board.judge(charge_key, now(cut_verdict(i.charge_verdict, i.charge_margin_mv, clear_mv)), 0,
                      [&] { return charge_words(i, first_cell(i.first_full_cell, scene.moment.cell_max)); });
  if (scene.moment.fresh && scene.moment.gate == Gate::bottom && i.minutes_to_empty.value)
    scene.board.judge(discharge_key, now(cut_verdict(i.discharge_verdict, i.discharge_margin_mv, clear_mv)), 0,
                      [&] { return discharge_words(i, first_cell(i.first_empty_cell, scene.moment.cell_min)); });
  judge_resistance(scene);
  judge_drift(scene, i);
  judge_audit(scene);
}

void judge_closed_charge(const Scene& scene) {
  const Insight& i = scene.insight;
  const double clear_mv = scene.settings.cut_by_bms_clear_mv;
  scene.board.judge_charge(charge_key, cut_verdict(i.charge_verdict, i.charge_margin_mv, clear_mv), charges,
                           [&] { return charge_words(i, i.first_full_cell.value); });
  scene.board.judge_charge(discharge_key, cut_verdict(i.discharge_verdict, i.discharge_margin_mv, clear_mv), charges,
                           [&] { return discharge_words(i, i.first_empty_cell.value); });
  judge_offsets(scene);
}

}  // namespace cellwarden
