#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

#include "protocols/adapter.h"
#include "tests/bench/bench.h"
#include "tests/support/hex.h"

namespace bench {

using namespace cellwarden;

namespace {

struct Counter : Sink {
  std::size_t events = 0;
  void emit(Event) override { ++events; }
};
struct Exchange {
  Buffer request, answer;
};

std::vector<Exchange> captured(const Protocol& protocol) {
  std::string name(protocol.id);
  for (char& c : name) c = c == '-' ? '_' : c;
  std::ifstream file(TEST_DATA "/protocols/frames/" + name + ".json");
  std::vector<Exchange> all;
  if (!file) return all;
  for (const auto& frame : nlohmann::json::parse(file)) {
    if (frame.contains("bytes"))
      all.push_back({from_hex(frame.value("request", "")), from_hex(frame["bytes"].get<std::string>())});
  }
  return all;
}

}  // namespace

void bench_decode(Table& table) {
  using Clock = std::chrono::steady_clock;
  for (const Protocol& protocol : catalog()) {
    const auto exchanges = captured(protocol);
    if (exchanges.empty()) continue;
    const auto decoder = protocol.decoder();
    Counter sink;
    std::size_t frames = 0;
    const auto start = Clock::now();
    while (Clock::now() - start < std::chrono::seconds(1)) {
      for (const auto& [request, answer] : exchanges) {
        if (!request.empty()) decoder->feed(Direction::to_bms, request, sink);
        decoder->feed(Direction::from_bms, answer, sink);
      }
      frames += exchanges.size();
    }
    const double us = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    table.push_back({"decode, " + std::string(protocol.id) + ", per captured answer", "-",
                     figure(us / static_cast<double>(frames), 2) + " us"});
  }
}

}  // namespace bench
