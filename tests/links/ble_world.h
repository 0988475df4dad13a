#pragma once
// A fake bluetoothd and this house's Bluetooth on one bus and one io_context.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "daemon/links/ble_port.h"
#include "tests/links/fake_bluez.h"
#include "tests/links/private_bus.h"

namespace cellwarden::test {

using namespace std::chrono_literals;

inline constexpr GattService services[] = {{"ff00", "ff01", "ff02"}, {"ffe0", "ffe1", "ffe1"}};

struct BleWorld {
  explicit BleWorld(const std::string& bus_rules = "") : bus(bus_rules) { bluez.plug("hci0"); }

  /// Waits that a test sits out are short; those that only guard are long.
  ble::BluezSettings settings() const {
    ble::BluezSettings with;
    with.bus_address = bus.address;
    with.kernel_adapters = "/";
    with.times.look = 50ms;
    with.times.busy = 5ms;
    with.times.off = 1ms;
    return with;
  }

  ble::Bluez& ours() {
    if (!ours_) ours_.emplace(io.get_executor(), changed_settings ? *changed_settings : settings());
    return *ours_;
  }
  std::unique_ptr<ble::BlePort> port(const std::string& device, const std::string& adapter = "",
                                     const std::string& pin = "") {
    return std::make_unique<ble::BlePort>(ours(), ble::BleSettings{device, adapter, pin, services});
  }

  /// Lets both sides run until `done`; false when it never is: the guard is only for a test that fails.
  bool until(const std::function<bool()>& done) {
    const auto guard = std::chrono::steady_clock::now() + 60s;
    io.restart();
    while (!done()) {
      if (std::chrono::steady_clock::now() > guard) return false;
      io.run_one_for(100ms);
    }
    return true;
  }

  /// Runs it to its end: what the owner is told, "timeout", or nothing.
  std::string run(Task<void> task) {
    bool ended = false;
    std::string said;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr failure) {
      ended = true;
      try {
        if (failure) std::rethrow_exception(failure);
      } catch (const LinkLost& lost) {
        said = lost.what();
      } catch (const LinkTimeout&) {
        said = "timeout";
      }
    });
    return until([&] { return ended; }) ? said : "it hangs";
  }
  std::string open(ble::BlePort& port) { return run(port.open()); }

  /// Asks, and waits for one notification.
  std::string ask(ble::BlePort& port, Buffer request, Buffer& answer, Duration limit = 30s) {
    return run(exchange(port, std::move(request), answer, limit));
  }
  std::string ask(ble::BlePort& port) {
    Buffer answer;
    Buffer request{0xDD, 0xA5};
    const std::string said = ask(port, request, answer);
    return said.empty() && answer != request ? "another answer" : said;
  }
  static Task<void> exchange(ble::BlePort& port, Buffer request, Buffer& answer, Duration limit) {
    port.drop_unread();
    co_await port.write(request);
    answer = co_await port.read(std::chrono::steady_clock::now() + limit);
  }

  int called(const std::string& what) const { return static_cast<int>(std::ranges::count(bluez.calls, what)); }

  PrivateBus bus;
  boost::asio::io_context io;
  FakeBluez bluez{io, bus.address};
  std::optional<ble::BluezSettings> changed_settings;

 private:
  std::optional<ble::Bluez> ours_;
};

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

}  // namespace cellwarden::test
