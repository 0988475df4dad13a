#include <doctest/doctest.h>

#include "daemon/publish/publish_schedule.h"
#include "tests/publish/a_reading.h"

using namespace cellwarden;
using test::a_reading;

TEST_CASE("schedule: the first reading goes out, an equal one only after publish_max") {
  PublishSchedule schedule(5, 60);
  const auto reading = a_reading();
  CHECK(schedule.due(reading, 0));
  schedule.published(reading, 0);
  CHECK_FALSE(schedule.due(reading, 59.9));
  CHECK(schedule.due(reading, 60));
}

TEST_CASE("schedule: a value that moved waits for publish_min, an alarm does not") {
  PublishSchedule schedule(5, 60);
  schedule.published(a_reading(), 0);
  auto moved_on = a_reading();
  moved_on.current_a = 3;
  CHECK_FALSE(schedule.due(moved_on, 4.9));
  CHECK(schedule.due(moved_on, 5));

  auto alarmed = a_reading();
  alarmed.alarms->push_back(Alarm::cell_overvoltage);
  CHECK(schedule.due(alarmed, 0.1));
  auto warned = a_reading();
  warned.warnings->push_back(Alarm::soc_low);
  CHECK(schedule.due(warned, 0.1));
}

TEST_CASE("schedule: a pack that was away is shown at once") {
  PublishSchedule schedule(5, 60);
  schedule.published(a_reading(), 0);
  schedule.forget();
  CHECK(schedule.due(a_reading(), 0.1));
}

TEST_CASE("schedule: dead bands") {
  const auto before = a_reading();
  const auto moves = [&](auto change) {
    auto after = a_reading();
    change(after);
    return moved(before, after);
  };
  CHECK_FALSE(moves([](Reading& r) { r.cells_v[2] = 3.317; }));
  CHECK(moves([](Reading& r) { r.cells_v[2] = 3.318; }));
  CHECK_FALSE(moves([](Reading& r) { r.pack_v = 13.28; }));
  CHECK(moves([](Reading& r) { r.pack_v = 13.285; }));
  CHECK_FALSE(moves([](Reading& r) { r.current_a = -12.2; }));
  CHECK(moves([](Reading& r) { r.current_a = -12.1; }));
  CHECK_FALSE(moves([](Reading& r) { r.power_w = -160.0; }));
  CHECK(moves([](Reading& r) { r.power_w = -159.0; }));
  CHECK_FALSE(moves([](Reading& r) { r.soc_pct = 81.6; }));
  CHECK(moves([](Reading& r) { r.soc_pct = 81.7; }));
  CHECK_FALSE(moves([](Reading& r) { r.temps_c[0] = 22.0; }));
  CHECK(moves([](Reading& r) { r.temps_c[0] = 22.1; }));
  CHECK(moves([](Reading& r) { r.cycles = 13; }));
  CHECK(moves([](Reading& r) { r.charge_on = false; }));
  CHECK(moves([](Reading& r) { r.cells_v[1].reset(); }));
  CHECK(moves([](Reading& r) { r.soh_pct = 99; }));
  CHECK(moves([](Reading& r) { r.cells_v.pop_back(); }));
  CHECK_FALSE(moves([](Reading& r) { r.taken_at.reset(); }));
}
