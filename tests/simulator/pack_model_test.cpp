#include "tests/simulator/pack_model.h"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace simulator;

TEST_CASE("pack: a charge ends by the tail current, and every cell took what went in") {
  PackModel pack({.cells = 4, .capacity_ah = 100, .soc_pct = 80, .charge_a = 20, .seed = 3});
  const double before = pack.stored_ah(0);
  double sent_ah = 0;
  int steps = 0;
  while (pack.charging() && steps++ < 100000) {
    pack.step(1);
    sent_ah += pack.current_a() / 3600;
  }
  CHECK_FALSE(pack.charging());
  CHECK(pack.stored_ah(0) - before == doctest::Approx(sent_ah).epsilon(0.01));
  CHECK(pack.measure().charge_on);
}

TEST_CASE("pack: with the charger set too high the BMS cuts off first, and lets go again below the release") {
  PackModel pack(
      {.cells = 4, .capacity_ah = 100, .soc_pct = 97, .charge_a = 20, .absorption_v_per_cell = 3.9, .seed = 3});
  bool tripped = false;
  for (int i = 0; i < 20000 && !tripped; ++i) {
    pack.step(1);
    tripped = (pack.measure().protections & 1) != 0;
  }
  CHECK(tripped);
  CHECK_FALSE(pack.measure().charge_on);
  bool released = false;
  for (int i = 0; i < 20000 && !released; ++i) {
    pack.step(1);
    released = pack.measure().charge_on;
  }
  CHECK(released);
}

TEST_CASE("pack: the tail current, the absorption time or the BMS ends a charge") {
  const auto ends = [](PackOptions options) {
    options.cells = 4, options.soc_pct = 97, options.seed = 3;
    PackModel pack(options);
    for (int i = 0; i < 50000 && pack.charging(); ++i) pack.step(1);
    return pack.charge_end();
  };
  CHECK(ends({}) == ChargeEnd::tail_current);
  CHECK(ends({.tail_a = 0, .absorption_s = 1200}) == ChargeEnd::absorption_time);
  CHECK(ends({.absorption_v_per_cell = 3.9}) == ChargeEnd::bms);
}

TEST_CASE("pack: the absorption time counts from where the voltage is held") {
  PackModel pack({.cells = 4, .soc_pct = 97, .spread = 0, .tail_a = 0, .absorption_s = 1200});
  int held = 0;
  while (pack.charging()) {
    pack.step(1);
    if (pack.charging() && pack.current_a() < 20) {
      ++held;
      CHECK(4 * pack.cell_v(0) + 0.001 * pack.current_a() ==
            doctest::Approx(4 * 3.45).epsilon(0.0005));  // and 1 mOhm of cable
    }
  }
  CHECK(held == 1200);
}

TEST_CASE("pack: an empty cell makes the BMS stop the discharge, and charging lets it go again") {
  PackModel pack({.cells = 4, .soc_pct = 3, .load_a = 20, .starts_charging = false, .until_soc_pct = -10, .seed = 3});
  for (int i = 0; i < 20000 && pack.measure().discharge_on; ++i) pack.step(1);
  const Snapshot cut = pack.measure();
  CHECK_FALSE(cut.discharge_on);
  CHECK((cut.protections & 2) == 2);
  CHECK(pack.current_a() == 0);
  for (int i = 0; i < 20000 && !pack.measure().discharge_on; ++i) pack.step(1);
  CHECK(pack.measure().discharge_on);
  CHECK(pack.charging());
}

TEST_CASE("pack: the pack's own limits cut before the cells' when they are narrower") {
  PackModel high({.cells = 4, .soc_pct = 97, .absorption_v_per_cell = 3.6, .pack_ovp_v_per_cell = 3.5, .seed = 3});
  while (high.charging()) high.step(1);
  CHECK(high.charge_end() == ChargeEnd::bms);
  CHECK(high.measure().protections == 4);
  PackModel low({.cells = 4,
                 .soc_pct = 10,
                 .starts_charging = false,
                 .until_soc_pct = -10,
                 .pack_uvp_v_per_cell = 3.0,
                 .pack_uvp_release_v_per_cell = 3.1,
                 .seed = 3});
  for (int i = 0; i < 20000 && low.measure().discharge_on; ++i) low.step(1);
  CHECK(low.measure().protections == 8);
}

TEST_CASE("pack: without a charger it is used until it is empty and then rests, without a load it rests") {
  PackModel no_charger({.cells = 4, .soc_pct = 30, .spread = 0, .charge_a = 0, .load_a = 50});
  for (int i = 0; i < 20000; ++i) {
    no_charger.step(1);
    CHECK_FALSE(no_charger.charging());
  }
  CHECK(no_charger.current_a() == 0);
  CHECK(no_charger.stored_ah(0) == doctest::Approx(25).epsilon(0.002));
  PackModel no_load({.cells = 4, .soc_pct = 50, .load_a = 0, .starts_charging = false});
  for (int i = 0; i < 1000; ++i) no_load.step(1);
  CHECK(no_load.current_a() == 0);
  CHECK(no_load.measure().pack_cv == doctest::Approx(4 * 329.1).epsilon(0.002));
}

TEST_CASE("pack: each chemistry charges to its own full, and no BMS has to help") {
  for (const Chemistry chemistry : {Chemistry::lfp, Chemistry::nmc, Chemistry::lto}) {
    CAPTURE(static_cast<int>(chemistry));
    PackOptions options = usual(chemistry);
    options.cells = 4, options.soc_pct = 80, options.seed = 3;
    PackModel pack(options);
    for (int i = 0; i < 50000 && pack.charging(); ++i) pack.step(1);
    CHECK(pack.charge_end() == ChargeEnd::tail_current);
    CHECK(pack.measure().soc_pct >= 92);
  }
}

TEST_CASE("pack: the balancer bleeds the high cells while they are above its start") {
  PackModel pack({.cells = 4, .capacity_ah = 100, .soc_pct = 97, .charge_a = 20, .seed = 3});
  std::uint32_t balanced = 0;
  for (int i = 0; i < 20000 && pack.charging(); ++i) {
    pack.step(1);
    balanced |= pack.measure().balancing;
  }
  CHECK(balanced != 0);
  CHECK(balanced != 0xF);  // the lowest cell is never bled
}
