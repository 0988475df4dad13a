#include "daemon/commands/scan_bluetooth.h"

#include <spdlog/spdlog.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cctype>

#include "daemon/links/ble_bluez.h"

namespace cellwarden {

namespace {

Task<void> listen(ble::Bluez& bluez, Duration time, BluetoothSight& into) {
  ble::Radio* radio = co_await bluez.radio("");
  for (auto& seen : co_await radio->look_around(time)) {
    auto protocols = looks_like(seen);
    into.devices.push_back({std::move(seen), radio->name(), std::move(protocols)});
  }
  radio->rest_if_idle();
}

template <class Matches>
std::vector<const Protocol*> all_that(Matches matches) {
  std::vector<const Protocol*> all;
  for (const Protocol& protocol : catalog()) {
    if (!protocol.gatt.services.empty() && matches(protocol.gatt)) all.push_back(&protocol);
  }
  return all;
}

}  // namespace

std::vector<const Protocol*> looks_like(const ble::Sighting& seen) {
  auto found = all_that([&](const Gatt& gatt) {
    return std::ranges::any_of(gatt.names, [&](std::string_view begin) { return seen.name.starts_with(begin); });
  });
  if (found.empty()) {
    found = all_that([&](const Gatt& gatt) {
      return std::ranges::any_of(gatt.manufacturers, [&](std::uint16_t company) {
        return std::ranges::find(seen.manufacturers, company) != seen.manufacturers.end();
      });
    });
  }
  if (found.empty()) {
    found = all_that([&](const Gatt& gatt) {
      return std::ranges::any_of(gatt.services, [&](const GattService& service) {
        return std::ranges::find(seen.uuids, ble::full_uuid(service.service)) != seen.uuids.end();
      });
    });
  }
  return found;
}

BluetoothSight look_around(Duration time) {
  BluetoothSight sight;
  boost::asio::io_context io(1);
  {
    ble::Bluez bluez(io.get_executor(), {});
    boost::asio::co_spawn(io, listen(bluez, time, sight), [&](std::exception_ptr failure) {
      try {
        if (failure) std::rethrow_exception(failure);
      } catch (const LinkLost& lost) {
        sight.why_not = lost.what();
      }
      io.stop();
    });
    io.run();
  }
  std::ranges::stable_sort(sight.devices, [](const auto& a, const auto& b) {
    if (a.protocols.empty() != b.protocols.empty()) return b.protocols.empty();
    return a.seen.rssi_dbm.value_or(-200) > b.seen.rssi_dbm.value_or(-200);
  });
  return sight;
}

std::string pack_lines(const BluetoothSight::Device& device, int number) {
  const Protocol& first = *device.protocols.front();
  std::string brand(first.brand);
  std::ranges::transform(brand, brand.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string others;
  for (std::size_t i = 1; i < device.protocols.size(); ++i) {
    others += (i == 1 ? "  # or " : ", ") + std::string(device.protocols[i]->id);
  }
  return "[[pack]]\nid = \"" + brand + "-" + std::to_string(number) + "\"\nprotocol = \"" + std::string(first.id) +
         "\"" + others + "\nlink = \"ble:" + device.seen.address + "\"\n";
}

}  // namespace cellwarden
