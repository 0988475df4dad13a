#include "daemon/links/ble_port.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "daemon/links/ble_words.h"

namespace cellwarden::ble {

namespace {

bool is_busy(const BusError& error) {
  return error.name == "org.bluez.Error.InProgress" ||
         std::string_view(error.what()).find("in progress") != std::string_view::npos;
}
bool is_unknown(const BusError& error) {
  return error.name == "org.freedesktop.DBus.Error.UnknownObject" ||
         error.name == "org.freedesktop.DBus.Error.UnknownMethod" || error.name == "org.bluez.Error.DoesNotExist";
}
bool is_false(const Properties& news, const char* key) {
  const auto value = news.find(key);
  return value != news.end() && value->second == Value(false);
}

constexpr int busy_tries = 5;
constexpr int most_held_elsewhere = 6;
constexpr const char* dropped =
    "the link dropped: is the BMS out of reach, asleep, or taken by the phone app? Trying again";

}  // namespace

BlePort::BlePort(Bluez& bluez, BleSettings settings)
    : bluez_(bluez), settings_(std::move(settings)), notifications_(bluez.executor()) {
  bluez_.add(*this);
}

BlePort::~BlePort() {
  BlePort::let_go();
  bluez_.remove(*this);
}

Call BlePort::on_device(const char* method) const { return {device_path_, device_interface, method}; }

Task<void> BlePort::open() {
  ladder_.begin();
  close();
  seeks_ = true;
  Radio& radio = *co_await bluez_.radio(settings_.adapter);
  adapter_path_ = radio.path();
  co_await climb(radio);
  co_await take_over();

  const Sighting seen = co_await radio.find(settings_.device);
  const auto links = std::ranges::count_if(bluez_.watchers(), [&](const Watcher* other) {
    return other != this && other->adapter_path() == adapter_path_ && other->holds_link();
  });
  if (links >= bluez_.settings().max_links) {
    throw LinkLost(words::too_many_links(radio.name(), bluez_.settings().max_links));
  }
  const auto turn = co_await radio.turn();
  device_path_ = seen.path;
  counters_.rssi_dbm = seen.rssi_dbm;
  std::exception_ptr failure;
  try {
    co_await link_up();
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    close();
    bluez_.objects().forget_sight(device_path_);
    bluez_.bus();  // its own absence explains more than what failed by it
    std::rethrow_exception(failure);
  }
  seeks_ = false;
  held_elsewhere_ = 0;
  state_ = State::open;
  ++counters_.connects;
}

/// What the ladder wants done before the next attempt.
Task<void> BlePort::climb(Radio& radio) {
  const Rung rung = ladder_.climb();
  if (rung == Rung::remove_device && !device_path_.empty()) {
    spdlog::info("{} does not speak: bluetoothd forgets it, and finds it anew", name());
    const auto turn = co_await radio.turn();
    co_await radio.forget(device_path_);
  } else if (rung == Rung::power_cycle) {
    const auto turn = co_await radio.turn();
    co_await radio.power_cycle(static_cast<const Watcher*>(this));
  }
}

/// A connected device does not advertise: nobody would ever find it.
Task<void> BlePort::take_over() {
  for (const Sighting& known : bluez_.objects().devices(adapter_path_)) {
    if (known.address != settings_.device && known.name != settings_.device) continue;
    if (!bluez_.objects().is(known.path, device_interface, "Connected")) continue;
    device_path_ = known.path;
    co_await end_old_link();
  }
}

Task<void> BlePort::link_up() {
  co_await end_old_link();
  ladder_.try_it();
  co_await offer_agent();
  co_await connect();
  co_await pair();
  co_await await_services();
  const auto there = bluez_.objects().services(device_path_);
  const auto chosen = choose(settings_.services, there);
  if (!chosen) throw LinkLost(words::other_services(settings_.device, there));
  over_ = *chosen;
  co_await subscribe();
  must_be_linked();
}

/// A link of before, ours or a dead program's: BlueZ takes two seconds to end one, and connecting meanwhile fails.
/// Where another program listens the link is that one's, but not for ever: what says so may be stale.
Task<void> BlePort::end_old_link() {
  const Times& times = bluez_.settings().times;
  try {
    co_await bluez_.bus().refresh(device_path_, device_interface, times.call);
  } catch (const BusError& error) {
    if (is_unknown(error)) throw LinkLost(words::not_in_sight(settings_.device, last_part(adapter_path_)));
  }
  if (!bluez_.objects().is(device_path_, device_interface, "Connected")) co_return;
  const bool was_ours = counters_.connects > 0;
  if (!was_ours && bluez_.objects().is_listened_to(device_path_) && ++held_elsewhere_ <= most_held_elsewhere) {
    throw LinkLost(words::held_here(settings_.device));
  }
  try {
    Call disconnect = on_device("Disconnect");
    co_await bluez_.bus().call(std::move(disconnect), times.disconnect);
    co_await bluez_.bus().refresh(device_path_, device_interface, times.call);
  } catch (const BusError& error) {
    if (is_unknown(error)) throw LinkLost(words::not_in_sight(settings_.device, last_part(adapter_path_)));
  }
  const SteadyTime end = bluez_.now() + times.disconnect;
  while (bluez_.objects().is(device_path_, device_interface, "Connected") && bluez_.now() < end) {
    co_await bluez_.news(end);
  }
}

Task<void> BlePort::connect() {
  const Times& times = bluez_.settings().times;
  const SteadyTime end = bluez_.now() + times.connect;
  linked_ = device_path_;
  lost_why_.clear();
  for (;;) {
    std::optional<BusError> refused;
    try {
      Call connect = on_device("Connect");
      co_await bluez_.bus().call(std::move(connect), std::max<Duration>(end - bluez_.now(), times.busy));
    } catch (const BusError& error) {
      refused = error;
    }
    if (!refused || refused->name == "org.bluez.Error.AlreadyConnected") break;
    if (is_unknown(*refused)) {
      linked_.clear();
      throw LinkLost(words::not_in_sight(settings_.device, last_part(adapter_path_)));
    }
    if (!is_busy(*refused) || bluez_.now() + times.busy >= end) {
      throw LinkLost(words::cannot_connect(settings_.device, *refused));
    }
    for (const SteadyTime again = bluez_.now() + times.busy; bluez_.now() < again;) co_await bluez_.news(again);
  }
  lost_why_.clear();  // what was told before the answer is about the link before
}

/// A pack without a PIN has it too: that bluetoothd asks for one is how a board says it wants one.
Task<void> BlePort::offer_agent() {
  try {
    co_await bluez_.offer_agent();
  } catch (const BusError& error) {
    if (!settings_.pin.empty()) throw LinkLost(words::cannot_pair(settings_.device, error, true));
  }
}

Task<void> BlePort::pair() {
  if (settings_.pin.empty()) co_return;
  const Times& times = bluez_.settings().times;
  try {
    co_await bluez_.bus().refresh(device_path_, device_interface, times.call);
    if (bluez_.objects().is(device_path_, device_interface, "Paired")) co_return;
    Call pair = on_device("Pair");
    co_await bluez_.bus().call(std::move(pair), times.pair);
  } catch (const BusError& error) {
    if (error.name == "org.bluez.Error.AlreadyExists") co_return;
    if (error.name.starts_with("org.bluez.Error.Authentication")) ladder_.forgive();  // no rung mends a PIN
    throw LinkLost(words::cannot_pair(settings_.device, error, true));
  }
}

/// The signals of connecting get lost now and then: what holds is asked for, at once and whenever there is no news.
Task<void> BlePort::await_services() {
  const Times& times = bluez_.settings().times;
  const SteadyTime end = bluez_.now() + times.services;
  SteadyTime ask = bluez_.now();
  for (;;) {
    must_be_linked();
    if (bluez_.now() >= ask) {
      try {
        co_await bluez_.bus().refresh(device_path_, device_interface, times.call);
      } catch (const BusError& error) {
        if (is_unknown(error)) lost(dropped);
      }
      ask = bluez_.now() + times.look;
      must_be_linked();
    }
    if (bluez_.objects().is(device_path_, device_interface, "ServicesResolved")) co_return;
    if (bluez_.now() >= end) throw LinkLost(words::no_services(settings_.device));
    co_await bluez_.news(std::min(ask, end));
  }
}

std::vector<std::string> BlePort::services() const {
  std::vector<std::string> uuids;
  for (const Service& service : bluez_.objects().services(device_path_)) uuids.push_back(service.uuid);
  return uuids;
}

Task<void> BlePort::subscribe() {
  const Times& times = bluez_.settings().times;
  notifications_.clear();
  longest_write_ = 20;
  if (const auto mtu = bluez_.objects().get<std::int64_t>(over_.write_path, characteristic_interface, "MTU")) {
    longest_write_ = static_cast<std::size_t>(std::clamp<std::int64_t>(*mtu, 23, 515)) - 3;
  }
  by_property_ = !over_.acquires || !spoke_;
  if (!by_property_) {
    try {
      const NotifySocket socket = co_await bluez_.bus().acquire_notify(over_.notify_path, times.call);
      notifications_.read_from(socket.fd, [this] { lost(dropped); });
      if (socket.mtu > 3) longest_write_ = socket.mtu - 3;
      co_return;
    } catch (const BusError&) {
      must_be_linked();
      by_property_ = true;  // offered, and refused: the other way
    }
  }
  for (int tries = 1;; ++tries) {
    std::optional<BusError> refused;
    try {
      Call start{over_.notify_path, characteristic_interface, "StartNotify"};
      co_await bluez_.bus().call(std::move(start), times.call);
    } catch (const BusError& error) {
      refused = error;
    }
    if (!refused) co_return;
    must_be_linked();
    if (!is_busy(*refused) || tries == busy_tries) {
      throw LinkLost(words::cannot_notify(settings_.device, *refused, !settings_.pin.empty()));
    }
    for (const SteadyTime again = bluez_.now() + times.busy; bluez_.now() < again;) co_await bluez_.news(again);
  }
}

void BlePort::must_be_linked() const {
  if (!lost_why_.empty()) throw LinkLost(lost_why_);
}

Task<void> BlePort::write(Bytes bytes) {
  const Times& times = bluez_.settings().times;
  if (state_ == State::lost) co_await read(bluez_.now());
  for (std::size_t at = 0; at < bytes.size(); at += longest_write_) {
    const Bytes part = bytes.subspan(at, std::min(longest_write_, bytes.size() - at));
    for (int tries = 1;; ++tries) {
      Call write{over_.write_path, characteristic_interface, "WriteValue"};
      write.arguments = {Value(Buffer(part.begin(), part.end())),
                         Properties{{"type", std::string(over_.write_has_answer ? "request" : "command")}}};
      std::optional<BusError> refused;
      try {
        co_await bluez_.bus().call(std::move(write), times.call);
      } catch (const BusError& error) {
        refused = error;
      }
      if (!refused) break;
      if (!is_busy(*refused) || tries == busy_tries) {
        close();
        throw LinkLost(lost_why_.empty() ? words::cannot_write(settings_.device, *refused, !settings_.pin.empty())
                                         : lost_why_);
      }
      for (const SteadyTime again = bluez_.now() + times.busy; bluez_.now() < again;) co_await bluez_.news(again);
    }
  }
}

Task<Buffer> BlePort::read(SteadyTime deadline) {
  for (;;) {
    if (!notifications_.empty()) co_return notifications_.next();
    if (state_ != State::open) {
      close();
      throw LinkLost(lost_why_.empty() ? dropped : lost_why_);
    }
    if (bluez_.now() >= deadline) throw LinkTimeout("no answer in time");
    co_await notifications_.wait(deadline);
  }
}

void BlePort::lost(const std::string& why) {
  if (linked_.empty() || !lost_why_.empty()) return;
  lost_why_ = why;
  if (state_ == State::open) {
    state_ = State::lost;
    ++counters_.drops;
  }
  notifications_.wake();
  bluez_.tell_all();
}

void BlePort::close() {
  state_ = State::closed;
  notifications_.clear();
  over_ = {};
  if (linked_.empty()) return;
  const std::string device = std::exchange(linked_, "");
  if (bluez_.is_reached() && bluez_.objects().has(device, device_interface)) {
    bluez_.bus().tell({device, device_interface, "Disconnect"});
  }
  bluez_.tell_all();
}

void BlePort::let_go() {
  close();
  seeks_ = false;
  if (!adapter_path_.empty()) bluez_.rest(adapter_path_);
}

void BlePort::heard() {
  spoke_ = true;
  ladder_.good_frame();
  last_frame_ = bluez_.now();
}

/// The conversation got no answer: asked again over the same link once, then over a new one.
void BlePort::unheard() {
  if (state_ == State::closed) return;
  ladder_.failed();
  if (ladder_.rung() != Rung::ask_again) close();
}

bool BlePort::is_healthy(SteadyTime now) const {
  return state_ == State::open && last_frame_ && now - *last_frame_ < bluez_.settings().times.healthy;
}

/// Where none is configured no rung of the ladder mends that: the owner is told, and the board is left in peace.
std::string BlePort::on_pin_wanted() {
  if (settings_.pin.empty()) {
    ladder_.forgive();
    spoke_ = false;  // its app had a PIN set since
    lost(words::pin_wanted(settings_.device, false));
  }
  return settings_.pin;
}

void BlePort::on_changed(const std::string& path, const std::string& interface, const Properties& news) {
  if (linked_.empty()) return;
  if (interface == characteristic_interface && by_property_ && path == over_.notify_path) {
    const auto value = news.find("Value");
    const auto* bytes = value == news.end() ? nullptr : std::get_if<Buffer>(&value->second);
    if (bytes && !bytes->empty()) notifications_.take(*bytes);
  }
  if (path != linked_ || interface != device_interface) return;
  const bool services_gone = state_ == State::open && is_false(news, "ServicesResolved");
  if (is_false(news, "Connected") || services_gone) lost(dropped);
}

void BlePort::on_removed(const std::string& path) {
  if (path == linked_ || path == adapter_path_ || (path == over_.notify_path && !path.empty())) {
    lost(path == adapter_path_ ? words::wrong_adapter(last_part(path), {}) : std::string(dropped));
  }
}

void BlePort::on_gone(const std::string& why) { lost(why); }

}  // namespace cellwarden::ble
