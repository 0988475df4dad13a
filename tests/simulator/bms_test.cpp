#include "tests/simulator/bms.h"

#include <doctest/doctest.h>

#include <array>

using namespace simulator;

TEST_CASE("protections: trip at the limit, let go at the release and not before") {
  const PackOptions limits;
  Protections bms;
  const auto after = [&](double low, double high) {
    bms.see(limits, std::array{low, high});
    return (bms.cell_ov() ? 1 : 0) | (bms.cell_uv() ? 2 : 0) | (bms.pack_ov() ? 4 : 0) | (bms.pack_uv() ? 8 : 0);
  };
  CHECK(after(3.30, 3.649) == 0);
  CHECK(after(3.30, 3.65) == 1);
  CHECK_FALSE(bms.charge_on());
  CHECK(bms.discharge_on());
  CHECK(after(3.30, 3.51) == 1);
  CHECK(after(3.30, 3.49) == 0);
  CHECK(after(3.65, 3.65) == (1 | 4));
  CHECK(after(3.0, 3.0) == 0);
  CHECK(after(2.5, 3.0) == 2);
  CHECK(bms.charge_on());
  CHECK_FALSE(bms.discharge_on());
  CHECK(after(2.74, 3.0) == 2);
  CHECK(after(2.76, 3.0) == 0);
  CHECK(after(2.4, 2.6) == (2 | 8));
}

TEST_CASE("balancer: passive bleeds all that are high, active moves from the highest to the lowest") {
  PackOptions options;
  const std::array high{3.45, 3.41, 3.39, 3.38}, level{3.410, 3.405, 3.400, 3.400}, low{3.30, 3.20, 3.30, 3.30};
  CHECK(balance_currents(options, high) == std::vector{-0.1, -0.1, 0.0, 0.0});
  CHECK(balance_currents(options, level) == std::vector{0.0, 0.0, 0.0, 0.0});
  CHECK(balance_currents(options, low) == std::vector{0.0, 0.0, 0.0, 0.0});
  options.balancer = Balancer::active, options.balance_a = 1;
  CHECK(balance_currents(options, high) == std::vector{-1.0, 0.0, 0.0, 0.9});
  CHECK(balance_currents(options, level) == std::vector{0.0, 0.0, 0.0, 0.0});
  options.balancer = Balancer::none;
  CHECK(balance_currents(options, high) == std::vector{0.0, 0.0, 0.0, 0.0});
}
