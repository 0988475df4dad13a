#include "daemon/commands/systemd.h"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <cstdint>

namespace cellwarden {

void Systemd::ready() {
  sd_notify(0, "READY=1");
  std::uint64_t limit_us = 0;
  if (sd_watchdog_enabled(0, &limit_us) > 0) feed(std::chrono::microseconds(limit_us / 2));
}

/// Type=notify-reload wants to know when the reload began.
void Systemd::reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
             static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
}

void Systemd::stopping() { sd_notify(0, "STOPPING=1"); }

void Systemd::status(const std::string& text) { sd_notifyf(0, "STATUS=%s", text.c_str()); }

void Systemd::feed(std::chrono::microseconds every) {
  sd_notify(0, "WATCHDOG=1");
  timer_.expires_after(every);
  timer_.async_wait([this, every](boost::system::error_code stopped) {
    if (!stopped) feed(every);
  });
}

}  // namespace cellwarden
