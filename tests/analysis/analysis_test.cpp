// The whole analysis on made packs: what an owner is told, and that trouble on the wire makes nothing wrong.
#include "daemon/analysis/analysis.h"
#include "daemon/analysis/cells.h"

#include <doctest/doctest.h>

#include "tests/analysis/made_pack.h"

using namespace cellwarden;
using simulator::Phase;

TEST_CASE("analysis: a balanced pack is called balanced and its charger stops first") {
  made::House house(made::pack());
  REQUIRE(house.run_to(Phase::charge, 3));
  const Insight& said = house.analysis.insight();
  CHECK(said.charge_verdict.value == ChargeVerdict::charger);
  CHECK(*said.charge_margin_mv.value == doctest::Approx(200).epsilon(0.1));
  CHECK(*said.offset_top_spread_pct.value < 0.3);
  CHECK(said.first_full_cell.reason == Reason::tie);
  CHECK(said.pack_class.value == PackClass::balanced);
  CHECK(said.balance_state.value == BalanceState::both);
  CHECK(*said.usable_ah.value == doctest::Approx(house.scenario.usable_ah()).epsilon(0.02));
  CHECK(*said.recommended_charge_v.value == doctest::Approx(13.8));
}

TEST_CASE("analysis: a cell 5 % ahead trips the BMS, is named, and the recommended voltage avoids it") {
  made::House house(made::pack(5));
  REQUIRE(house.run_to(Phase::discharge, 1));
  const Insight& said = house.analysis.insight();
  CHECK(said.charge_verdict.value == ChargeVerdict::bms);
  CHECK(*said.charge_margin_mv.value < -25);
  CHECK(said.first_full_cell.value == 2);
  CHECK(said.advice.find("Cell 2 is full first") != std::string::npos);
  CHECK(said.advice.size() < 255);
  REQUIRE(house.run_to(Phase::charge, 2));
  CHECK(said.pack_class.value == PackClass::offset);
  CHECK(*said.loss_imbalance_ah.value == doctest::Approx(5).epsilon(0.2));
  CHECK(*said.capacity_ah[0].value == doctest::Approx(100).epsilon(0.03));
}

TEST_CASE("analysis: the verdict comes live, minutes before the first trip ever") {
  made::House house(made::pack(5));
  REQUIRE(house.run_until([&] { return house.analysis.moment().live; }));
  CHECK(house.analysis.insight().charge_verdict.value == ChargeVerdict::bms);
  CHECK(*house.analysis.insight().minutes_to_stop.value > 0.5);
  CHECK(house.analysis.insight().first_full_cell.value == 2);
  CHECK(house.analysis.insight().advice ==
        "The BMS will end this charge because cell 2 is full first: what to set is worked out when it is over.");
  CHECK(house.scenario.phase() == Phase::charge);
}

TEST_CASE("analysis: in the first knee of a balanced pack no cell is named") {
  made::House house(made::pack());
  REQUIRE(house.run_until([&] { return house.analysis.moment().live; }));
  CHECK(house.analysis.insight().charge_verdict.value == ChargeVerdict::charger);
  CHECK(house.analysis.insight().first_full_cell.reason == Reason::tie);
}

TEST_CASE("analysis: a delta on the plateau is shown and says nothing") {
  made::House house(made::pack(5));
  bool judged = false;
  house.run_until([&] {
    const Moment& now = house.analysis.moment();
    judged = judged || (now.u_max < 3.36 && now.gate != Gate::mid && now.gate != Gate::none && now.u_min > 3.10);
    return house.analysis.moment().u_max > 3.37;
  });
  CHECK_FALSE(judged);
  CHECK(house.analysis.insight().delta_mid_mv.value);
  CHECK_FALSE(house.analysis.insight().delta_top_mv.value);
  CHECK(house.analysis.insight().charge_verdict.reason == Reason::top_never_seen);
}

TEST_CASE("analysis: what is not known is absent and its key is named") {
  const auto o = made::pack();
  auto settings = score::settings_of(o);
  auto limits = score::limits_of(o);
  SUBCASE("chemistry") {
    settings.chemistry.reset();
    limits.cell_ovp_v.reset();
    Analysis analysis(settings);
    analysis.on_limits(limits);
    CHECK(analysis.insight().charge_verdict.reason == Reason::chemistry_unknown);
    CHECK(analysis.insight().advice.find("chemistry") != std::string::npos);
    // A cell limit of 3.65 V belongs to LFP alone.
    analysis.on_limits(score::limits_of(o));
    CHECK(analysis.insight().charge_verdict.reason == Reason::no_readings);
  }
  SUBCASE("capacity") {
    settings.capacity_ah.reset();
    Analysis analysis(settings);
    CHECK(analysis.insight().usable_ah.reason == Reason::no_capacity);
    limits.capacity_ah = 100;
    analysis.on_limits(limits);
    CHECK(analysis.insight().usable_ah.reason == Reason::no_readings);
  }
  SUBCASE("cell limit") {
    limits.cell_ovp_v.reset();
    made::House house(o);
    house.analysis = Analysis(settings);
    house.analysis.on_limits(limits);
    REQUIRE(house.run_to(Phase::charge, 2));
    CHECK(house.analysis.insight().charge_verdict.reason == Reason::ovp_unknown);
    CHECK(house.analysis.insight().recommended_charge_v.reason == Reason::ovp_unknown);
    CHECK(house.analysis.insight().advice.find("limits.cell_ovp_v") != std::string::npos);
  }
  SUBCASE("charger: learned from its plateau") {
    settings.charger = {};
    auto patient = o;
    patient.charger.tail_a = 0.7;
    made::House house(patient);
    house.analysis = Analysis(settings);
    house.analysis.on_limits(limits);
    REQUIRE(house.run_until([&] { return house.reading.steady_s > 60; }));
    CHECK(house.analysis.insight().charge_verdict.reason == Reason::charger_voltage_unknown);
    REQUIRE(house.run_to(Phase::charge, 3));
    CHECK(house.analysis.insight().charge_verdict.value == ChargeVerdict::charger);
  }
}

TEST_CASE("analysis: a BMS that no longer says what its chemistry is told by ends what is open, and nothing else") {
  const auto o = made::pack(5);
  auto settings = score::settings_of(o);
  settings.chemistry.reset();
  for (const Phase phase : {Phase::charge, Phase::discharge}) {
    made::House house(o);
    house.analysis = Analysis(settings);
    house.analysis.on_limits(score::limits_of(o));
    REQUIRE(house.run_until([&] {
      const Moment& now = house.analysis.moment();
      return house.scenario.phase() == phase && (phase == Phase::charge ? now.u_max > 3.42 : now.u_min < 3.10);
    }));
    house.analysis.on_limits({});
    CHECK(house.analysis.insight().charge_verdict.reason == Reason::chemistry_unknown);
    house.analysis.on_reading(house.reading);
    house.analysis.on_limits(score::limits_of(o));
    REQUIRE(house.run_to(Phase::discharge, 3));
    CHECK(house.analysis.insight().charge_verdict.value == ChargeVerdict::bms);
  }
}

TEST_CASE("analysis: settings override what the BMS says") {
  auto settings = score::settings_of(made::pack());
  settings.limits.cell_ovp_v = 3.50;
  Analysis analysis(settings);
  analysis.on_limits(score::limits_of(made::pack()));
  CHECK(analysis.limits().cell_ovp_v == 3.50);
  CHECK(analysis.limits().cell_uvp_v == 2.5);
  CHECK(analysis.limits().capacity_ah == 100);  // which the alerts ask for
  CHECK(analysis.limits().chemistry == "lfp");
}

TEST_CASE("analysis: a restart goes on with what is known, and in mid-charge loses that charge only") {
  made::House house(made::pack(5));
  REQUIRE(house.run_to(Phase::discharge, 2));
  const Insight before = house.analysis.insight();
  CHECK(house.analysis.dirty());
  const std::string blob = house.analysis.save();
  CHECK_FALSE(house.analysis.dirty());
  Analysis again(score::settings_of(made::pack(5)));
  again.on_limits(score::limits_of(made::pack(5)));
  REQUIRE(again.restore(blob));
  CHECK(again.insight().charge_verdict.value == before.charge_verdict.value);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(again.insight().offset_top_pct[i].value == before.offset_top_pct[i].value);
  }
  CHECK(again.insight().usable_ah.value == before.usable_ah.value);

  REQUIRE(
      house.run_until([&] { return house.scenario.phase() == Phase::charge && house.analysis.moment().u_max > 3.42; }));
  REQUIRE(again.restore(house.analysis.save()));
  house.analysis = std::move(again);
  REQUIRE(house.run_to(Phase::discharge, 3));
  const Insight& after = house.analysis.insight();
  CHECK(after.charge_verdict.value == ChargeVerdict::bms);
  for (std::size_t i = 0; i < 4; ++i) {
    if (after.offset_top_pct[i].value)
      CHECK(*after.offset_top_pct[i].value == doctest::Approx(i == 1 ? 0 : 5).epsilon(0.1));
  }
}

TEST_CASE("analysis: a blob that is not ours changes nothing") {
  made::House house(made::pack(5));
  REQUIRE(house.run_to(Phase::discharge, 1));
  std::string blob = house.analysis.save();
  const Insight before = house.analysis.insight();
  CHECK_FALSE(house.analysis.restore(""));
  CHECK_FALSE(house.analysis.restore("cellwarden analysis 1\n"));
  blob[blob.size() / 2] = static_cast<char>(blob[blob.size() / 2] ^ 1);
  CHECK_FALSE(house.analysis.restore(blob));
  CHECK(house.analysis.insight().offset_top_ah == before.offset_top_ah);
}

TEST_CASE("analysis: a gap leaves no number that needs the charge across it") {
  made::House house(made::pack(5));
  REQUIRE(house.run_to(Phase::discharge, 1));
  double from = 0;
  REQUIRE(house.run_until([&] { return house.scenario.phase() == Phase::charge; },
                          [&](Reading& reading) {
                            if (from == 0) from = reading.steady_s + 1800;
                            return reading.steady_s < from || reading.steady_s > from + 300;
                          }));
  const Insight& said = house.analysis.insight();
  CHECK(said.usable_ah.reason == Reason::gap);
  CHECK(said.capacity_ah[0].reason == Reason::gap);
  CHECK(said.offset_bottom_ah[0].value);
  CHECK(said.charge_verdict.value == ChargeVerdict::bms);
}

TEST_CASE("analysis: a cell that the discharge did not get to the bottom of has no number there") {
  made::House house(made::pack(15));
  REQUIRE(house.run_to(Phase::charge, 2));
  const Insight& said = house.analysis.insight();
  CHECK(said.offset_bottom_src[0].value == 1);
  CHECK(said.offset_bottom_ah[0].value);
  CHECK(said.offset_bottom_src[1].value == 0);
  CHECK(said.offset_bottom_ah[1].reason == Reason::bottom_never_seen);
  CHECK(said.inaccessible_bottom_ah[1].reason == Reason::bottom_never_seen);
  CHECK(said.loss_mismatch_ah.reason == Reason::lower_bound);
  CHECK(said.balance_state.value == BalanceState::neither);
  CHECK(said.pack_class.value == PackClass::offset);
}

TEST_CASE("analysis: a stepped wall clock and a BMS that resets its counters change nothing") {
  made::House plain(made::pack(5)), stepped(made::pack(5));
  REQUIRE(plain.run_to(Phase::charge, 2));
  REQUIRE(stepped.run_until([&] { return stepped.scenario.phase() == Phase::charge && stepped.scenario.cycle() == 2; },
                            [](Reading& reading) {
                              const bool odd = static_cast<int>(reading.steady_s / 1000) % 2 == 1;
                              if (odd) *reading.taken_at -= std::chrono::hours(24 * 365);
                              reading.remaining_ah = odd ? 0 : 50;
                              reading.cycles = odd ? 0 : 7;
                              return true;
                            }));
  CHECK(plain.analysis.insight().offset_top_ah == stepped.analysis.insight().offset_top_ah);
  CHECK(plain.analysis.insight().usable_ah == stepped.analysis.insight().usable_ah);
}

TEST_CASE("analysis: frames sent again for minutes are stale, torn cells block, and both pass") {
  made::House house(made::pack(5));
  REQUIRE(house.run_to(Phase::discharge, 2));
  REQUIRE(house.run_until([&] { return house.scenario.sample().current_a < -10; }));
  const auto before = house.analysis.insight().offset_top_ah;
  Reading same = house.reading;
  for (int i = 0; i < 80; ++i) same.steady_s += 5, house.analysis.on_reading(same);
  CHECK(house.analysis.insight().charge_verdict.reason == Reason::stale);
  CHECK_FALSE(house.analysis.moment().fresh);
  for (int i = 0; i < 25; ++i) {
    same.steady_s += 5;
    same.cells_v[2] = i % 2 ? std::optional<double>() : 0.1;
    house.analysis.on_reading(same);
  }
  CHECK(house.analysis.insight().offset_top_ah[0].reason == Reason::bad_cells);
  same.steady_s += 5;
  same.cells_v = house.reading.cells_v;
  same.cells_v[0] = *same.cells_v[0] + 0.001;
  house.analysis.on_reading(same);
  CHECK(house.analysis.insight().offset_top_ah[0].value == before[0].value);
}

TEST_CASE("analysis: another number of cells is another pack, once it is sure") {
  made::House house(made::pack(5));
  REQUIRE(house.run_to(Phase::discharge, 1));
  Reading other = house.reading;
  other.cells_v.push_back(3.3);
  other.steady_s += 5;
  house.analysis.on_reading(other);
  CHECK(house.analysis.insight().offset_top_ah.size() == 4);
  CHECK(house.analysis.insight().first_full_cell.value == 2);
  for (int i = 0; i < 3; ++i) other.steady_s += 5, house.analysis.on_reading(other);
  CHECK(house.analysis.insight().offset_top_ah.size() == 5);
  CHECK(house.analysis.insight().charge_verdict.reason == Reason::top_never_seen);
}

TEST_CASE("analysis: silence is noticed by ticks") {
  made::House house(made::pack(5));
  REQUIRE(house.run_until([&] { return house.analysis.moment().live; }));
  const double last = house.reading.steady_s;
  house.analysis.on_tick(last + 60);
  CHECK(house.analysis.moment().live);
  house.analysis.on_tick(last + 130);
  CHECK_FALSE(house.analysis.moment().live);
  CHECK_FALSE(house.analysis.insight().minutes_to_stop.value);
}

TEST_CASE("analysis: readings without current, cells or time never make it guess") {
  made::House house(made::pack(5));
  house.run_until([&] { return house.scenario.cycle() == 2; },
                  [](Reading& reading) {
                    reading.current_a.reset();
                    return true;
                  });
  CHECK_FALSE(house.analysis.insight().charge_verdict.value);
  CHECK_FALSE(house.analysis.insight().offset_top_ah[0].value);
  CHECK(house.analysis.insight().offset_top_ah[0].reason == Reason::no_current);
  CHECK(house.analysis.insight().advice.find("does not tell the current") != std::string::npos);
  CHECK_FALSE(house.analysis.moment().fresh);
  Analysis empty(score::settings_of(made::pack()));
  empty.on_reading({});
  empty.on_tick(1e6);
  CHECK(empty.insight().usable_ah.reason == Reason::no_readings);
  CHECK(empty.insight().advice == "");
}

TEST_CASE("analysis: a pack of more cells than are followed is told as such, a torn frame of them is not") {
  Analysis analysis(score::settings_of(made::pack()));
  Reading huge;
  huge.cells_v.assign(max_cells + 1, 3.8);
  huge.current_a = 10;
  analysis.on_reading(huge);
  CHECK(analysis.insight().charge_verdict.reason == Reason::too_many_cells);
  CHECK(analysis.insight().advice.find("not followed") != std::string::npos);
  made::House house(made::pack(5));
  REQUIRE(house.run_to(Phase::discharge, 1));
  huge.steady_s = house.reading.steady_s + 5;
  house.analysis.on_reading(huge);
  CHECK(house.analysis.insight().first_full_cell.value == 2);
}

TEST_CASE("analysis: without the states of its switches, polled slowly, a BMS that cuts is seen at once at both ends") {
  auto o = made::pack(5);
  o.interval_s = 11;
  o.load.cutoff_v = 4;
  made::House house(o);
  const auto blind = [](Reading& reading) {
    reading.charge_on.reset(), reading.discharge_on.reset();
    return true;
  };
  REQUIRE(house.run_until([&] { return house.scenario.phase() == Phase::discharge; }, blind));
  CHECK(house.analysis.insight().first_full_cell.value == 2);
  CHECK(house.analysis.insight().charge_verdict.value == ChargeVerdict::bms);
  REQUIRE(house.run_until([&] { return house.scenario.phase() == Phase::rest_empty && *house.reading.current_a > -1; },
                          blind));
  // Cell 2 holds 5 Ah more than the others.
  CHECK(house.analysis.insight().first_empty_cell.reason == Reason::tie);
  REQUIRE(house.analysis.insight().offset_bottom_ah[1].value);
  CHECK(*house.analysis.insight().offset_bottom_ah[1].value == doctest::Approx(5).epsilon(0.3));
  CHECK_FALSE(house.analysis.insight().minutes_to_empty.value);
}

TEST_CASE("analysis: minutes to the end are not said on when the current is gone") {
  made::House house(made::pack(5));
  REQUIRE(house.run_until([&] { return house.analysis.insight().minutes_to_stop.value.has_value(); }));
  Reading still = house.reading;
  still.current_a = 0;
  for (int i = 0; i < 30; ++i) still.steady_s += 5, house.analysis.on_reading(still);
  CHECK_FALSE(house.analysis.moment().live);
  CHECK(house.analysis.insight().minutes_to_stop.reason == Reason::gate_not_met);
  for (int i = 0; i < 60; ++i)
    still.steady_s += 5, still.current_a = 30, still.cells_v[1] = 3.44 + i * 1e-4, house.analysis.on_reading(still);
  CHECK(house.analysis.insight().minutes_to_stop.value);
}
