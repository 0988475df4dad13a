// A demonstration's packs live five times as fast as the clock, and every Ah and kWh is right all the same.
#include <doctest/doctest.h>

#include <iostream>

#include "daemon/analysis/analysis.h"
#include "daemon/commands/demo_time.h"
#include "daemon/history/energy_meter.h"
#include "tests/daemon/house.h"
#include "tests/daemon/truth.h"
#include "tests/simulator/pack_model.h"

namespace {

using namespace cellwarden;

constexpr double speed = 5;

/// Those who count, in one.
struct Counting : PackObserver {
  explicit Counting(const PackSettings& settings) : analysis(settings) {}
  void on_reading(const std::string&, const Reading& reading, const Counters&) override {
    meter.on_reading(power_of(reading), reading.steady_s);
    analysis.on_reading(reading);
  }
  void on_info(const std::string&, const Identity&, const Limits&) override {}
  void on_status(const std::string&, bool, const std::string&) override {}

  EnergyMeter meter;
  Analysis analysis;
};

Reading reading_of(const simulator::Snapshot& now, double wall_s) {
  Reading reading;
  reading.steady_s = wall_s;
  for (const int mv : now.cells_mv) reading.cells_v.emplace_back(mv / 1000.0);
  reading.pack_v = now.pack_cv / 100.0;
  reading.current_a = now.current_ca / 100.0;
  reading.soc_pct = now.soc_pct;
  reading.charge_on = now.charge_on;
  reading.discharge_on = now.discharge_on;
  return reading;
}

}  // namespace

TEST_CASE("a pack five times as fast: what its cells lack at the top, and what went in, is as in its own time") {
  constexpr double ahead_pct = 1, capacity_ah = 280;
  constexpr int ahead_cell = 7;
  simulator::PackModel pack({.capacity_ah = capacity_ah,
                             .soc_pct = 88,
                             .spread = 0,
                             .ahead_cell = ahead_cell,
                             .ahead_pct = ahead_pct,
                             .charge_a = 60,
                             .load_a = 0,
                             .absorption_v_per_cell = 3.5,
                             .balancer = simulator::Balancer::none});
  PackSettings settings;
  settings.chemistry = "lfp";
  settings.capacity_ah = capacity_ah;
  settings.charger.absorption_v = 56.0;
  settings.limits.cell_ovp_v = 3.65;
  Counting counting(settings);
  DemoTime time(speed, counting);
  // Until the BMS has cut off, and half a minute more. Whoever counted by the wall clock would count a fifth.
  for (int wall_s = 0, off_s = 0; off_s < 30; ++wall_s) {
    time.on_reading("pack", reading_of(pack.measure(), 1000 + wall_s), {});
    for (int i = 0; i < 5; ++i) pack.step(speed / 5);
    if (pack.charge_end() == simulator::ChargeEnd::bms) ++off_s;
    REQUIRE(wall_s < 3600);
  }
  CHECK(counting.meter.total().charged_kwh == doctest::Approx(pack.charged_kwh()).epsilon(0.005));
  const Insight& said = counting.analysis.insight();
  CHECK(said.first_full_cell.value == ahead_cell);
  CHECK(said.charge_verdict.value == ChargeVerdict::bms);
  for (int cell = 1; cell <= 16; ++cell) {
    const auto& ah = said.offset_top_ah[static_cast<std::size_t>(cell) - 1];
    REQUIRE(ah.value);
    const double lacks_ah = pack.stored_ah(ahead_cell - 1) - pack.stored_ah(cell - 1);
    CHECK(std::abs(*ah.value - lacks_ah) < 0.15);
  }
}

TEST_CASE("the service told of it counts the kWh that the simulated charger put in") {
  House house({{"fast", "cells=16,ah=600,soc=50,current=300,seed=4", "protocol = \"jbd\"\npoll = \"1200ms\"\n"}},
              {"--time-scale", "5"});
  house.broker.start();
  house.listen();
  house.start_service({"--demo-speed", "5"});

  const auto state_after = [&](double kwh) {
    json state;
    CHECK(house.listener->wait_for([&](const std::string& line) {
      const auto text = payload(line, "cellwarden/fast/state");
      if (text) state = json::parse(*text);
      return text && state["charged_kwh"].is_number() && state["charged_kwh"] > kwh;
    }));
    return state;
  };
  const json first = state_after(0);
  const json last = state_after(first["charged_kwh"].get<double>() + 0.2);
  state_after(last["charged_kwh"]);  // the truth reaches beyond `last`

  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(house.log().find("a demonstration: time goes 5 times as fast") != std::string::npos);
  const Truth truth(house.truth_file());
  const auto true_kwh = [&](const json& state) {
    return truth.charged_kwh("fast", Truth::utc_s(state.at("taken_at")));
  };
  const double counted = last["charged_kwh"].get<double>() - first["charged_kwh"].get<double>();
  std::cout << "counted " << counted << " kWh, true " << true_kwh(last) - true_kwh(first) << '\n';
  CHECK(counted == doctest::Approx(true_kwh(last) - true_kwh(first)).epsilon(0.03));
}

TEST_CASE("more than five times is refused") {
  House house;
  house.start_service({"--demo-speed", "5.1"});
  house.service->wait_for_text("its output ends");
  CHECK(house.service->end(SIGTERM) == 2);
}
