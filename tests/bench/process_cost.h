#pragma once
// What a running process costs its machine, as the kernel counts it.
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace bench {

/// Of /proc/PID/smaps_rollup, in MB.
struct Memory {
  double rss = 0, own = 0;
};
inline Memory memory_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  Memory memory;
  std::string key;
  for (std::string line; std::getline(file, line);) {
    double kb = 0;
    std::istringstream(line) >> key >> kb;
    if (key == "Rss:") memory.rss = kb / 1024;
    if (key == "Private_Clean:" || key == "Private_Dirty:") memory.own += kb / 1024;
  }
  return memory;
}

inline double cpu_seconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  double ticks = 0;
  for (int n = 1; n <= 15 && file >> word; ++n) {
    if (n >= 14) ticks += std::stod(word);  // user and system time; the program's name has no space
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace bench
