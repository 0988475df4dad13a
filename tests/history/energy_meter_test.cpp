#include "daemon/history/energy_meter.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace cellwarden;

namespace {

constexpr double ws = 1 / 3.6e6;  // kWh

struct Point {
  std::optional<double> power_w;
  double steady_s;
};

Energy counted(const std::vector<Point>& points) {
  EnergyMeter meter;
  for (const auto& [power_w, steady_s] : points) meter.on_reading(power_w, steady_s);
  return meter.total();
}

void check(const std::vector<Point>& points, double charged_ws, double discharged_ws) {
  const Energy energy = counted(points);
  CHECK(energy.charged_kwh == doctest::Approx(charged_ws * ws));
  CHECK(energy.discharged_kwh == doctest::Approx(discharged_ws * ws));
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("energy: one kilowatt for an hour is one kilowatt-hour, on the side it flows to") {
  std::vector<Point> in, out;
  for (int n = 0; n <= 360; ++n) in.push_back({1000.0, n * 10.0}), out.push_back({-1000.0, n * 10.0});
  CHECK(counted(in).charged_kwh == doctest::Approx(1));
  CHECK(counted(in).discharged_kwh == 0);
  CHECK(counted(out).charged_kwh == 0);
  CHECK(counted(out).discharged_kwh == doctest::Approx(1));
}

TEST_CASE("energy: between two readings the power runs straight") {
  check({{0, 0}, {1000, 36}}, 18000, 0);
  check({{1000, 0}, {0, 36}}, 18000, 0);
  check({{100, 5}, {300, 15}, {200, 17}}, 2000 + 500, 0);
  check({{0, 0}, {-50, 2}, {0, 4}}, 0, 100);
  check({{0, 0}, {0, 10}}, 0, 0);
}

TEST_CASE("energy: charge and discharge part where the power crosses zero") {
  check({{300, 0}, {-100, 40}}, 300 * 30 / 2.0, 100 * 10 / 2.0);
  check({{-100, 0}, {300, 40}}, 300 * 30 / 2.0, 100 * 10 / 2.0);
  check({{50, 0}, {-50, 10}, {50, 20}}, 250, 250);
}

TEST_CASE("energy: a gap of 60 s is bridged, a longer one is not") {
  check({{100, 0}, {100, 60}}, 6000, 0);
  check({{100, 0}, {100, 60.001}}, 0, 0);
  check({{100, 0}, {100, 3600}, {100, 3610}}, 1000, 0);
}

TEST_CASE("energy: a moment that is not after the one before is ignored") {
  check({{100, 10}, {900, 10}, {100, 20}}, 1000, 0);
  check({{100, 10}, {100, 20}, {900, 15}, {100, 30}}, 2000, 0);
  check({{100, 10}, {100, 20}, {900, -1e9}, {100, 30}}, 2000, 0);
  check({{100, 10}, {100, 20}, {{}, 5}, {100, 6}, {100, 30}}, 2000, 0);
  check({{100, 10}, {900, not_a_number}, {900, inf}, {100, 20}}, 1000, 0);
}

TEST_CASE("energy: where the power is not known nothing is counted") {
  for (const std::optional<double> none : {std::optional<double>(), std::optional(not_a_number), std::optional(inf)}) {
    check({{100, 0}, {none, 5}, {100, 10}, {100, 20}}, 1000, 0);
    check({{none, 0}, {100, 10}}, 0, 0);
  }
}

TEST_CASE("energy: goes on from what was counted before, and never down") {
  EnergyMeter meter({100, 200});
  std::mt19937 random(7);
  std::uniform_real_distribution<double> power(-5000, 5000), step(-2, 70);
  Energy before = meter.total();
  double steady_s = 0;
  for (int n = 0; n < 10000; ++n) {
    meter.on_reading(n % 17 ? std::optional(power(random)) : std::nullopt, steady_s += step(random));
    const Energy now = meter.total();
    REQUIRE(now.charged_kwh >= before.charged_kwh);
    REQUIRE(now.discharged_kwh >= before.discharged_kwh);
    before = now;
  }
  CHECK(before.charged_kwh > 101);
  CHECK(before.discharged_kwh > 201);
}

TEST_CASE("energy: the power is the BMS's own, else voltage times current") {
  Reading reading;
  CHECK_FALSE(power_of(reading));
  reading.pack_v = 52;
  CHECK_FALSE(power_of(reading));
  reading.current_a = -10;
  CHECK(power_of(reading) == -520);
  reading.power_w = -515;
  CHECK(power_of(reading) == -515);
}
