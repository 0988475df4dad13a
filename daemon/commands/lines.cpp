#include "daemon/commands/lines.h"

#include <spdlog/spdlog.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "daemon/links/ble_port.h"
#include "daemon/links/capture_port.h"
#include "daemon/links/serial_port.h"
#include "daemon/links/tcp_port.h"
#include "daemon/packs/released.h"

namespace cellwarden {

namespace {

/// So many conversations without a good frame, and a pack that was found is looked for anew.
constexpr int silent_conversations = 3;

unsigned baud_of(const PackConfig& pack) { return pack.baud ? pack.baud : find_protocol(pack.protocol)->default_baud; }

std::unique_ptr<Port> make_wired_port(boost::asio::any_io_executor executor, const PackConfig& pack) {
  if (pack.link.kind == LinkAddress::Kind::capture) return std::make_unique<CapturePort>(pack.link.path);
  return make_port(executor, finding::place_of(pack), baud_of(pack), find_protocol(pack.protocol)->only_listens);
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

/// Those of one link.
std::vector<PackConfig> on_link(const LinkAddress& link, std::vector<PackConfig> packs) {
  std::erase_if(packs, [&](const PackConfig& pack) { return pack.link != link; });
  return packs;
}

std::vector<finding::Search::Wanted> wanted_on(const LinkAddress& link, std::vector<finding::Search::Wanted> all) {
  std::erase_if(all, [&](const finding::Search::Wanted& one) { return one.pack.link != link; });
  return all;
}

UtcTime found_at() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// What is thrown at one who is stopped is no failure.
void rethrow_unless_stopped(const std::exception_ptr& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() != boost::asio::error::operation_aborted) throw;
  }
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

std::unique_ptr<Port> make_port(boost::asio::any_io_executor executor, const finding::Place& place, unsigned baud,
                                bool only_listens) {
  if (place.link.is_tcp()) {
    const bool speaks_modbus = place.link.kind == LinkAddress::Kind::tcp;
    return std::make_unique<TcpPort>(executor,
                                     TcpSettings{place.link.host(), place.link.port(), speaks_modbus, only_listens});
  }
  return std::make_unique<SerialPort>(executor, SerialSettings{place.link.path, baud, place.rs485, only_listens});
}

void check_opens(const PackConfig& pack) {
  if (pack.link.kind == LinkAddress::Kind::ble) return;  // connecting is the conversation's first half
  boost::asio::io_context nobody;
  std::exception_ptr failure;
  const auto port = make_wired_port(nobody.get_executor(), pack);
  boost::asio::co_spawn(nobody, port->open(), [&failure](std::exception_ptr why) { failure = why; });
  nobody.run();
  if (failure) std::rethrow_exception(failure);
}

Lines::Lines(boost::asio::io_context& io, PackObserver& observer, const BluetoothConfig& bluetooth, FoundStore* found)
    : io_(io), observer_(observer), bluez_(io.get_executor(), bluez_settings(bluetooth)), answers_(found) {}

std::unique_ptr<Port> Lines::make_port(const PackConfig& pack) {
  if (pack.link.kind != LinkAddress::Kind::ble) return make_wired_port(io_.get_executor(), pack);
  return std::make_unique<ble::BlePort>(
      bluez_, ble::BleSettings{pack.link.path, pack.adapter, pack.pin, find_protocol(pack.protocol)->gatt.services});
}

void Lines::set(std::vector<PackConfig> packs, int offline_after_polls) {
  std::erase_if(released_,
                [&](const auto& one) { return std::ranges::find(packs, one.first, &PackConfig::id) == packs.end(); });
  const bool other_patience = offline_after_polls != std::exchange(offline_after_polls_, offline_after_polls);
  wanted_ = std::move(packs);
  if (other_patience) {
    for (SharedPort& port : ports_) std::ranges::for_each(port.talks, leave);
  }
  reconsider();
}

/// Ends what is not wanted any more, or not like that.
void Lines::reconsider() {
  const auto [known, unknown] = answers_.resolve(wanted_);
  const std::vector<std::vector<PackConfig>> talks = conversations(known);
  for (SharedPort& port : ports_) {
    const auto first = std::ranges::find(known, port.settings.link, &PackConfig::link);
    const bool other_line = first != known.end() && port.line && !same_line(*first, port.settings);
    for (Talk& talk : port.talks) {
      const bool wanted = std::ranges::find(talks, talk.packs) != talks.end();
      if (!wanted || other_line) leave(talk);
    }
    if (!port.hunt) continue;
    const bool same_packs = std::ranges::equal(port.hunt->packs, wanted_on(port.settings.link, unknown));
    if (!same_packs || port.hunt->others != on_link(port.settings.link, known)) leave(*port.hunt);
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
  return release_sought(id, time);
}

/// Nobody looks for it meanwhile.
bool Lines::release_sought(const std::string& id, Duration time) {
  const auto pack = std::ranges::find(wanted_, id, &PackConfig::id);
  if (pack == wanted_.end() || !is_auto(*pack) || pack->link.kind != LinkAddress::Kind::ble) return false;
  if (time <= Duration::zero()) {
    take_back(id);
    return true;
  }
  auto& timer = released_.try_emplace(id, io_).first->second;
  timer.expires_after(std::min<Duration>(time, longest_release));
  timer.async_wait([this, id](boost::system::error_code given_up) {
    if (!given_up) take_back(id);
  });
  spdlog::info("{}: {}", id, released_why);
  observer_.on_status(id, false, released_why);
  const auto port = port_of(pack->link);
  if (port != ports_.end() && port->hunt) leave(*port->hunt);
  return true;
}

void Lines::take_back(const std::string& id) {
  if (released_.erase(id) == 0) return;
  spdlog::info("{}: the link is taken back", id);
  reconsider();
}

void Lines::stop() {
  wanted_.clear();
  released_.clear();
  reconsider();
  io_.restart();
  while (!ports_.empty() && io_.run_one() > 0) {
  }
}

/// Drops what has ended; starts what is wanted where nothing of before is in its way.
void Lines::settle() {
  for (SharedPort& port : ports_) {
    std::erase_if(port.talks, [](const Talk& talk) { return talk.ended; });
    if (!port.hunt || !port.hunt->ended) continue;
    if (const auto& result = port.hunt->search->result) take(*result);
    port.hunt.reset();
  }
  std::erase_if(ports_, [](const SharedPort& port) { return port.talks.empty() && !port.hunt; });

  const auto [known, unknown] = answers_.resolve(wanted_);
  for (const std::vector<PackConfig>& packs : conversations(known)) {
    const PackConfig& pack = packs.front();
    auto port = port_of(pack.link);
    if (port == ports_.end()) {
      port = ports_.insert(ports_.end(), {pack, std::make_unique<Line>(io_.get_executor(), make_port(pack)), {}, {}});
      if (tap_) port->line->tap(tap_);
    }
    // The conversation of before holds the line until it has ended, whatever packs it had.
    const bool talks =
        std::ranges::any_of(port->talks, [&](const Talk& talk) { return share_a_pack(talk.packs, packs); });
    if (!talks && port->line && same_line(pack, port->settings)) start(*port, packs);
  }
  for (const finding::Search::Wanted& one : unknown) {
    if (released_.contains(one.pack.id)) continue;
    auto port = port_of(one.pack.link);
    if (port == ports_.end()) port = ports_.insert(ports_.end(), {one.pack, nullptr, {}, {}});
    const bool is_left = std::ranges::all_of(port->talks, &Talk::leaving);
    if (!port->hunt && (!port->line || !is_left)) hunt(*port, wanted_on(one.pack.link, unknown), known);
  }
}

std::list<Lines::SharedPort>::iterator Lines::port_of(const LinkAddress& link) {
  return std::ranges::find_if(ports_, [&](const SharedPort& at) { return at.settings.link == link; });
}

/// A search alone on its port opens it by itself, one baud rate after the other: there is no line yet.
void Lines::hunt(SharedPort& port, std::vector<finding::Search::Wanted> packs, const std::vector<PackConfig>& known) {
  auto tell = [this](const std::string& pack_id, const std::string& why) { observer_.on_status(pack_id, false, why); };
  Hunt& begun = port.hunt.emplace(Hunt{});
  begun.packs = packs;
  begun.others = on_link(port.settings.link, known);
  begun.search = std::make_unique<finding::Search>(std::move(packs), std::move(tell));
  begun.stop = std::make_unique<boost::asio::cancellation_signal>();
  auto ended = [this, &begun](std::exception_ptr failure) {
    begun.ended = true;
    rethrow_unless_stopped(failure);
    boost::asio::post(io_, [this] { reconsider(); });
  };
  boost::asio::co_spawn(io_, look(port), boost::asio::bind_cancellation_slot(begun.stop->slot(), std::move(ended)));
}

Task<void> Lines::look(SharedPort& port) {
  finding::Search& search = *port.hunt->search;
  const PackConfig& first = port.hunt->packs.front().pack;
  if (port.line) return search.beside(*port.line, baud_of(port.settings), port.hunt->others);
  if (first.link.kind == LinkAddress::Kind::ble) return search.on_air(bluez_);
  return search.on_port([this, place = finding::place_of(first)](unsigned baud, bool only_listens) {
    return cellwarden::make_port(io_.get_executor(), place, baud, only_listens);
  });
}

void Lines::take(const finding::Search::Result& result) {
  const auto pack = std::ranges::find(wanted_, result.pack_id, &PackConfig::id);
  if (pack != wanted_.end()) answers_.found(*pack, result, found_at());
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
  talk.session->when_silent(silent_conversations, [this, packs] {
    for (const PackConfig& each : packs) doubt(each.id);
    boost::asio::post(io_, [this] { reconsider(); });
  });
  auto ended = [this, &talk](std::exception_ptr failure) {
    talk.ended = true;
    rethrow_unless_stopped(failure);
    boost::asio::post(io_, [this] { settle(); });
  };
  boost::asio::co_spawn(io_, talk.session->run(),
                        boost::asio::bind_cancellation_slot(talk.stop->slot(), std::move(ended)));
}

/// Only who was found can be looked for.
void Lines::doubt(const std::string& pack_id) {
  const auto pack = std::ranges::find(wanted_, pack_id, &PackConfig::id);
  if (pack == wanted_.end() || !is_auto(*pack)) return;
  spdlog::warn("{}: is silent; is it another BMS now? It is looked for", pack_id);
  answers_.doubt(pack_id);
}

void Lines::leave(Activity& activity) {
  if (!std::exchange(activity.leaving, true)) activity.stop->emit(boost::asio::cancellation_type::terminal);
}

}  // namespace cellwarden
