// Cells apart: what raises, what clears, how long it must last, and that the plateau says nothing.
#include <doctest/doctest.h>

#include "tests/alerts/scripted_pack.h"

using namespace cellwarden;
using test::ScriptedPack;

namespace {

AlertSettings own(double mv, const char* where) {
  AlertSettings settings;
  settings.cell_delta_mv = mv;
  settings.cell_delta_where = where;
  return settings;
}

}  // namespace

TEST_CASE("own threshold: raised after 60 s in the knee, cleared after 60 s at 60 %") {
  ScriptedPack pack(own(40, "knee"));
  pack.cells(Gate::top_charge, 45, 3.42);
  pack.read();
  pack.pass(58);
  CHECK(pack.heard() == "");
  pack.pass(2);
  CHECK(pack.heard() == "+cell_delta:warn@3 ");
  CHECK(pack.last.alert.value == 45);
  CHECK(pack.last.alert.unit == "mV");
  CHECK(pack.last.alert.since == pack.utc() - std::chrono::seconds(60));
  CHECK(
      pack.last.alert.text ==
      "house-1: cell 3 stands out at 3.465 V, the cells differ by 45 mV with the highest at 3.465 V and 20.0 A, since "
      "2026-11-25 00:00 UTC: more than 40 mV charging near full");

  pack.cells(Gate::top_charge, 25, 3.42);  // between: it stands
  pack.pass(300);
  pack.cells(Gate::top_charge, 24, 3.42);
  pack.pass(60);
  CHECK(pack.heard() == "");
  pack.pass(2);
  CHECK(pack.heard() == "-cell_delta:warn@3 ");
  CHECK(pack.last.alert.value == 24);
  CHECK(pack.last.alert.text == "house-1: the cells differ by 24 mV again; it stood since 2026-11-25 00:00 UTC");
  CHECK(pack.alerts.standing().empty());
}

TEST_CASE("own threshold: a dip below it begins the 60 s anew") {
  ScriptedPack pack(own(40, "knee"));
  for (int i = 0; i < 5; ++i) {
    pack.cells(Gate::top_charge, 45, 3.42);
    pack.pass(50);
    pack.cells(Gate::top_charge, 39, 3.42);
    pack.pass(2);
  }
  CHECK(pack.heard() == "");
}

TEST_CASE("own threshold: on the plateau nothing is raised, unless where = any") {
  for (const auto& [where, told] : {std::pair{"knee", ""}, {"rest", ""}, {"any", "+cell_delta:warn@3 "}}) {
    CAPTURE(std::string(where));
    ScriptedPack pack(own(40, where));
    pack.cells(Gate::mid, 300, 3.20);
    pack.pass(7200);
    CHECK(pack.heard() == told);
  }
}

TEST_CASE("own threshold: where = rest looks at rest, where = knee at both ends") {
  const std::vector<std::tuple<const char*, Gate, bool>> rows = {
      {"rest", Gate::rest, true},       {"rest", Gate::top_rest, true}, {"rest", Gate::top_charge, false},
      {"knee", Gate::top_charge, true}, {"knee", Gate::bottom, true},   {"knee", Gate::rest, false},
      {"knee", Gate::top_rest, false}};
  for (const auto& [where, gate, raises] : rows) {
    CAPTURE(std::string(where));
    CAPTURE(name(gate));
    ScriptedPack pack(own(25, where));
    pack.cells(gate, 28, 3.33);
    pack.pass(100);
    CHECK((pack.heard() == "+cell_delta:warn@3 ") == raises);
  }
}

TEST_CASE("own threshold: where = any needs no chemistry and no capacity") {
  ScriptedPack pack(own(40, "any"));
  pack.cells(Gate::none, 50, 3.3);
  pack.moment = {};
  pack.reading.current_a.reset();
  pack.pass(70);
  CHECK(pack.heard() == "+cell_delta:warn@3 ");
  CHECK(pack.last.alert.text.find("with the highest at 3.350 V, since") != std::string::npos);  // no current is said
}

TEST_CASE("top: a warning needs 5 minutes in one charge, or 60 s in two") {
  ScriptedPack pack;
  pack.cells(Gate::top_charge, 60, 3.42);
  pack.read();
  pack.pass(298);
  CHECK(pack.heard() == "");
  pack.pass(2);
  CHECK(pack.heard() == "+cell_delta_top:warn@3 ");

  ScriptedPack twice;
  twice.cells(Gate::top_charge, 60, 3.42);
  twice.pass(70);
  twice.cells(Gate::mid, 10, 3.3);
  twice.pass(100);
  twice.charge_closes();
  CHECK(twice.heard() == "");
  twice.cells(Gate::top_charge, 60, 3.42);
  twice.pass(58);
  CHECK(twice.heard() == "");
  twice.pass(4);
  CHECK(twice.heard() == "+cell_delta_top:warn@3 ");
}

TEST_CASE("top: a charge that is well again between two bad ones forgets the first") {
  ScriptedPack pack;
  for (const double delta_mv : {60, 20}) {
    pack.cells(Gate::top_charge, delta_mv, 3.42);
    pack.pass(70);
    pack.cells(Gate::mid, 4, 3.3);
    pack.charge_closes();
  }
  pack.cells(Gate::top_charge, 60, 3.42);
  pack.pass(100);
  CHECK(pack.heard() == "");
}

TEST_CASE("top: the warning rises to an alarm, falls back silently and is cleared once") {
  ScriptedPack pack;
  pack.cells(Gate::top_charge, 60, 3.42);
  pack.pass(310);
  CHECK(pack.heard() == "+cell_delta_top:warn@3 ");
  pack.cells(Gate::top_charge, 155, 3.34);
  pack.pass(32);
  CHECK(pack.heard() == "+cell_delta_top:alarm@3 ");
  REQUIRE(pack.alerts.standing().size() == 1);
  CHECK(pack.alerts.standing()[0].level == Level::alarm);
  pack.cells(Gate::top_charge, 75, 3.42);
  pack.pass(40);
  CHECK(pack.heard() == "");
  REQUIRE(pack.alerts.standing().size() == 1);
  CHECK(pack.alerts.standing()[0].level == Level::warn);
  pack.cells(Gate::top_charge, 30, 3.42);
  pack.pass(62);
  CHECK(pack.heard() == "-cell_delta_top:warn@3 ");
  pack.pass(4000);
  CHECK(pack.heard() == "");
}

TEST_CASE("top: above 3.50 V every pack differs, so nothing is judged there; NMC has its own voltage") {
  ScriptedPack pack;
  pack.cells(Gate::top_charge, 100, 3.41);
  pack.pass(1000);
  CHECK(pack.heard() == "");
  pack.limits.chemistry = "nmc";
  pack.pass(1000);
  CHECK(pack.heard() == "+cell_delta_top:warn@3 ");
}

TEST_CASE("top: what is raised stands while the gate is shut, and is not raised again in the next charge") {
  ScriptedPack pack;
  pack.cells(Gate::top_charge, 60, 3.42);
  pack.pass(310);
  CHECK(pack.heard() == "+cell_delta_top:warn@3 ");
  for (int day = 0; day < 5; ++day) {
    pack.cells(Gate::mid, 4, 3.3);
    pack.pass(3600);
    pack.charge_closes();
    pack.cells(Gate::top_charge, 60, 3.42);
    pack.pass(600);
  }
  CHECK(pack.heard() == "");
  CHECK(pack.alerts.standing().size() == 1);
}

TEST_CASE("radical: in any gate but mid, after 30 s") {
  for (const auto& [gate, raises] :
       {std::pair{Gate::mid, false}, {Gate::none, false}, {Gate::rest, true}, {Gate::top_rest, true}}) {
    CAPTURE(name(gate));
    ScriptedPack pack;
    pack.cells(gate, 210, 3.2);
    pack.read();
    pack.pass(28);
    CHECK(pack.heard() == "");
    pack.pass(2);
    CHECK((pack.heard() == "+cell_delta_radical:alarm@3 ") == raises);
  }
}

TEST_CASE("radical: at the ends a few per cent of charge do it, and the advice knows") {
  for (const auto& [gate, advice] : {std::pair{Gate::rest, "charge each to the same voltage"},
                                     {Gate::top_rest, "all but full"},
                                     {Gate::top_charge, "all but full"},
                                     {Gate::bottom, "all but empty"}}) {
    CAPTURE(name(gate));
    ScriptedPack pack;
    pack.cells(gate, 210, gate == Gate::bottom ? 2.8 : 3.3);
    pack.pass(40);
    REQUIRE(pack.heard() == "+cell_delta_radical:alarm@3 ");
    CHECK(pack.last.alert.advice.find(advice) != std::string::npos);
  }
}

TEST_CASE("radical: a cell that is far apart near full every day, and near empty never, is told once") {
  ScriptedPack pack;
  const auto charge = [&](double delta_mv) {
    pack.cells(Gate::top_charge, 30, 3.36);  // the beginning of the knee
    pack.pass(300);
    pack.cells(Gate::top_charge, delta_mv, 3.37);
    pack.pass(300);
    pack.cells(Gate::top_rest, 40, 3.35);
    pack.pass(300);
    pack.charge_closes();
    pack.cells(Gate::rest, 10, 3.3);
    pack.pass(300);
    pack.cells(Gate::bottom, 60, 3.0);
    pack.pass(300);
  };
  charge(220);
  CHECK(pack.heard().starts_with("+cell_delta_radical:alarm@3 "));
  for (int day = 0; day < 5; ++day) {
    charge(220);
    pack.charge_closes();  // and a dull day's charge that never gets there
    CHECK(pack.heard().find("radical") == std::string::npos);
  }
  ScriptedPack restarted;
  REQUIRE(restarted.alerts.restore(pack.alerts.save()));
  restarted.moment = pack.moment;
  restarted.cells(Gate::bottom, 60, 3.0);
  restarted.pass(300);
  CHECK(restarted.heard() == "");

  pack.cells(Gate::top_charge, 100, 3.50);  // balanced: as high as it was, and near together
  pack.pass(300);
  CHECK(pack.heard().find("-cell_delta_radical:alarm@3 ") != std::string::npos);

  ScriptedPack lowered;  // the charger no longer goes so high
  lowered.cells(Gate::top_charge, 220, 3.37);
  lowered.pass(40);
  for (int n = 0; n < 8; ++n) {
    CHECK(lowered.heard().find("-cell_delta_radical") == std::string::npos);
    lowered.cells(Gate::mid, 5, 3.3);
    lowered.charge_closes();  // dull days do not count
    lowered.cells(Gate::mid, 5, 3.3);
    lowered.charge_closes();
    lowered.cells(Gate::top_charge, 40, 3.37);
    lowered.pass(100);
    if (n == 6) break;
  }
  CHECK(lowered.heard().find("-cell_delta_radical:alarm@3 ") != std::string::npos);
}

TEST_CASE("rest: 30 mV for half an hour is worth knowing; bottom: 150 mV for a minute is a warning") {
  ScriptedPack rest;
  rest.cells(Gate::rest, 35, 3.3);
  rest.read();
  rest.pass(1798);
  CHECK(rest.heard() == "");
  rest.pass(2);
  CHECK(rest.heard() == "+cell_delta_rest:info@3 ");

  ScriptedPack bottom;
  bottom.cells(Gate::bottom, 160, 2.95);
  bottom.pass(64);
  CHECK(bottom.heard() == "+cell_delta_bottom:warn@3 ");
  bottom.cells(Gate::bottom, 80, 2.95);
  bottom.pass(64);
  CHECK(bottom.heard() == "-cell_delta_bottom:warn@3 ");
}

TEST_CASE("a gap, a reading that is not fresh, and a clock that jumps begin the holding anew") {
  for (const int how : {0, 1, 2}) {
    CAPTURE(how);
    ScriptedPack pack(own(40, "knee"));
    pack.cells(Gate::top_charge, 45, 3.42);
    pack.pass(50);
    if (how == 0) pack.now_s += 300;
    if (how == 1) pack.moment.fresh = false, pack.pass(2), pack.moment.fresh = true;
    if (how == 2) pack.now_s -= 1000;
    pack.pass(40);
    CHECK(pack.heard() == "");
    pack.pass(30);
    CHECK(pack.heard() == "+cell_delta:warn@3 ");
  }
}
