// The service among simulated packs and a real broker.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/bench/process_cost.h"
#include "tests/daemon/house.h"
#include "tests/daemon/truth.h"

namespace bench {

namespace {

constexpr double settle_s = 8, run_s = 30;

/// The four files that hold most of the resident memory, with what each holds.
std::string libraries_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps");
  std::map<std::string, double> held;
  std::string name;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first, skipped;
    words >> first;
    if (!first.ends_with(":")) {
      name.clear();
      words >> skipped >> skipped >> skipped >> skipped >> name;
      name = name.empty() ? "heap and stacks" : name.substr(name.find_last_of('/') + 1);
    }
    double kb = 0;
    if (first == "Rss:" && words >> kb) held[name] += kb / 1024;
  }
  std::vector<std::pair<double, std::string>> largest;
  for (const auto& [file_name, mb] : held) largest.emplace_back(mb, file_name);
  std::ranges::sort(largest, std::greater());
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(6, largest.size()); ++i) {
    text += (text.empty() ? "" : ", ") + largest[i].second + " " + figure(largest[i].first, 1);
  }
  return text;
}

struct Run {
  Memory memory;
  std::string libraries;
  double cpu_pct = 0;
  std::vector<double> latencies_ms;
};

/// When each answer's last byte went out, by pack.
std::map<std::string, std::vector<double>> read_sent(const std::string& file) {
  std::map<std::string, std::vector<double>> sent;
  std::ifstream in(file);
  std::string name;
  for (double at = 0; in >> name >> at;) sent[name].push_back(at);
  return sent;
}

struct Arrival {
  std::string pack;
  double at, taken_at;
};
/// "SECONDS cellwarden/PACK/state JSON"
Arrival arrival_of(const std::string& line) {
  const auto topic = line.find(' ') + 1, payload = line.find(' ', topic) + 1, pack = line.find('/', topic) + 1;
  return {line.substr(pack, line.find('/', pack) - pack), std::stod(line),
          Truth::utc_s(json::parse(line.substr(payload)).at("taken_at"))};
}

/// From a reading's last byte, which went out when it was stamped (both in ms, and by two programs), to its first
/// arrival.
std::vector<double> latencies(const std::vector<Arrival>& arrivals,
                              const std::map<std::string, std::vector<double>>& sent) {
  std::vector<double> all_ms;
  std::map<std::string, double> seen;
  for (const auto& [pack, at, taken_at] : arrivals) {
    if (seen[pack] == taken_at || !sent.contains(pack)) continue;
    seen[pack] = taken_at;
    const auto& times = sent.at(pack);
    const auto last_byte =
        std::ranges::min_element(times, {}, [&](double sent_at) { return std::abs(sent_at - taken_at); });
    if (last_byte != times.end()) all_ms.push_back((at - *last_byte) * 1000);
  }
  return all_ms;
}

Run run(int packs, const std::vector<std::string>& protocols, int cells) {
  std::vector<HousePack> all;
  for (int n = 0; n < packs; ++n) {
    const std::string& protocol = protocols[static_cast<std::size_t>(n) % protocols.size()];
    const std::string address = protocol == "daly-a5" ? "address = 1\n" : "";
    all.push_back({"pack-" + std::to_string(n),
                   "protocol=" + protocol + ",cells=" + std::to_string(cells) +
                       ",ah=100,soc=60,current=20,seed=" + std::to_string(n + 1),
                   "protocol = \"" + protocol + "\"\npoll = \"1s\"\n" + address});
  }
  const cellwarden::test::TemporaryDirectory folder;
  const std::string sent_file = folder.path / "sent";
  House house(all, {"--sent", sent_file, "--time-scale", "30"});
  // Physics runs fast, so that every reading differs from the one before and is published at once: more than any
  // owner's service ever does.
  std::ifstream shown(house.file("cellwarden.toml"));
  std::string config{std::istreambuf_iterator<char>(shown), {}};
  const std::string often = "publish_max = \"500ms\"\n";
  config.replace(config.find(often), often.size(), "");
  std::ofstream(house.file("cellwarden.toml")) << config;

  house.broker.start();
  Process subscriber({"mosquitto_sub", "-h", "127.0.0.1", "-p", std::to_string(house.broker.port), "-F", "%U %t %p",
                      "-t", "cellwarden/+/state"});
  house.start_service();
  const auto for_seconds = [&](double seconds, const auto& each) {
    subscriber.wait_for([&](const std::string& line) { return each(line), false; },
                        std::chrono::seconds(static_cast<int>(seconds)));
  };
  for_seconds(settle_s, [](const std::string&) {});
  const double cpu_before = cpu_seconds(house.service->id());
  std::vector<Arrival> arrivals;
  for_seconds(run_s, [&](const std::string& line) { arrivals.push_back(arrival_of(line)); });

  Run result;
  result.cpu_pct = 100 * (cpu_seconds(house.service->id()) - cpu_before) / run_s;
  result.memory = memory_of(house.service->id());
  result.libraries = libraries_of(house.service->id());
  house.service->end();
  house.simulator->end();
  result.latencies_ms = latencies(arrivals, read_sent(sent_file));
  return result;
}

std::string percentile(std::vector<double> values, double share) {
  if (values.empty()) return "-";
  std::ranges::sort(values);
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  return figure(values[at], 2) + " ms";
}

}  // namespace

void bench_house(Table& table) {
  const Run eight = run(8, {"jbd", "jk-uart", "daly-a5"}, 16);
  table.push_back({"8 packs x 16 cells, 1 s: RSS", "<= 12 MB", figure(eight.memory.rss, 1) + " MB"});
  table.push_back({"  of that private", "<= 6 MB", figure(eight.memory.own, 1) + " MB"});
  table.push_back({"  largest in memory", "-", eight.libraries});
  table.push_back({"  CPU, of one core", "<= 1 %", figure(eight.cpu_pct, 2) + " %"});
  table.push_back({"  last byte -> subscriber, median", "-", percentile(eight.latencies_ms, 0.5)});
  table.push_back({"  last byte -> subscriber, 99th of " + std::to_string(eight.latencies_ms.size()), "<= 5 ms",
                   percentile(eight.latencies_ms, 0.99)});
  const Run many = run(64, {"jbd"}, 32);
  table.push_back({"64 packs x 32 cells, 1 s: RSS", "<= 32 MB", figure(many.memory.rss, 1) + " MB"});
  table.push_back({"  of that private", "-", figure(many.memory.own, 1) + " MB"});
  table.push_back({"  CPU, of one core", "-", figure(many.cpu_pct, 2) + " %"});
}

}  // namespace bench
