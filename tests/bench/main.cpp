// cellwarden_bench [PART...]: one table, budget | measured; of the parts named, or of all.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/bench.h"

std::string bench::figure(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

namespace {

struct Part {
  std::string_view name;
  void (*measure)(bench::Table&);
};
constexpr Part parts[] = {{"decode", bench::bench_decode}, {"analysis", bench::bench_analysis},
                          {"wire", bench::bench_wire},     {"buses", bench::bench_buses},
                          {"house", bench::bench_house},   {"ble", bench::bench_ble}};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> named(argv + 1, argv + argc);
  bench::Table table;
  try {
    for (const Part& part : parts) {
      if (!named.empty() && std::ranges::find(named, part.name) == named.end()) continue;
      std::fprintf(stderr, "measuring: %s\n", std::string(part.name).c_str());
      part.measure(table);
    }
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
