// What the BMS reports itself, how close a cell is to what it cuts at, and cells that no battery has.
#include <algorithm>
#include <cmath>

#include "daemon/alerts/rules.h"
#include "daemon/alerts/wording.h"

namespace cellwarden {

namespace {

bool holds(const std::optional<std::vector<Alarm>>& list, Alarm alarm) {
  return list && std::ranges::find(*list, alarm) != list->end();
}

/// The value the alarm is about, where the reading has it.
void put_value(Alarm alarm, const Reading& reading, Words& words) {
  const auto cells = summarise(reading.cells_v);
  const auto put = [&](std::optional<double> value, const char* unit) {
    if (value) words.value = value, words.unit = unit;
  };
  const auto temperature = [&](bool highest) {
    std::optional<double> found;
    for (const auto& probe : reading.temps_c)
      if (probe && (!found || (highest ? *probe > *found : *probe < *found))) found = probe;
    put(found, "\u00B0C");
  };
  switch (alarm) {
    case Alarm::cell_overvoltage:
      if (cells) words.cell = cells->cell_max_n, put(cells->cell_max_v, "V");
      break;
    case Alarm::cell_undervoltage:
      if (cells) words.cell = cells->cell_min_n, put(cells->cell_min_v, "V");
      break;
    case Alarm::cell_difference:
      if (cells) put(cells->cell_delta_mv, "mV");
      break;
    case Alarm::pack_overvoltage:
    case Alarm::pack_undervoltage:
      put(reading.pack_v, "V");
      break;
    case Alarm::charge_overcurrent:
    case Alarm::discharge_overcurrent:
    case Alarm::short_circuit:
      put(reading.current_a, "A");
      break;
    case Alarm::charge_overtemperature:
    case Alarm::discharge_overtemperature:
      temperature(true);
      break;
    case Alarm::charge_undertemperature:
    case Alarm::discharge_undertemperature:
      temperature(false);
      break;
    case Alarm::mos_overtemperature:
      put(reading.mos_temp_c, "\u00B0C");
      break;
    case Alarm::soc_low:
      put(reading.soc_pct, "%");
      break;
    default:
      break;
  }
}

Words bms_words(Alarm alarm, Level level, const Reading& reading) {
  Words words;
  put_value(alarm, reading, words);
  words.what = "the BMS " + std::string(level == Level::warn ? "warns of " : "reports ") + alarm_text(alarm);
  if (words.cell) words.what += " at " + cell_text(*words.cell);
  if (words.value)
    words.what += " with " + number_text(*words.value, words.unit == "V" ? 3 : 1, (" " + words.unit).c_str());
  words.why = level == Level::warn ? "its first level, it still lets current through"
                                   : "its protection acts and may have switched off";
  words.advice = alarm_advice(alarm);
  words.over = "the BMS no longer reports " + alarm_text(alarm);
  return words;
}

}  // namespace

void judge_bms(const Scene& scene) {
  const auto judge = [&](const std::optional<std::vector<Alarm>>& list, Level level) {
    if (!list) return;  // the BMS did not say: nothing came, nothing went
    for (std::size_t i = 0; i < alarm_names.size(); ++i) {
      const auto alarm = static_cast<Alarm>(i);
      scene.board.judge({kind_of(alarm), level}, holds(list, alarm) ? Verdict::raise : Verdict::clear, 0,
                        [&] { return bms_words(alarm, level, scene.reading); });
    }
  };
  judge(scene.reading.alarms, Level::alarm);
  judge(scene.reading.warnings, Level::warn);
}

/// A reading's empty cell is one that read impossible values three times running (Pack).
void judge_implausible_cells(const Scene& scene) {
  for (std::size_t i = 0; i < scene.reading.cells_v.size(); ++i) {
    const int cell = static_cast<int>(i) + 1;
    const auto& volts = scene.reading.cells_v[i];
    scene.board.judge({AlertKind::implausible_cell, Level::alarm, cell}, volts ? Verdict::clear : Verdict::raise, 0,
                      [&]() -> Words {
                        return {.cell = cell,
                                .value = volts,
                                .unit = volts ? "V" : "",
                                .what = cell_text(cell) + " reads a voltage that no cell has",
                                .why = "three readings running; its true voltage is not known and not watched",
                                .advice = "Look at this cell's sense wire and the balance connector of the BMS.",
                                .over = cell_text(cell) + " reads a voltage again"};
                      });
  }
}

void judge_near_limits(const Scene& scene) {
  const auto& s = scene.settings;
  const auto cells = summarise(scene.reading.cells_v);
  if (!cells) return;
  const double hold = s.cell_near_hold.count();
  const auto words = [&](int cell, double volts, double limit, const char* side, const char* ends,
                         const char* advice) -> Words {
    return {.cell = cell,
            .value = volts,
            .unit = "V",
            .what = cell_text(cell) + " reads " + number_text(volts, 3, " V") +
                    current_text(" at ", scene.reading.current_a),
            .why = number_text(std::abs(limit - volts) * 1000, 0, " mV ") + side + " the " +
                   number_text(limit, 3, " V") + " at which the BMS ends the " + ends,
            .advice = advice,
            .over = cell_text(cell) + " reads " + number_text(volts, 3, " V") + ", no longer near the " +
                    number_text(limit, 3, " V") + " at which the BMS ends the " + ends};
  };
  // A hair beyond the millivolt the BMS resolves: "more than OVP - 30 mV".
  constexpr double hair_v = 1e-6;
  if (const auto ovp = scene.limits.cell_ovp_v) {
    const double v = cells->cell_max_v;
    scene.board.judge({AlertKind::cell_near_ovp, Level::warn},
                      v > *ovp - s.cell_near_ovp_mv / 1000 + hair_v         ? Verdict::raise
                      : v < *ovp - s.cell_near_ovp_clear_mv / 1000 - hair_v ? Verdict::clear
                                                                            : Verdict::neither,
                      hold, [&] {
                        return words(cells->cell_max_n, v, *ovp, v < *ovp ? "below" : "above", "charge",
                                     "Lower the charger's voltage (recommended_charge_v), or balance at the top.");
                      });
  }
  if (const auto uvp = scene.limits.cell_uvp_v) {
    const double v = cells->cell_min_v;
    scene.board.judge({AlertKind::cell_near_uvp, Level::warn},
                      v < *uvp + s.cell_near_uvp_mv / 1000 - hair_v         ? Verdict::raise
                      : v > *uvp + s.cell_near_uvp_clear_mv / 1000 + hair_v ? Verdict::clear
                                                                            : Verdict::neither,
                      hold, [&] {
                        return words(cells->cell_min_n, v, *uvp, v > *uvp ? "above" : "below", "discharge",
                                     "Take loads off and charge; raise the voltage at which the load lets go.");
                      });
  }
}

}  // namespace cellwarden
