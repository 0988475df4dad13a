#pragma once
// What the parts of cellwarden_bench add to its one table.
#include <string>
#include <vector>

namespace bench {

struct Row {
  std::string what, budget, measured;
};
using Table = std::vector<Row>;

/// 1.2345 with 2 -> "1.23".
std::string figure(double value, int digits);

/// Memory, CPU and latency of the service with a house full of packs.
void bench_house(Table& table);
/// Memory and CPU of the service with packs by Bluetooth.
void bench_ble(Table& table);
/// How much of a poll the wire itself takes.
void bench_wire(Table& table);
/// How often each of sixteen packs on one line is read.
void bench_buses(Table& table);
/// Bytes to values, per frame.
void bench_decode(Table& table);
/// Readings to insight.
void bench_analysis(Table& table);

}  // namespace bench
