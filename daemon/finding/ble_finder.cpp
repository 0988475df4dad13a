#include "daemon/finding/ble_finder.h"

#include <algorithm>
#include <memory>

#include "daemon/packs/line.h"

namespace cellwarden::finding {

namespace {

bool is_same(const GattService& a, const GattService& b) {
  return a.service == b.service && a.notify == b.notify && a.write == b.write;
}

/// Every way into a BMS that is known.
std::vector<GattService> all_services() {
  std::vector<GattService> all;
  for (const Protocol* protocol : over_bluetooth()) {
    for (const GattService& service : protocol->gatt.services) {
      const bool is_known = std::ranges::any_of(all, [&](const GattService& each) { return is_same(each, service); });
      if (!is_known) all.push_back(service);
    }
  }
  return all;
}

bool shows(const std::vector<std::string>& shown, const GattService& way) {
  return std::ranges::find(shown, ble::full_uuid(way.service)) != shown.end();
}

/// The one by which `run` would reach it.
const GattService* way_in(const Protocol& protocol, const std::vector<std::string>& shown) {
  const auto way =
      std::ranges::find_if(protocol.gatt.services, [&](const GattService& each) { return shows(shown, each); });
  return way == protocol.gatt.services.end() ? nullptr : &*way;
}

/// A link that drops in the middle is made anew, once for each protocol.
constexpr int tries_on_air = 2;

}  // namespace

Task<void> BleFinder::run() {
  const auto executor = co_await boost::asio::this_coro::executor;
  std::vector<GattService> ways = all_services();  // outlives the port
  say_("looking for " + place_.link.text() + " and connecting to it");
  auto port = std::make_unique<ble::BlePort>(bluez_, settings(ways));
  co_await port->open();
  const std::vector<std::string> shown = port->services();
  const auto first = std::ranges::find_if(ways, [&](const GattService& way) { return shows(shown, way); });
  if (first == ways.end()) co_return;  // open() has said so
  GattService now = *first;
  auto line = std::make_unique<Line>(executor, std::move(port));
  for (const Protocol* protocol : over_bluetooth()) {
    const GattService* way = way_in(*protocol, shown);
    if (!way) continue;
    if (!is_same(*way, now)) {
      now = *way;
      line.reset();
      line =
          std::make_unique<Line>(executor, std::make_unique<ble::BlePort>(bluez_, settings(protocol->gatt.services)));
    }
    co_await ask(*line, *protocol);
    if (!findings.found.empty()) break;
  }
}

Task<void> BleFinder::ask(Link& link, const Protocol& protocol) {
  const Try how{&protocol, 0, 0};
  AdapterOptions options{.over_ble = true, .ble_address = place_.link.path};
  const Patience patient{patience_on_air, to_finish_on_air};
  for (int tries = 1; tries <= tries_on_air; ++tries) {
    say_(text(how));
    std::string lost;
    try {
      Outcome outcome = co_await converse(link, how, options, patient);
      take(std::move(outcome), how, findings, say_);
    } catch (const LinkLost& why) {
      if (tries == tries_on_air) throw;
      lost = why.what();
    }
    if (lost.empty()) co_return;
    say_("    " + lost);
  }
}

ble::BleSettings BleFinder::settings(std::span<const GattService> services) const {
  return {place_.link.path, place_.adapter, place_.pin, services};
}

}  // namespace cellwarden::finding
