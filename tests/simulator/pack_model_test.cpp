#include "tests/simulator/pack_model.h"

#include <doctest/doctest.h>

#include "tests/simulator/ocv.h"

using namespace simulator;

TEST_CASE("ocv: the table's points, and never falling between them") {
  CHECK(lfp_ocv(0.5) == doctest::Approx(3.291));
  CHECK(lfp_ocv(1.0) == doctest::Approx(3.600));
  double before = lfp_ocv(0);
  for (double soc = 0; soc <= 1.012; soc += 0.0005) {
    CHECK(lfp_ocv(soc) >= before);
    before = lfp_ocv(soc);
  }
}

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
