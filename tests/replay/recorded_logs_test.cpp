// Real recordings that do not belong to the project: CELLWARDEN_LOGS names their folder, else nothing is tested here.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/alerts/alerts.h"
#include "daemon/analysis/analysis.h"
#include "daemon/analysis/resistance.h"
#include "tests/replay/replayed.h"

using namespace cellwarden;

namespace {

/// Empty where the folder is not there: then the test has nothing to look at.
std::vector<Reading> recorded(const std::string& name) {
  const char* folder = std::getenv("CELLWARDEN_LOGS");
  if (folder == nullptr) return {};
  std::ifstream in(std::filesystem::path(folder) / (name + ".csv"));
  if (!in) return {};
  const auto recording = open_recording(in);
  std::vector<Reading> all;
  for (Reading reading; recording->next(reading);) all.push_back(reading);
  return all;
}

struct Seen {
  Analysis analysis;
  std::string told;  ///< "+charge_cut_by_bms@2 "
};

Seen seen(const std::vector<Reading>& readings, const PackSettings& settings, const AlertSettings& alerts_of = {}) {
  Seen all{Analysis(settings), {}};
  Alerts alerts("a", alerts_of);
  for (const Reading& reading : readings) {
    all.analysis.on_reading(reading);
    alerts.on_reading(reading, all.analysis.insight(), all.analysis.moment(), all.analysis.limits());
    for (const auto& event : alerts.take_events()) {
      CHECK(event.alert.text.size() < 255);
      if (!reading.current_a) CHECK(event.alert.text.find(" A") == std::string::npos);
      all.told += (event.raised ? "+" : "-") + std::string(name(event.alert.kind)) +
                  (event.alert.cell ? "@" + std::to_string(*event.alert.cell) : "") + " ";
    }
  }
  return all;
}

PackSettings pack_of(const char* chemistry, double capacity_ah, double charger_v, double cutoff_v, double ovp_v,
                     double uvp_v) {
  PackSettings settings;
  settings.chemistry = chemistry, settings.capacity_ah = capacity_ah;
  settings.charger.absorption_v = charger_v, settings.load_cutoff_v = cutoff_v;
  settings.limits.cell_ovp_v = ovp_v, settings.limits.cell_uvp_v = uvp_v;
  return settings;
}

const PackSettings oks = pack_of("lfp", 90, 14.4, 11.0, 3.65, 2.5);
const PackSettings pylontech = pack_of("lfp", 50, 52.5, 46, 3.65, 2.8);

bool holds(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("recorded logs: every row of every file is read") {
  const char* folder = std::getenv("CELLWARDEN_LOGS");
  if (folder == nullptr) {
    MESSAGE("skipped: CELLWARDEN_LOGS names no folder");
    return;
  }
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    CAPTURE(entry.path());
    ++files;
    std::ifstream in(entry.path()), again(entry.path());
    std::uint64_t lines = 0;
    for (std::string line; std::getline(again, line);) ++lines;
    const auto recording = open_recording(in);
    double before = -1;
    for (Reading reading; recording->next(reading);) {
      REQUIRE(reading.steady_s >= before);
      before = reading.steady_s;
      for (const auto& cell : reading.cells_v) REQUIRE((!cell || (*cell > 0.5 && *cell < 5)));
      REQUIRE(summarise(reading.cells_v));
    }
    CHECK(recording->rows() == lines - 1);
    CHECK(recording->skipped() == 0);
    CHECK(recording->bytes() == std::filesystem::file_size(entry.path()));
  }
  CHECK(files > 0);
}

TEST_CASE("recorded logs: the BMS cuts the charge, cell 2 is the first full, once for 19 cuts") {
  const auto readings = recorded("oks-jbd-4s-90ah-charge");
  if (readings.empty()) return;
  const Seen said = seen(readings, oks);
  const Insight& i = said.analysis.insight();
  CHECK(i.charge_verdict.value == ChargeVerdict::bms);
  CHECK(i.first_full_cell.value == 2);
  CHECK(said.analysis.moment().charges_closed == 1);
  // Charge between the crossings of 3.50 V, as counted in the recording: 1.7, 0, 1.4 and 1.0 Ah.
  CHECK(*i.offset_top_ah[0].value == doctest::Approx(1.7).epsilon(0.25));
  CHECK(*i.offset_top_ah[2].value == doctest::Approx(1.4).epsilon(0.25));
  CHECK(*i.offset_top_ah[3].value == doctest::Approx(1.0).epsilon(0.25));
  // The first cut came at 14.26 V.
  CHECK(*i.v_pack_at_first_cell_limit.value == doctest::Approx(14.26).epsilon(0.015));
  CHECK_FALSE(i.minutes_to_stop.value);
  CHECK(i.first_empty_cell.reason == Reason::bottom_never_seen);
  CHECK(i.r_mohm[0].reason == Reason::no_current_steps);
  CHECK(holds(said.told, "+charge_cut_by_bms@2 "));
  CHECK_FALSE(holds(said.told, "-charge_cut_by_bms"));
  CHECK(std::ranges::count(said.told, '+') < 8);

  PackSettings bare;
  CHECK(seen(readings, bare).analysis.insight().charge_verdict.reason == Reason::chemistry_unknown);
  bare.chemistry = "lfp";
  CHECK(seen(readings, bare).analysis.insight().charge_verdict.reason == Reason::no_capacity);
  bare.capacity_ah = 90;
  const Seen little = seen(readings, bare);
  CHECK(little.analysis.insight().charge_verdict.reason == Reason::ovp_unknown);
  CHECK(little.told == "");
}

TEST_CASE("recorded logs: steps of the current give each cell's resistance") {
  const auto readings = recorded("oks-jbd-4s-90ah-charge-pulsed");
  if (readings.empty()) return;
  const Insight i = seen(readings, oks).analysis.insight();
  CHECK(i.first_full_cell.value == 2);
  CHECK(i.r_mohm[0].reason == Reason::no_current_steps);  // a current that holds for one reading only is no step

  // Each reading three times is a current that holds. By regression over its 567 steps on the plateau: 0.86, 0.72, ...
  Resistance resistance;
  for (const Reading& reading : readings) {
    std::vector<double> v;
    for (const auto& cell : reading.cells_v) v.push_back(*cell);
    for (int n = 0; n < 3; ++n) resistance.update({1, 0, v, 0, *reading.current_a}, traits(Chemistry::lfp), 90);
  }
  REQUIRE(resistance.is_known());
  Cells ohm{};
  resistance.estimate(ohm, 4, 90);
  for (const auto& [cell, mohm] : {std::pair{0, 0.86}, {1, 0.72}, {2, 0.59}, {3, 0.77}}) {
    CAPTURE(cell);
    CHECK(ohm[static_cast<std::size_t>(cell)] * 1000 == doctest::Approx(mohm).epsilon(0.15));
  }
}

TEST_CASE("recorded logs: the BMS cuts the discharge, cell 4 is the first empty") {
  const auto readings = recorded("oks-jbd-4s-90ah-discharge");
  if (readings.empty()) return;
  const Seen said = seen(readings, oks);
  const Insight& i = said.analysis.insight();
  CHECK(i.discharge_verdict.value == DischargeVerdict::bms);
  CHECK(i.first_empty_cell.value == 4);
  CHECK(*i.v_pack_at_first_cell_empty.value == doctest::Approx(11.55).epsilon(0.01));
  CHECK_FALSE(i.minutes_to_empty.value);
  CHECK(i.first_full_cell.reason == Reason::top_never_seen);
  CHECK(i.usable_ah.reason == Reason::top_never_seen);
  CHECK(said.told == "+discharge_cut_by_bms@4 +cell_delta_bottom@4 +cell_delta_radical@4 +cell_near_uvp@4 ");
}

TEST_CASE("recorded logs: charge and discharge together tell the usable charge, and no cell is the weakest alone") {
  auto readings = recorded("oks-jbd-4s-90ah-charge");
  if (readings.empty()) return;
  const double end_s = readings.back().steady_s + 11;
  for (Reading& reading : recorded("oks-jbd-4s-90ah-discharge")) {
    reading.steady_s += end_s;
    readings.push_back(reading);
  }
  const Seen said = seen(readings, oks);
  const Insight& i = said.analysis.insight();
  CHECK(*i.usable_ah.value == doctest::Approx(89).epsilon(0.03));
  CHECK_FALSE(i.weakest_cell.value);  // cell 2 full first, cell 4 empty first
  CHECK(i.pack_class.value == PackClass::mismatch);
}

TEST_CASE("recorded logs: voltages alone, and nothing is guessed from them; healthy modules raise nothing") {
  for (const char* module : {"m02", "m04", "m05", "m08", "m10", "m12", "m14", "m16"}) {
    CAPTURE(module);
    const auto readings = recorded("pylontech-" + std::string(module) + "-june");
    if (readings.empty()) return;
    AlertSettings any;
    any.cell_delta_mv = 50, any.cell_delta_where = "any";
    const Seen said = seen(readings, pylontech, any);
    const Insight& i = said.analysis.insight();
    CHECK(i.charge_verdict.reason == Reason::no_current);
    CHECK(i.first_full_cell.reason == Reason::no_current);
    CHECK(holds(i.advice, "does not tell the current"));
    CHECK(seen(readings, pylontech).told == "");
    // With the owner's own 50 mV at any time the weak cell of the two weak modules is named, once each day it is full.
    const std::string weak = module == std::string("m12") ? "@9 " : module == std::string("m14") ? "@6 " : "";
    const std::string day = "+cell_delta" + weak + "-cell_delta" + weak;
    CHECK(said.told == (weak.empty() ? "" : day + day));
  }
}

TEST_CASE("recorded logs: Li-ion of eight cells; 8 and 4 are full together, and nobody cut") {
  const auto readings = recorded("lab-8s-b6-nobalance");
  if (readings.empty()) return;
  const Seen said = seen(readings, pack_of("nmc", 14, 33.2, 26, 4.25, 3.0));
  const Insight& i = said.analysis.insight();
  CHECK(i.charge_verdict.value == ChargeVerdict::charger);
  CHECK(i.first_full_cell.reason == Reason::tie);
  CHECK(*i.offset_top_ah[3].value < 0.1);
  CHECK(*i.offset_top_ah[7].value < 0.1);
  for (std::size_t n = 0; n < 8; ++n) CHECK(*i.offset_top_ah[n].value <= *i.offset_top_ah[1].value);  // 2 is the last
  CHECK(i.first_empty_cell.reason == Reason::bottom_never_seen);
  CHECK_FALSE(holds(said.told, "cut_by_bms"));
}

TEST_CASE("recorded logs: 96 cells are more than are followed, and that is what is said") {
  const auto readings = recorded("leaf-96s-day");
  if (readings.empty()) return;
  const Seen said = seen(readings, pack_of("nmc", 60, 398, 300, 4.25, 2.8));
  CHECK(said.analysis.insight().charge_verdict.reason == Reason::too_many_cells);
  CHECK(said.told == "");
}
