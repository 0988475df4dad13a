// Banks between the packs and who hears of them: fed with news of the packs, as the service tells them.
#include "daemon/banks/banks.h"

#include <doctest/doctest.h>

#include "daemon/alerts/alert.h"
#include "daemon/banks/bank_json.h"
#include "tests/banks/members.h"

using namespace cellwarden;
using test::about;

namespace {

/// Hears everything.
struct Heard final : PackObserver {
  void on_reading(const std::string& id, const Reading&, const Counters&) override { order += "reading " + id + ","; }
  void on_energy(const std::string& id, const Energy&) override { order += "energy " + id + ","; }
  void on_insight(const std::string& id, const Insight&) override { order += "insight " + id + ","; }
  void on_alerts(const std::string& id, const std::vector<Alert>&, const std::vector<AlertEvent>&) override {
    order += "alerts " + id + ",";
  }
  void on_info(const std::string& id, const Identity&, const Limits&) override { order += "info " + id + ","; }
  void on_status(const std::string& id, bool online, const std::string&) override {
    order += (online ? "online " : "offline ") + id + ",";
  }
  void on_bank(const std::string& id, const BankState& bank) override {
    order += "bank " + id + ",";
    banks[id] = bank;
  }
  std::string take() { return std::exchange(order, ""); }

  std::string order;
  std::map<std::string, BankState> banks;
};

struct World {
  World() { banks.set(packs, {house}); }

  void read(const std::string& id, double current_a) {
    Reading reading = *test::a_member(id, 100, 50, current_a).reading;
    reading.steady_s = ++now_s;
    banks.on_reading(id, reading, {});
  }
  void come(const std::string& id, double current_a) {
    banks.on_status(id, true, "");
    read(id, current_a);
  }
  const BankState& bank() { return heard.banks.at("house"); }

  Heard heard;
  Banks banks{heard};
  std::vector<BankedPack> packs{{"a", {}, {}, {}}, {"b", {}, {}, {}}, {"c", {}, {}, {}}};
  BankSettings house{"house", "House", {"a", "b"}, Joined::parallel};
  double now_s = 0;
};

Limits some_limits() {
  Limits limits;
  limits.cell_ovp_v = 3.65, limits.capacity_ah = 100;
  return limits;
}

}  // namespace

TEST_CASE("everything goes on as it came, and the bank follows") {
  World world;
  CHECK(world.heard.take() == "bank house,");
  CHECK_FALSE(world.bank().online());
  world.banks.on_info("a", {}, some_limits());
  CHECK(world.heard.take() == "info a,bank house,");
  world.banks.on_status("a", true, "");
  CHECK(world.heard.take() == "online a,");  // not heard yet: no news for the bank
  world.banks.on_energy("a", {});
  world.read("a", 5);
  CHECK(world.heard.take() == "energy a,reading a,bank house,");
  Insight insight;
  insight.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::bms);
  world.banks.on_insight("a", insight);
  CHECK(world.heard.take() == "insight a,bank house,");
  CHECK(world.bank().first_full_pack == "a");
  world.banks.on_insight("a", insight);
  CHECK(world.heard.take() == "insight a,");  // nothing new
  world.banks.on_alerts("a", {}, {});
  world.read("c", 5);
  world.banks.on_status("c", false, "");
  world.read("stranger", 5);
  CHECK(world.heard.take() == "alerts a,reading c,offline c,reading stranger,");
}

TEST_CASE("a pack goes and comes back: fresh only with its first reading, its old verdict forgotten") {
  World world;
  world.come("a", 5);
  world.come("b", 7);
  Insight insight;
  insight.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::bms);
  world.banks.on_insight("b", insight);
  CHECK(world.bank().current_a == about(12));
  CHECK(world.bank().first_full_pack == "b");

  world.banks.on_status("b", false, "no answer");
  CHECK(world.bank().stale_packs == std::vector<std::string>{"b"});
  CHECK_FALSE(world.bank().current_a);
  world.banks.on_status("b", true, "");
  CHECK(world.bank().fresh_members == 1);
  world.read("b", 9);
  CHECK(world.bank().fresh_members == 2);
  CHECK(world.bank().current_a == about(14));
  CHECK_FALSE(world.bank().first_full_pack);
  CHECK_FALSE(world.bank().problem);

  world.banks.on_status("a", false, ""), world.banks.on_status("b", false, "");
  CHECK_FALSE(world.bank().online());
}

TEST_CASE("another config: what is known of the packs stays, what changed is learnt anew") {
  World world;
  world.come("a", 5), world.come("b", 7), world.come("c", 1);
  for (const char* id : {"a", "b", "c"}) world.banks.on_info(id, {}, some_limits());
  BankSettings other = world.house;
  other.id = "other", other.packs = {"b", "c"};
  world.heard.take();
  world.banks.set(world.packs, {other});
  CHECK(world.heard.take() == "bank other,");
  CHECK(world.heard.banks.at("other").current_a == about(8));
  CHECK(world.heard.banks.at("other").limits.cell_ovp_v == about(3.65));  // told once, long ago
  world.read("a", 5);
  CHECK(world.heard.take() == "reading a,");

  world.packs[1].capacity_ah = 200;
  world.banks.set(world.packs, {other});
  CHECK(world.heard.banks.at("other").stale_packs == std::vector<std::string>{"b"});
  world.packs.erase(world.packs.begin());
  world.banks.set(world.packs, {});
  world.heard.take();
  world.come("b", 5);
  CHECK(world.heard.take() == "online b,reading b,");
}

TEST_CASE("a load that stepped is still believed after a reload that left the bank alone") {
  World world;
  world.come("a", 5), world.come("b", 7);
  REQUIRE(world.bank().pack_v);
  world.banks.set(world.packs, {world.house});
  Reading far = *test::a_member("b", 100, 50, 7, 14.0).reading;
  far.steady_s = ++world.now_s;
  world.banks.on_reading("b", far, {});
  CHECK(world.bank().pack_v);
}

TEST_CASE("a bank as JSON: every key is there, rounded, and it is read back") {
  World world;
  world.banks.on_info("a", {}, some_limits()), world.banks.on_info("b", {}, some_limits());
  world.come("a", 5.004), world.come("b", 7.0001);
  const auto json = to_json(world.bank());
  CHECK(json["joined"] == "parallel");
  CHECK(json["packs"] == nlohmann::json{"a", "b"});
  CHECK(json["stale_packs"] == nlohmann::json::array());
  CHECK(json["current_a"] == 12.0);
  CHECK(json["cell_max_v"] == 3.3);
  CHECK(json["cell_max_pack"] == "a");
  CHECK(json["first_full_pack"].is_null());
  CHECK(json["reason"]["first_full_pack"] == "no_readings");
  CHECK(json["problem"].is_null());
  CHECK_FALSE(json.contains("steady_s"));
  CHECK(is_bank(json));
  CHECK_FALSE(is_bank(nlohmann::json{{"pack_v", 13.2}}));

  const BankState back = bank_from_json(json);
  CHECK(to_json(back)["soc_pct"] == json["soc_pct"]);
  auto same = json;
  same["reason"] = nlohmann::json::object();
  CHECK(to_json(back) == same);
  CHECK_THROWS(bank_from_json({{"joined", "parallel"}, {"members", "two"}}));
}
