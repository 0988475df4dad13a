// Two packs wired in parallel, end to end: one is lost and comes back, and the bank never tells half for whole.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/daemon/house.h"

using nlohmann::json;

namespace {

std::vector<HousePack> two_packs() {
  const std::string simulated = "cells=4,spread=0,soc=60,load=0,current=",
                    config = "protocol = \"jbd\"\npoll = \"500ms\"\n";
  return {{"a", simulated + "10,ah=100", config}, {"b", simulated + "20,ah=200", config}};
}
const std::string bank = "[[bank]]\nid = \"house\"\npacks = [\"a\", \"b\"]\njoined = \"parallel\"\n";

/// The next state of the bank that `wanted` holds for; null when none comes.
template <class Wanted>
json state(House& house, Wanted wanted) {
  json found;
  house.listener->wait_for([&](const std::string& line) {
    const auto text = payload(line, "cellwarden/house/state");
    if (!text || text->empty()) return false;
    const auto now = json::parse(*text, nullptr, false);
    if (now.is_object() && wanted(now)) found = now;
    return !found.is_null();
  });
  return found;
}

}  // namespace

TEST_CASE("a bank: both packs together, one lost and back, and gone with SIGHUP") {
  House house(two_packs());
  house.write_config(house.packs, bank);
  house.broker.start();
  house.listen();
  house.start_service();

  const auto whole = [](const json& now) { return now["fresh_members"] == 2 && !now["current_a"].is_null(); };
  json now = state(house, whole);
  REQUIRE(now.is_object());
  CHECK(now["current_a"].get<double>() == doctest::Approx(30).epsilon(0.05));
  CHECK(now["installed_ah"] == 300);
  CHECK(now["soc_pct"].get<double>() == doctest::Approx(60).epsilon(0.02));
  CHECK(now["joined"] == "parallel");

  Process watch({CELLWARDEN, "watch", "--json", "--config", house.file("cellwarden.toml")});
  bool bank_seen = false, pack_seen = false, bank_as_pack = false;
  CHECK(watch.wait_for([&](const std::string& line) {
    const json row = json::parse(line, nullptr, false);
    if (!row.is_object()) return false;
    const bool is_house = row["id"] == "house";
    bank_as_pack |= is_house == row.contains("reading");
    bank_seen |= is_house && row["online"] == true && row["bank"]["installed_ah"] == 300;
    pack_seen |= row["id"] == "a" && row["online"] == true && row["reading"]["cells_v"].size() == 4;
    return bank_seen && pack_seen;
  }));
  CHECK_FALSE(bank_as_pack);

  CHECK(watch.end() == 0);

  bool half_for_whole = false, offline = false;
  const auto watched = [&](const json& state_now) {
    half_for_whole |= state_now["fresh_members"] != 2 && !state_now["current_a"].is_null();
    return state_now["fresh_members"];
  };
  house.simulator->say("unplug b");
  now = state(house, [&](const json& state_now) { return watched(state_now) == 1; });
  REQUIRE(now.is_object());
  CHECK(now["stale_packs"] == json{"b"});
  CHECK(now["problem"] == "Not heard: b.");
  CHECK(now["installed_ah"] == 300);
  house.simulator->say("plug b");
  CHECK(state(house, [&](const json& state_now) { return watched(state_now) == 2; }).is_object());
  CHECK_FALSE(half_for_whole);

  // Of a bank that is offline from the first, watch knows only the status at first: that is no pack's.
  house.simulator->say("unplug a");
  house.simulator->say("unplug b");
  CHECK(house.listener->wait_for([](const std::string& line) { return line == "cellwarden/house/status offline"; }));
  Process later({CELLWARDEN, "watch", "--json", "--config", house.file("cellwarden.toml")});
  bank_seen = pack_seen = false;
  CHECK(later.wait_for([&](const std::string& line) {
    const json row = json::parse(line, nullptr, false);
    if (!row.is_object()) return false;
    bank_as_pack |= row["id"] == "house" && row.contains("reading");
    bank_seen |= row["id"] == "house" && row["online"] == false && row.contains("bank");
    pack_seen |= row["id"] == "a" && row["online"] == false;
    return bank_seen && pack_seen;
  }));
  CHECK_FALSE(bank_as_pack);
  house.simulator->say("plug a");
  house.simulator->say("plug b");
  CHECK(state(house, [&](const json& state_now) { return state_now["fresh_members"] == 2; }).is_object());

  house.write_config(house.packs);
  house.service->tell(SIGHUP);
  CHECK(house.listener->wait_for([&](const std::string& line) {
    offline |= line == "cellwarden/a/status offline" || line == "cellwarden/b/status offline";
    return line == "cellwarden/house/status (null)";
  }));
  CHECK_FALSE(offline);
  house.write_config(house.packs, bank);
  house.service->tell(SIGHUP);
  CHECK(state(house, whole).is_object());  // by what is known of the packs, which never stopped
  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(house.simulator->end(SIGTERM) == 0);
}
