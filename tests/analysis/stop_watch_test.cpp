// Who ended a charge or a discharge, seen by polls as slow as a shared line has them.
#include <doctest/doctest.h>

#include "daemon/analysis/stop_watch.h"

using namespace cellwarden;

namespace {

constexpr double capacity_ah = 100;

struct Step {
  double first_cell_v, current_a;
};

Limits limits() {
  Limits both;
  both.cell_ovp_v = 3.65, both.cell_uvp_v = 2.5;
  return both;
}

/// The first of four cells and the current, one pair each `poll_s`; no state of the switches.
Stop end_of_charge(double poll_s, std::initializer_list<Step> steps, std::optional<bool> charge_on = std::nullopt) {
  ChargeWatch watch;
  watch.open(0);
  double now = 0;
  for (const Step& step : steps) {
    now += poll_s;
    const std::array v = {step.first_cell_v, 3.45, 3.45, 3.45};
    Reading reading;
    if (charge_on) reading.charge_on = step.current_a > 0 || *charge_on;
    watch.update({poll_s, now, v, 3 * 3.45 + v[0], step.current_a}, reading, limits(), absent, 0, capacity_ah, 13.4);
  }
  return watch.cause();
}

DischargeWatch end_of_discharge(double poll_s, std::initializer_list<Step> steps) {
  DischargeWatch watch;
  watch.open();
  double now = 0;
  for (const Step& step : steps) {
    now += poll_s;
    const std::array v = {step.first_cell_v, 3.05, 3.05, 3.05};
    watch.update({poll_s, now, v, 3 * 3.05 + v[0], step.current_a}, {}, limits(), capacity_ah, v[0], 3.1);
  }
  return watch;
}

}  // namespace

TEST_CASE("stop: the current that is gone at the next poll was cut by the BMS, however slow the polls") {
  for (const double poll_s : {1.0, 5.0, 11.0, 20.0}) {
    CAPTURE(poll_s);
    CHECK(end_of_charge(poll_s, {{3.58, 34}, {3.61, 34}, {3.645, 34}, {3.51, 0}}) == Stop::bms_cell);
    CHECK(end_of_discharge(poll_s, {{2.70, -75}, {2.60, -75}, {2.505, -75}, {2.56, 0}}).cause() == Stop::bms_cell);
  }
}

TEST_CASE("stop: what a cell would have reached before the next poll counts, and no more than that") {
  CHECK(end_of_charge(11, {{3.55, 34}, {3.60, 34}, {3.51, 0}}) == Stop::bms_cell);  // 3.65 was next
  CHECK(end_of_charge(11, {{3.55, 34}, {3.57, 34}, {3.51, 0}}) == Stop::source);    // 3.59 was
  CHECK(end_of_charge(11, {{3.60, 34}, {3.60, 34}, {3.51, 0}}) == Stop::source);
  CHECK(end_of_charge(11, {{3.45, 0}, {3.60, 34}, {3.51, 0}}) == Stop::source);  // the current's own step is no rise
  CHECK(end_of_charge(11, {{3.20, 34}, {3.58, 34}, {3.51, 0}}) == Stop::bms_cell);
  CHECK(end_of_charge(11, {{3.20, 34}, {3.53, 34}, {3.51, 0}}) == Stop::source);  // a wild value lends 0.1 V at most

  const auto cut = end_of_discharge(11, {{2.64, -75}, {2.57, -75}, {2.54, 0}});
  CHECK(cut.cause() == Stop::bms_cell);
  CHECK(cut.tripped());
  const auto let_go = end_of_discharge(11, {{2.70, -75}, {2.68, -75}, {2.75, 0}});
  CHECK(let_go.cause() == Stop::load);
  CHECK_FALSE(let_go.tripped());
  CHECK(let_go.let_go_v() == doctest::Approx(3 * 3.05 + 2.68));
}

TEST_CASE("stop: a BMS that says its switch is closed did not cut") {
  CHECK(end_of_charge(11, {{3.58, 34}, {3.645, 34}, {3.51, 0}}, true) == Stop::source);
  CHECK(end_of_charge(11, {{3.58, 34}, {3.645, 34}, {3.51, 0}}, false) == Stop::bms_cell);
}
