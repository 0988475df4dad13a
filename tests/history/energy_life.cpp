// One life of the service's energy counters, for kill_test to end: the real store and keeper, fed with readings as fast
// as they are taken, a second of virtual time apart. It prints what was there before, then each reading's number and
// what was told: "before CHARGED DISCHARGED", "17 CHARGED DISCHARGED".
#include <unistd.h>

#include <cstdio>

#include "daemon/history/energy_keeper.h"

using namespace cellwarden;

namespace {

constexpr double power_w = 3600;  // 1 Wh each second

struct Told : PackObserver {
  void on_energy(const std::string& id, const Energy& energy) override { energies[id] = energy; }
  void on_reading(const std::string&, const Reading&, const Counters&) override {}
  void on_info(const std::string&, const Identity&, const Limits&) override {}
  void on_status(const std::string&, bool, const std::string&) override {}
  Energies energies;
};

bool print(const char* what, double charged_kwh, double discharged_kwh) {
  char line[100];
  const int size = std::snprintf(line, sizeof line, "%s %.9f %.9f\n", what, charged_kwh, discharged_kwh);
  return write(STDOUT_FILENO, line, static_cast<std::size_t>(size)) == size;
}

double member(const Energies& all, const char* id, double Energy::*side) {
  const auto found = all.find(id);
  return found == all.end() ? 0 : found->second.*side;
}

bool print(const char* what, const Energies& all) {
  return print(what, member(all, "in", &Energy::charged_kwh), member(all, "out", &Energy::discharged_kwh));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  Told told;
  EnergyStore store(open_history(argv[1], history_schema(), UtcTime{}), argv[2]);
  EnergyKeeper keeper(store, told);
  if (!print("before", store.before())) return 1;
  for (int n = 0;; ++n) {
    Reading reading;
    reading.steady_s = n;
    reading.power_w = power_w;
    keeper.on_reading("in", reading, {});
    reading.power_w = -power_w;
    keeper.on_reading("out", reading, {});
    if (!print(std::to_string(n).c_str(), told.energies)) return 1;
  }
}
