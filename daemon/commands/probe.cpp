#include "daemon/commands/probe.h"

#include <spdlog/spdlog.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <ostream>

#include "daemon/commands/lines.h"
#include "daemon/finding/ble_finder.h"
#include "daemon/finding/port_finder.h"
#include "daemon/links/serial_ports.h"

namespace cellwarden {

namespace {

using finding::Found, finding::Findings, finding::Place, finding::Try;

std::string whole_seconds(Duration time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

std::string block(const Found& found, const std::string& link, const Place& place, std::size_t number) {
  const auto& [how, reading, identity, also] = found;
  std::string brand(how.protocol->brand);
  std::ranges::transform(brand, brand.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  char seen[64];
  std::snprintf(seen, sizeof seen, "%zu cells, %.2f V", reading.cells_v.size(), reading.pack_v.value_or(0));
  std::string text = "[[pack]]  # " + identity.model.value_or(std::string(how.protocol->brand)) + ", " + seen + "\n";
  for (const Try& other : also) text += "# this board seems to answer " + finding::text(other) + " too\n";
  text += "id = \"" + brand + "-" + std::to_string(number) + "\"\n";
  text += "protocol = \"" + std::string(how.protocol->id) + "\"\n";
  text += "link = \"" + link + "\"\n";
  if (how.protocol->addressed) text += "address = " + std::to_string(how.address) + "\n";
  if (how.baud != 0 && how.baud != how.protocol->default_baud) text += "baud = " + std::to_string(how.baud) + "\n";
  if (place.rs485) text += "rs485 = true\n";
  if (!place.adapter.empty()) text += "adapter = \"" + place.adapter + "\"\n";
  if (!place.pin.empty()) text += "pin = \"...\"  # the one you gave\n";
  return text;
}

nlohmann::json as_json(const Try& how) {
  return {{"protocol", std::string(how.protocol->id)},
          {"address", how.protocol->addressed ? nlohmann::json(how.address) : nlohmann::json()},
          {"baud", how.baud ? nlohmann::json(how.baud) : nlohmann::json()}};
}

nlohmann::json as_json(const Found& found, const std::string& link) {
  nlohmann::json all = as_json(found.how);
  all["link"] = link;
  all["model"] = found.identity.model ? nlohmann::json(*found.identity.model) : nlohmann::json();
  all["cells"] = found.reading.cells_v.size();
  all["also"] = nlohmann::json::array();
  for (const Try& other : found.also) all["also"].push_back(as_json(other));
  return all;
}

void explain_nothing(const Place& place, const Findings& findings, std::ostream& err) {
  const std::string link = place.link.text();
  if (findings.is_chain) {
    err << "a chain talks on " << link << " by itself, but no whole reading was heard in time; try again\n";
  } else if (!findings.talkers.empty()) {
    err << "somebody talks on " << link << ", but none of the protocols known here. Heard:\n";
    for (const auto& talker : findings.talkers) err << "  " << talker << '\n';
    err << "is another program or master on the same wires? These bytes say more to whoever knows this BMS\n";
  } else if (place.link.kind == LinkAddress::Kind::ble) {
    err << link << " is connected, but answers none of the protocols known here; does its Bluetooth module want a "
        << "password, is the BMS awake?\n";
  } else {
    err << "nobody answers on " << link
        << "; is the BMS awake (charge or load it for a moment), ground connected, RX and TX (or A and B) swapped?\n";
  }
}

void announce(const Place& place, std::ostream& err) {
  const bool by_radio = place.link.kind == LinkAddress::Kind::ble;
  err << "trying what is known on " << place.link.text() << ": " << finding::summary(place) << "; at most "
      << whole_seconds(finding::longest(place)) << (by_radio ? " once it is connected" : " on a silent line")
      << ", and " << whole_seconds(by_radio ? finding::to_finish_on_air : finding::to_finish)
      << " more for each that answers\n";
}

/// Runs a finder to its end. What was in its way is left in `lost`.
template <class Finder>
Findings run(boost::asio::io_context& io, Finder& finder, std::string& lost) {
  boost::asio::co_spawn(io, finder.run(), [&](std::exception_ptr failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const LinkLost& why) {
      lost = why.what();
    }
    io.stop();
  });
  io.run();
  return std::move(finder.findings);
}

}  // namespace

int probe(const Place& place, bool json, std::ostream& out, std::ostream& err) {
  announce(place, err);
  spdlog::set_level(spdlog::level::off);  // what is tried is said here
  const finding::Say say = [&err](const std::string& line) { err << line << std::endl; };
  boost::asio::io_context io(1);
  std::string lost, link = place.link.text();
  Findings findings;
  if (place.link.kind == LinkAddress::Kind::ble) {
    ble::Bluez bluez(io.get_executor(), {});
    finding::BleFinder finder(bluez, place, say);
    findings = run(io, finder, lost);
  } else {
    const auto make = [&](unsigned baud, bool only_listens) {
      return make_port(io.get_executor(), place, baud, only_listens);
    };
    finding::PortFinder finder(place, make, finding::Goal::all, say);
    findings = run(io, finder, lost);
  }
  if (place.link.kind == LinkAddress::Kind::serial) link = "serial:" + lasting_name(place.link.path);
  if (json) {
    auto list = nlohmann::json::array();
    for (const Found& found : findings.found) list.push_back(as_json(found, link));
    out << list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    std::size_t number = 0;
    for (const Found& found : findings.found) out << '\n' << block(found, link, place, ++number);
  }
  if (!lost.empty()) {
    err << lost << '\n';
    return 3;
  }
  if (!findings.found.empty()) return 0;
  explain_nothing(place, findings, err);
  return 1;
}

}  // namespace cellwarden
