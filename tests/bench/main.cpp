// cellwarden_bench: one table, budget | measured.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tests/bench/bench.h"

std::string bench::figure(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

int main() {
  bench::Table table;
  try {
    bench::bench_decode(table);
    bench::bench_analysis(table);
    bench::bench_wire(table);
    bench::bench_house(table);
    bench::bench_ble(table);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "cellwarden_bench: %s\n", failed.what());
    return 1;
  }
  double load[1] = {0};
  getloadavg(load, 1);
  std::printf("%-52s | %-16s | %s\n", "", "budget", "measured");
  for (const auto& [what, budget, measured] : table) {
    std::printf("%-52s | %-16s | %s\n", what.c_str(), budget.c_str(), measured.c_str());
  }
  std::printf("The machine's load at the end was %.1f: above its number of cores, times are not the program's own.\n",
              load[0]);
}
