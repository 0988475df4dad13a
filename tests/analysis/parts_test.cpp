// The parts with values worked out by hand.
#include <doctest/doctest.h>

#include <vector>

#include "daemon/analysis/activity.h"
#include "daemon/analysis/forward_model.h"
#include "daemon/analysis/guards.h"
#include "daemon/analysis/limit_audit.h"
#include "daemon/analysis/offsets.h"
#include "daemon/analysis/resistance.h"
#include "daemon/analysis/verdicts.h"

using namespace cellwarden;

TEST_CASE("curve: goes through its points, rises everywhere, and reads backwards") {
  for (const Chemistry chemistry : {Chemistry::lfp, Chemistry::nmc, Chemistry::lto}) {
    const OcvCurve& curve = traits(chemistry).curve;
    for (double soc = 0; soc < 1.0; soc += 0.001) CHECK(curve.volts(soc + 0.001) > curve.volts(soc));
    for (const double soc : {0.005, 0.05, 0.3, 0.6, 0.95, 0.995, 1.0}) {
      CHECK(curve.soc(curve.volts(soc)) == doctest::Approx(soc).epsilon(0.001));
    }
  }
  const OcvCurve& lfp = traits(Chemistry::lfp).curve;
  CHECK(lfp.volts(0.50) == doctest::Approx(3.291));
  CHECK(lfp.volts(0.995) == doctest::Approx(3.420));
  CHECK(lfp.volts(1.00) == doctest::Approx(3.600));
  CHECK(lfp.volts(1.004) == doctest::Approx(3.75));
  CHECK(lfp.volts(-0.005) == doctest::Approx(2.32).epsilon(0.02));  // straight on
  CHECK(traits(Chemistry::nmc).curve.volts(0.85) == doctest::Approx(4.010));
  CHECK(traits(Chemistry::lto).curve.volts(0.05) == doctest::Approx(2.100));
}

TEST_CASE("chemistry: a cell limit tells which it is") {
  CHECK(chemistry_from_ovp(3.65) == Chemistry::lfp);
  CHECK(chemistry_from_ovp(4.20) == Chemistry::nmc);
  CHECK(chemistry_from_ovp(2.80) == Chemistry::lto);
  CHECK_FALSE(chemistry_from_ovp(5.0));
  CHECK_FALSE(chemistry_from_name("lead"));
}

namespace {

Reading reading(double steady_s, std::vector<double> cells, double current_a) {
  Reading r;
  r.steady_s = steady_s;
  r.cells_v.assign(cells.begin(), cells.end());
  r.current_a = current_a;
  return r;
}

}  // namespace

TEST_CASE("guard: gaps, doubtful sums and temperatures") {
  const ChemistryTraits& lfp = traits(Chemistry::lfp);
  Guard guard;
  CHECK(guard.judge(reading(0, {3.3, 3.3}, 10), lfp, 100).gap);
  CHECK(guard.judge(reading(5, {3.3, 3.3}, 10), lfp, 100).dt_s == 5);
  CHECK_FALSE(guard.judge(reading(5, {3.3, 3.3}, 10), lfp, 100).use);  // no time passed
  CHECK(guard.judge(reading(120, {3.3, 3.3}, 10), lfp, 100).dt_s == 115);
  CHECK(guard.judge(reading(241, {3.3, 3.3}, 10), lfp, 100).gap);
  CHECK_FALSE(guard.judge(reading(242, {3.3, 1.2}, 10), lfp, 100).use);
  Reading hot = reading(243, {3.3, 3.3}, 10);
  hot.temps_c = {20.0, std::nullopt, 46.0};
  CHECK(guard.judge(hot, lfp, 100).doubt == Reason::temperature);
  Reading sum = reading(250, {3.3, 3.301}, 10);
  sum.pack_v = 7.2;
  CHECK(guard.judge(sum, lfp, 100).doubt == Reason::none);  // not for 60 s yet
  sum.steady_s = 311;
  CHECK(guard.judge(sum, lfp, 100).doubt == Reason::sum_mismatch);
}

TEST_CASE("activity: clouds do not end a charge, a quarter of an hour does") {
  ActivityWatch watch;
  double now = 0;
  const auto until_change = [&](double current, double most_s) {
    for (double s = 0; s < most_s; s += 5, now += 5) {
      if (watch.update(5, current, 100)) return s;
    }
    return -1.0;
  };
  CHECK(until_change(20, 600) == doctest::Approx(115).epsilon(0.1));
  CHECK(watch.now() == Activity::charge);
  CHECK(until_change(0, 600) == -1);
  CHECK(until_change(20, 600) == -1);
  CHECK(until_change(0, 2000) > 900);
  CHECK(watch.now() == Activity::idle);
}

TEST_CASE("resistance: steps of the current on the plateau tell it, cell by cell") {
  Resistance r;
  const ChemistryTraits& lfp = traits(Chemistry::lfp);
  const std::vector<double> ohm = {0.0005, 0.0005, 0.00125, 0.0005};
  Cells said{};
  r.estimate(said, 4, 100);
  CHECK(said[0] == doctest::Approx(0.0006));  // what such a cell usually has
  for (int step = 0; step < 12; ++step) {
    const double amps = step % 2 ? 5 : 35;
    for (int n = 0; n < 5; ++n) {
      std::vector<double> v;
      for (const double each : ohm) v.push_back(3.30 + each * amps);
      r.update({1, 0, v, 0, amps}, lfp, 100);
    }
  }
  REQUIRE(r.is_known());
  r.estimate(said, 4, 100);
  CHECK(said[0] == doctest::Approx(0.0005).epsilon(0.05));
  CHECK(said[2] == doctest::Approx(0.00125).epsilon(0.05));
  CHECK(r.standard_error(2, said[2]) < 0.0001);
}

TEST_CASE("crossings: the charge between two crossings, erased by falling back, void when late") {
  const ChemistryTraits& lfp = traits(Chemistry::lfp);
  const Crossings::Rules rules{lfp.top_levels, +1, lfp.top_level_v, lfp.top_level_per_c, 0.012};
  Crossings c;
  c.open(rules, std::vector{3.34, 3.33}, 0);
  const auto at = [&](double a, double b, double q) { c.update(std::vector{a, b}, q, 0.1); };
  at(3.385, 3.35, 1);
  at(3.41, 3.37, 2);
  at(3.46, 3.41, 4);
  CHECK(c.volts(*c.highest_common(0, 1)) == 3.40);
  CHECK(c.at(3, 0) == doctest::Approx(1.6));  // 3.40 between 3.385 and 3.41
  CHECK(c.at(3, 1) == doctest::Approx(3.5));
  CHECK_FALSE(known(c.at(0, 0) + c.at(5, 1)));
  at(3.46, 3.385, 5);
  CHECK_FALSE(known(c.at(3, 1)));
  c.open(rules, std::vector{3.42, 3.35}, 0);
  at(3.46, 3.46, 1);
  CHECK_FALSE(known(c.at(3, 1)));  // the other one was there before
  CHECK(known(c.at(5, 1)));
}

TEST_CASE("offsets: crossed is a number, not crossed is a bound") {
  const ChemistryTraits& lfp = traits(Chemistry::lfp);
  Crossings c;
  c.open({lfp.top_levels, +1, lfp.top_level_v, lfp.top_level_per_c, 0.012}, std::vector{3.34, 3.34, 3.33}, 0);
  c.update(std::vector{3.39, 3.345, 3.33}, 1, 0.1);
  c.update(std::vector{3.43, 3.36, 3.335}, 2, 0.1);
  c.update(std::vector{3.50, 3.43, 3.335}, 4, 0.1);
  SegmentFacts facts{
      .cells = 3, .capacity_ah = 100, .q_end = 4, .peak_u = {3.50, 3.43, 3.335}, .u_then = {3.50, 3.43, 3.335}};
  Offsets offsets;
  REQUIRE(resolve_top(c, ChargeCurves(), facts, lfp, offsets));
  CHECK(offsets.first == 0);
  CHECK(offsets.cells[0].ah == 0);
  CHECK(offsets.cells[1].src == 2);
  CHECK(offsets.cells[1].ah == doctest::Approx(3.714 - 1.75).epsilon(0.02));  // at 3.42
  CHECK_FALSE(known(offsets.cells[2].ah));
  CHECK(offsets.cells[2].at_least == doctest::Approx(4 - 0.667 - 0.3).epsilon(0.1));
  CHECK(offsets.bounded);
}

namespace {

PackAtStart full_soon(std::vector<double> behind_pp) {
  PackAtStart pack{.chemistry = &traits(Chemistry::lfp), .cells = behind_pp.size(), .capacity_ah = 100};
  for (std::size_t i = 0; i < behind_pp.size(); ++i) pack.soc[i] = 0.97 - behind_pp[i] / 100, pack.ohm[i] = 0.0006;
  return pack;
}

}  // namespace

TEST_CASE("forward: balanced cells share the charger's voltage, a leading one takes what the others leave") {
  const ChargePlan plan{.current_a = 20, .set_v = 13.8, .tail_a = 2, .cell_ovp_v = 3.65};
  const ChargeForecast together = forecast_charge(full_soon({0, 0, 0, 0}), plan);
  CHECK(together.peak_v == doctest::Approx(3.45).epsilon(0.002));
  CHECK_FALSE(known(together.minutes_to_limit));
  CHECK(known(together.minutes_to_end));
  const ChargeForecast ahead = forecast_charge(full_soon({5, 0, 5, 5}), plan);
  CHECK(ahead.peak_cell == 1);
  CHECK(ahead.peak_v > 3.65);
  CHECK(known(ahead.minutes_to_limit));
  CHECK(ahead.minutes_to_limit == doctest::Approx(9).epsilon(0.15));  // 3 % of 100 Ah at 20 A
}

TEST_CASE("forward: the recommended voltages keep their distance") {
  ChargePlan plan{.current_a = 20, .set_v = 13.8, .tail_a = 2, .cell_ovp_v = 3.65};
  const PackAtStart pack = full_soon({0.6, 0, 0.6, 0.6});
  const double volts = recommended_charge_v(pack, plan, 0.100, 14.6);
  CHECK(volts < 13.9);
  plan.set_v = volts;
  CHECK(forecast_charge(pack, plan).peak_v <= 3.55);
  plan.set_v = volts + 0.1;
  CHECK(forecast_charge(pack, plan).peak_v > 3.55);
  CHECK(recommended_charge_v(pack, plan, 0.100, 13.6) == 13.6);  // never above the present setting

  PackAtStart low = pack;
  for (std::size_t i = 0; i < 4; ++i) low.soc[i] = i == 2 ? 0.10 : 0.15;
  const DischargePlan load{.current_a = 20, .cutoff_v = 11.6, .cell_uvp_v = 2.5};
  const DischargeForecast f = forecast_discharge(low, load);
  CHECK(f.lowest_cell == 2);
  CHECK(f.lowest_v < 2.5);
  CHECK(recommended_cutoff_v(low, load, 0.150, absent) > 11.6);
}

TEST_CASE("audit: a plain sentence for each setting that contradicts another") {
  PackSettings settings;
  settings.chemistry = "lfp";
  settings.capacity_ah = 100;
  const auto said = [&](const Limits& limits) {
    Terms terms(settings);
    terms.on_limits(limits);
    return audit_limits(terms, 16);
  };
  Limits usual;
  usual.cell_ovp_v = 3.65, usual.cell_ovp_release_v = 3.50, usual.cell_uvp_v = 2.5, usual.cell_uvp_release_v = 2.75;
  usual.pack_ovp_v = 58.4, usual.balance_start_v = 3.40;
  settings.charger.absorption_v = 55.2;
  settings.load_cutoff_v = 46;
  CHECK(said(usual).empty());

  settings.charger.absorption_v = 58.4;
  REQUIRE(said(usual).size() == 2);
  CHECK(said(usual)[0].find("58.40 V are 3.65 V per cell") != std::string::npos);
  settings.charger.absorption_v = 54.0;  // 3.375 V
  CHECK(said(usual).at(0).find("never runs") != std::string::npos);
  settings.charger.absorption_v = 55.2;
  Limits plateau = usual;
  plateau.balance_start_v = 3.30;
  CHECK(said(plateau).at(0).find("3.30 V") != std::string::npos);
  settings.load_cutoff_v = 40;
  CHECK(said(usual).at(0).find("raise load.cutoff_v") != std::string::npos);
  settings.load_cutoff_v = 46;
  Limits release = usual;
  release.cell_ovp_release_v = 3.66;
  CHECK(said(release).at(0).find("on and off without end") != std::string::npos);
  for (const auto& sentence : said(release)) CHECK(sentence.size() < 255);
}
