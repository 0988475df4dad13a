// Cells apart (cell-analytics 6 and 11): at the ends and at rest a difference means something, on the plateau never.
#include <algorithm>
#include <cmath>

#include "daemon/alerts/rules.h"
#include "daemon/alerts/wording.h"
#include "daemon/analysis/chemistry.h"

namespace cellwarden {

namespace {

double top_max_v(const Scene& scene) {
  if (scene.settings.cell_delta_top_max_v) return *scene.settings.cell_delta_top_max_v;
  std::optional<Chemistry> which;
  if (scene.limits.chemistry) which = chemistry_from_name(*scene.limits.chemistry);
  if (!which && scene.limits.cell_ovp_v) which = chemistry_from_ovp(*scene.limits.cell_ovp_v);
  return which == Chemistry::nmc ? 4.15 : which == Chemistry::lto ? 2.65 : 3.50;
}

/// The cell furthest from the middle one: the odd one out.
int odd_one(const Reading& reading) {
  std::vector<double> known;
  for (const auto& cell : reading.cells_v)
    if (cell) known.push_back(*cell);
  if (known.empty()) return 0;
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::ranges::nth_element(known, middle);
  int odd = 0;
  double furthest = -1;
  for (std::size_t i = 0; i < reading.cells_v.size(); ++i) {
    const double away = reading.cells_v[i] ? std::abs(*reading.cells_v[i] - *middle) : -1;
    if (away > furthest) furthest = away, odd = static_cast<int>(i) + 1;
  }
  return odd;
}

const char* where_text(Gate gate) {
  switch (gate) {
    case Gate::top_charge:
      return "charging near full";
    case Gate::top_rest:
      return "resting near full";
    case Gate::bottom:
      return "discharging near empty";
    case Gate::rest:
      return "at rest";
    default:
      return "on the plateau";
  }
}

Words delta_words(const Scene& scene, double delta_mv, double v_max, double limit_mv, std::string advice,
                  const char* where) {
  const int odd = odd_one(scene.reading);
  const double volts = scene.reading.cells_v[static_cast<std::size_t>(odd) - 1].value_or(0);
  return {.cell = odd,
          .value = delta_mv,
          .unit = "mV",
          .what = cell_text(odd) + " stands out at " + number_text(volts, 3, " V") + ", the cells differ by " +
                  number_text(delta_mv, 0, " mV") + " with the highest at " + number_text(v_max, 3, " V") +
                  current_text(" and ", scene.reading.current_a),
          .why = "more than " + number_text(limit_mv, 0, " mV") + " " + where,
          .advice = std::move(advice),
          .over = "the cells differ by " + number_text(delta_mv, 0, " mV") + " again"};
}

const char* const see_offsets =
    "See in the insight how far each cell is behind at the top and whether the BMS will end the charge; balance there.";

void judge_top(const Scene& scene, std::optional<int>& warned_charge) {
  const auto& s = scene.settings;
  const Moment& now = scene.moment;
  const bool open = now.fresh && now.gate == Gate::top_charge && now.v_max <= top_max_v(scene) + 1e-9;
  const Board::Key warn{AlertKind::cell_delta_top, Level::warn}, alarm{AlertKind::cell_delta_top, Level::alarm};
  const auto verdict = [&](double raise, double clear) {
    return open ? above(now.delta_mv, raise, clear) : Verdict::neither;
  };
  const auto say = [&](double limit_mv) {
    return [&scene, limit_mv] {
      return delta_words(scene, scene.moment.delta_mv, scene.moment.v_max, limit_mv, see_offsets,
                         where_text(scene.moment.gate));
    };
  };
  // Once is chance: the same in another charge, or long enough in this one.
  const Verdict mild = verdict(s.cell_delta_top_warn_mv, s.cell_delta_top_warn_clear_mv);
  const double hold_s = s.cell_delta_top_warn_hold.count();
  const bool before = warned_charge && *warned_charge != now.charges_closed;
  const bool up = scene.board.stands(warn);
  scene.board.judge(warn, mild, before || up ? hold_s : std::max(hold_s, s.cell_delta_top_one_charge.count()),
                    say(s.cell_delta_top_warn_mv));
  if (!warned_charge && scene.board.held_s(warn, Verdict::raise) >= hold_s) warned_charge = now.charges_closed;
  if (warned_charge && scene.board.held_s(warn, Verdict::clear) >= hold_s) warned_charge.reset();
  scene.board.judge(alarm, verdict(s.cell_delta_top_alarm_mv, s.cell_delta_top_alarm_clear_mv),
                    s.cell_delta_top_alarm_hold.count(), say(s.cell_delta_top_alarm_mv));
}

/// Near full and near empty a few per cent of charge make such a difference; at rest in between it takes far more.
const char* radical_advice(Gate gate) {
  switch (gate) {
    case Gate::bottom:
      return "One cell is all but empty while others are not: take loads off, and raise the voltage at which the load "
             "lets go.";
    case Gate::top_charge:
    case Gate::top_rest:
      return "One cell is all but full while others are not: stop charging so high and balance at the top; "
             "offset_top_pct in the insight says by how much.";
    default:
      return "The cells are radically out of balance: charge each to the same voltage before balancing can help.";
  }
}

void judge_gate(const Scene& scene, const Board::Key& key, bool open, double raise_mv, double clear_mv,
                AlertSettings::Hold hold, const char* advice) {
  const Moment& now = scene.moment;
  scene.board.judge(key, open ? above(now.delta_mv, raise_mv, clear_mv) : Verdict::neither, hold.count(), [&] {
    return delta_words(scene, now.delta_mv, now.v_max, raise_mv, advice, where_text(now.gate));
  });
}

/// A cell that is far apart near full is not near empty, nor at the beginning of the knee, and that on every day. It is
/// over where it showed, as deep in it; or when the pack was there often enough and it did not show.
bool could_show(const FarApart& seen, const Moment& now) {
  constexpr int often = 7, often_at_rest = 2;
  if (seen.place == Gate::rest) return seen.times >= often_at_rest;
  return seen.times >= often || (seen.place == Gate::bottom ? now.u_min <= seen.v : now.u_max >= seen.v);
}

void judge_radical(const Scene& scene, std::optional<FarApart>& seen) {
  const auto& s = scene.settings;
  const Moment& now = scene.moment;
  const Board::Key key{AlertKind::cell_delta_radical, Level::alarm};
  const bool open = now.fresh && now.gate != Gate::mid && now.gate != Gate::none;
  const Gate place = now.gate == Gate::top_rest ? Gate::top_charge : now.gate;
  Verdict verdict =
      open ? above(now.delta_mv, s.cell_delta_radical_mv, s.cell_delta_radical_clear_mv) : Verdict::neither;
  const bool there = open && seen && seen->place == place, before = there && seen->charge != now.charges_closed;
  if (before) seen->charge = now.charges_closed, ++seen->times;
  if (verdict == Verdict::raise && (!there || seen->times > 0))
    seen = FarApart{place, place == Gate::bottom ? now.u_min : now.u_max, now.charges_closed, 0};
  if (verdict == Verdict::clear && seen && !(there && could_show(*seen, now))) verdict = Verdict::neither;
  scene.board.judge(key, verdict, s.cell_delta_radical_hold.count(), [&] {
    return delta_words(scene, now.delta_mv, now.v_max, s.cell_delta_radical_mv, radical_advice(now.gate),
                       where_text(now.gate));
  });
  if (verdict == Verdict::clear && !scene.board.stands(key)) seen.reset();
}

/// The owner's own threshold. "any" is what the BMS shows, also where nothing else is known of the pack.
void judge_own(const Scene& scene) {
  const auto& s = scene.settings;
  if (!s.cell_delta_mv) return;
  const double raise = *s.cell_delta_mv, clear = 0.6 * raise;
  const Board::Key key{AlertKind::cell_delta, Level::warn};
  const char* advice = "This is your own threshold (alerts.cell_delta_mv); the insight says what is behind it.";
  if (s.cell_delta_where == "any") {
    const auto cells = summarise(scene.reading.cells_v);
    if (!cells) return;
    scene.board.judge(key, above(cells->cell_delta_mv, raise, clear), s.cell_delta_hold.count(), [&] {
      return delta_words(scene, cells->cell_delta_mv, cells->cell_max_v, raise, advice, "as the BMS shows them");
    });
    return;
  }
  const Gate gate = scene.moment.gate;
  const bool open =
      scene.moment.fresh && (s.cell_delta_where == "rest" ? gate == Gate::rest || gate == Gate::top_rest
                                                          : gate == Gate::top_charge || gate == Gate::bottom);
  judge_gate(scene, key, open, raise, clear, s.cell_delta_hold, advice);
}

}  // namespace

void judge_deltas(const Scene& scene, std::optional<int>& warned_charge, std::optional<FarApart>& far_apart) {
  const auto& s = scene.settings;
  const Moment& now = scene.moment;
  judge_own(scene);
  judge_top(scene, warned_charge);
  judge_radical(scene, far_apart);
  judge_gate(scene, {AlertKind::cell_delta_rest, Level::info}, now.fresh && now.gate == Gate::rest,
             s.cell_delta_rest_mv, s.cell_delta_rest_clear_mv, s.cell_delta_rest_hold,
             "Nothing to do by this alone: charge the pack until it is full, the offsets show there.");
  judge_gate(scene, {AlertKind::cell_delta_bottom, Level::warn}, now.fresh && now.gate == Gate::bottom,
             s.cell_delta_bottom_mv, s.cell_delta_bottom_clear_mv, s.cell_delta_bottom_hold,
             "One cell is empty before the others: raise the voltage at which the load lets go.");
}

}  // namespace cellwarden
