#include "daemon/commands/lines.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "daemon/links/ble_port.h"
#include "daemon/links/capture_port.h"
#include "daemon/links/serial_port.h"
#include "daemon/links/tcp_port.h"

namespace cellwarden {

namespace {

unsigned baud_of(const PackConfig& pack) { return pack.baud ? pack.baud : find_protocol(pack.protocol)->default_baud; }

std::unique_ptr<Port> make_wired_port(boost::asio::any_io_executor executor, const PackConfig& pack) {
  if (pack.link.kind == LinkAddress::Kind::capture) return std::make_unique<CapturePort>(pack.link.path);
  const bool only_listens = find_protocol(pack.protocol)->only_listens;
  if (pack.link.is_tcp()) {
    const bool speaks_modbus = pack.link.kind == LinkAddress::Kind::tcp;
    return std::make_unique<TcpPort>(executor,
                                     TcpSettings{pack.link.host(), pack.link.port(), speaks_modbus, only_listens});
  }
  return std::make_unique<SerialPort>(executor,
                                      SerialSettings{pack.link.path, baud_of(pack), pack.rs485, only_listens});
}

bool same_line(const PackConfig& a, const PackConfig& b) {
  if (a.link.kind == LinkAddress::Kind::ble) {
    return a.link == b.link && a.protocol == b.protocol && a.adapter == b.adapter && a.pin == b.pin;
  }
  const bool same_speed = a.link.is_tcp() || baud_of(a) == baud_of(b);  // a gateway has its own
  return a.link == b.link && same_speed && a.rs485 == b.rs485 &&
         find_protocol(a.protocol)->only_listens == find_protocol(b.protocol)->only_listens;
}

/// The packs by conversation, in the order of their first.
std::vector<std::vector<PackConfig>> conversations(const std::vector<PackConfig>& packs) {
  std::vector<std::vector<PackConfig>> all;
  for (const PackConfig& pack : packs) {
    const auto with = std::ranges::find_if(all, [&](const std::vector<PackConfig>& talk) {
      return find_protocol(pack.protocol)->together && talk.front().protocol == pack.protocol &&
             talk.front().link == pack.link;
    });
    if (with == all.end()) {
      all.push_back({pack});
    } else {
      with->push_back(pack);
    }
  }
  return all;
}

bool share_a_pack(const std::vector<PackConfig>& a, const std::vector<PackConfig>& b) {
  return std::ranges::any_of(
      a, [&](const PackConfig& pack) { return std::ranges::find(b, pack.id, &PackConfig::id) != b.end(); });
}

ble::BluezSettings bluez_settings(const BluetoothConfig& config) {
  using PowerCycle = ble::BluezSettings::PowerCycle;
  ble::BluezSettings settings;
  settings.max_links = config.max_links;
  settings.power_cycle = config.power_cycle == BluetoothConfig::PowerCycle::alone    ? PowerCycle::alone
                         : config.power_cycle == BluetoothConfig::PowerCycle::always ? PowerCycle::always
                                                                                     : PowerCycle::never;
  return settings;
}

}  // namespace

void check_opens(const PackConfig& pack) {
  if (pack.link.kind == LinkAddress::Kind::ble) return;  // connecting is the conversation's first half
  boost::asio::io_context nobody;
  std::exception_ptr failure;
  const auto port = make_wired_port(nobody.get_executor(), pack);
  boost::asio::co_spawn(nobody, port->open(), [&failure](std::exception_ptr why) { failure = why; });
  nobody.run();
  if (failure) std::rethrow_exception(failure);
}

Lines::Lines(boost::asio::io_context& io, PackObserver& observer, const BluetoothConfig& bluetooth)
    : io_(io), observer_(observer), bluez_(io.get_executor(), bluez_settings(bluetooth)) {}

std::unique_ptr<Port> Lines::make_port(const PackConfig& pack) {
  if (pack.link.kind != LinkAddress::Kind::ble) return make_wired_port(io_.get_executor(), pack);
  return std::make_unique<ble::BlePort>(
      bluez_, ble::BleSettings{pack.link.path, pack.adapter, pack.pin, find_protocol(pack.protocol)->gatt.services});
}

void Lines::set(std::vector<PackConfig> packs, int offline_after_polls) {
  const bool other_patience = offline_after_polls != std::exchange(offline_after_polls_, offline_after_polls);
  wanted_ = std::move(packs);
  const std::vector<std::vector<PackConfig>> talks = conversations(wanted_);
  for (SharedPort& port : ports_) {
    const auto first = std::ranges::find(wanted_, port.settings.link, &PackConfig::link);
    const bool other_line = first != wanted_.end() && !same_line(*first, port.settings);
    for (Talk& talk : port.talks) {
      const bool wanted = std::ranges::find(talks, talk.packs) != talks.end();
      if (!wanted || other_line || other_patience) leave(talk);
    }
  }
  settle();
}

bool Lines::release(const std::string& id, Duration time) {
  for (SharedPort& port : ports_) {
    for (Talk& talk : port.talks) {
      const PackConfig& pack = talk.packs.front();
      if (pack.id != id || pack.link.kind != LinkAddress::Kind::ble) continue;
      talk.session->release(time);
      return true;
    }
  }
  return false;
}

void Lines::stop() {
  wanted_.clear();
  for (SharedPort& port : ports_) std::ranges::for_each(port.talks, leave);
  settle();
  io_.restart();
  while (!ports_.empty() && io_.run_one() > 0) {
  }
}

/// Drops what has ended; starts what is wanted where nothing of before is in its way.
void Lines::settle() {
  for (SharedPort& port : ports_) std::erase_if(port.talks, [](const Talk& talk) { return talk.ended; });
  std::erase_if(ports_, [](const SharedPort& port) { return port.talks.empty(); });

  for (const std::vector<PackConfig>& packs : conversations(wanted_)) {
    const PackConfig& pack = packs.front();
    auto port = std::ranges::find_if(ports_, [&](const SharedPort& at) { return at.settings.link == pack.link; });
    if (port == ports_.end()) {
      port = ports_.insert(ports_.end(), {pack, std::make_unique<Line>(io_.get_executor(), make_port(pack)), {}});
      if (tap_) port->line->tap(tap_);
    }
    // The conversation of before holds the line until it has ended, whatever packs it had.
    const bool talks =
        std::ranges::any_of(port->talks, [&](const Talk& talk) { return share_a_pack(talk.packs, packs); });
    if (!talks && same_line(pack, port->settings)) start(*port, packs);
  }
}

void Lines::start(SharedPort& port, const std::vector<PackConfig>& packs) {
  const PackConfig& pack = packs.front();
  const bool over_ble = pack.link.kind == LinkAddress::Kind::ble;
  AdapterOptions options{.address = pack.address, .poll = std::chrono::duration_cast<Duration>(pack.poll)};
  for (const PackConfig& each : packs) options.addresses.push_back(each.address);
  options.over_ble = over_ble;
  options.jk_trigger = pack.jk_trigger;
  options.ble_password = pack.ble_password;
  if (over_ble) options.ble_address = pack.link.path;
  Talk& talk = port.talks.emplace_back();
  talk.packs = packs;
  talk.session =
      std::make_unique<PackSession>(*port.line, port.line->name(), find_protocol(pack.protocol)->adapter(options),
                                    packs, offline_after_polls_, observer_);
  talk.stop = std::make_unique<boost::asio::cancellation_signal>();
  auto ended = [this, &talk](std::exception_ptr failure) {
    talk.ended = true;
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
      if (error.code() != boost::asio::error::operation_aborted) throw;
    }
    boost::asio::post(io_, [this] { settle(); });
  };
  boost::asio::co_spawn(io_, talk.session->run(),
                        boost::asio::bind_cancellation_slot(talk.stop->slot(), std::move(ended)));
}

void Lines::leave(Talk& talk) {
  if (!std::exchange(talk.leaving, true)) talk.stop->emit(boost::asio::cancellation_type::terminal);
}

}  // namespace cellwarden
