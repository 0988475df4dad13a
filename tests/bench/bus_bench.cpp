// Sixteen packs on one line, each asked for more often than the line can: what each gets against what the wire allows.
#include <algorithm>
#include <map>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/bench/wire.h"
#include "tests/daemon/house.h"
#include "tests/daemon/truth.h"

namespace bench {

namespace {

constexpr std::size_t readings = 6;

HousePack pack_on_bus(const std::string& protocol, int address, unsigned baud) {
  const std::string number = std::to_string(address);
  HousePack pack{"pack-" + number,
                 "protocol=" + protocol + ",cells=16,ah=100,soc=60,current=20,answer_ms=20,seed=" + number,
                 "protocol = \"" + protocol + "\"\npoll = \"250ms\"\nbaud = " + std::to_string(baud) + "\n", "bus"};
  if (protocol == "jk-uart") return pack;  // knows no addresses
  pack.simulated += ",address=" + number;
  pack.config += "address = " + number + "\n";
  return pack;
}

/// Seconds between two readings, by pack, while all are read. Those whose second comes late had been away: none does.
std::map<std::string, double> intervals(const std::vector<HousePack>& packs, unsigned baud) {
  House house(packs, {"--baud", std::to_string(baud)});
  house.broker.start();
  house.listen();
  house.start_service();
  std::map<std::string, std::vector<double>> taken;
  const auto enough = [&](const std::string& line) {
    const std::string topic = line.substr(0, line.find(' '));
    if (!topic.starts_with("cellwarden/") || !topic.ends_with("/state")) return false;
    auto& times = taken[topic.substr(11, topic.size() - 17)];
    const double at = Truth::utc_s(json::parse(line.substr(topic.size() + 1)).at("taken_at"));
    if (times.empty() || times.back() != at) times.push_back(at);
    return taken.size() == packs.size() &&
           std::ranges::all_of(taken, [](const auto& pack) { return pack.second.size() >= readings; });
  };
  if (!house.listener->wait_for(enough, std::chrono::seconds(300))) return {};
  double all_read = 0;  // since then: until then some still tell who they are, a longer talk
  for (const auto& [id, times] : taken) all_read = std::max(all_read, times.front());
  std::map<std::string, double> mean;
  for (auto& [id, times] : taken) {
    std::erase_if(times, [&](double at) { return at < all_read; });
    if (times.size() > 1) mean[id] = (times.back() - times.front()) / static_cast<double>(times.size() - 1);
  }
  return mean;
}

/// `protocols`: how many packs of each.
void bench_bus(Table& table, unsigned baud, const std::vector<std::pair<std::string, int>>& protocols) {
  std::vector<HousePack> packs;
  double allowed_s = 0;
  std::string what;
  for (const auto& [protocol, count] : protocols) {
    const auto polls = recorded_polls(protocol, baud);
    if (polls.empty()) return;
    const Poll& poll = polls.back();
    // Behind its answer a JK wants quiet from all on the line, a Daly for itself: the others' turns are enough.
    const double gap_s = protocol == "jk-modbus" ? gap_of(protocol) : usual_gap_s;
    allowed_s += count * (poll.needed(baud) + static_cast<double>(poll.exchanges) * gap_s);
    what += (what.empty() ? "" : ", ") + std::to_string(count) + " " + protocol;
    for (int i = 0; i < count; ++i) packs.push_back(pack_on_bus(protocol, static_cast<int>(packs.size()) + 1, baud));
  }
  std::vector<double> means;
  for (const auto& [id, mean] : intervals(packs, baud)) means.push_back(mean);
  std::ranges::sort(means);
  table.push_back(
      {"a reading of each: " + what + ", " + std::to_string(baud) + " baud", "<= " + figure(allowed_s / 0.9, 2) + " s",
       means.size() < packs.size() ? std::to_string(means.size()) + " packs read"
                                   : figure(means[means.size() / 2], 2) + " s (worst " + figure(means.back(), 2) +
                                         " s; the wire allows " + figure(allowed_s, 2) + " s)"});
}

}  // namespace

void bench_buses(Table& table) {
  bench_bus(table, 9600, {{"daly-a5", 16}});
  bench_bus(table, 9600, {{"daly-hkms", 16}});
  bench_bus(table, 115200, {{"jk-modbus", 15}, {"jk-uart", 1}});
}

}  // namespace bench
