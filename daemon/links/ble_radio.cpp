#include "daemon/links/ble_radio.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>

#include "daemon/links/ble_bluez.h"
#include "daemon/links/ble_words.h"

namespace cellwarden::ble {

namespace {

bool in_progress(const BusError& error) {
  return error.name == "org.bluez.Error.InProgress" ||
         std::string_view(error.what()).find("already in progress") != std::string_view::npos;
}

}  // namespace

bool is_address(const std::string& text) {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (i % 3 == 2 ? c != ':' : !std::isxdigit(c)) return false;
  }
  return true;
}

Radio::Radio(Bluez& bluez, std::string path)
    : bluez_(bluez), path_(std::move(path)), connecting_(bluez.executor()), switching_(bluez.executor()) {}

Radio::Turn::~Turn() {
  if (!radio_) return;
  radio_->paused_ = false;
  radio_->bluez_.tell_all();
}

void Radio::must_be_there() const {
  bluez_.bus();
  if (bluez_.objects().has(path_, adapter_interface)) return;
  std::vector<std::string> there;
  for (const auto& adapter : bluez_.objects().adapters()) there.push_back(last_part(adapter));
  throw LinkLost(words::wrong_adapter(name(), there));
}

Call Radio::power(bool on) const {
  Call call{path_, "org.freedesktop.DBus.Properties", "Set"};
  call.arguments = {std::string(adapter_interface), std::string("Powered"), Value(on)};
  return call;
}

Task<void> Radio::set_power(bool on) {
  Call call = power(on);
  co_await bluez_.bus().call(std::move(call), bluez_.settings().times.call);
}

Task<void> Radio::switch_on() {
  if (bluez_.objects().is(path_, adapter_interface, "Powered")) co_return;
  const auto held = co_await connecting_.hold();  // whoever power-cycles it has it off for a moment
  must_be_there();
  if (bluez_.objects().is(path_, adapter_interface, "Powered")) co_return;
  try {
    co_await set_power(true);
    co_await bluez_.bus().refresh(path_, adapter_interface, bluez_.settings().times.call);
  } catch (const BusError& error) {
    throw LinkLost(words::cannot_switch_on(name(), error));
  }
  spdlog::info("Bluetooth adapter {} was off: switched on", name());
}

Task<void> Radio::listen() {
  const auto held = co_await switching_.hold();
  if (discovering_ || paused_) co_return;
  must_be_there();
  try {
    Call filter{path_, adapter_interface, "SetDiscoveryFilter"};
    filter.arguments = {Properties{{"Transport", std::string("le")}, {"DuplicateData", false}}};
    co_await bluez_.bus().call(std::move(filter), bluez_.settings().times.call);
    Call start{path_, adapter_interface, "StartDiscovery"};
    co_await bluez_.bus().call(std::move(start), bluez_.settings().times.call);
  } catch (const BusError& error) {
    if (!in_progress(error)) throw LinkLost(words::cannot_scan(name(), error));
  }
  discovering_ = true;
}

Task<void> Radio::stop_listening() {
  const auto held = co_await switching_.hold();
  if (!discovering_) co_return;
  discovering_ = false;
  Call stop{path_, adapter_interface, "StopDiscovery"};
  try {
    co_await bluez_.bus().call(std::move(stop), bluez_.settings().times.call);
  } catch (const BusError&) {
    // It was over already, or the adapter is gone: the connecting will tell.
  }
}

void Radio::rest_if_idle() {
  if (!discovering_ || std::ranges::any_of(bluez_.watchers(), [&](const Watcher* watcher) {
        return watcher->adapter_path() == path_ && watcher->seeks();
      })) {
    return;
  }
  discovering_ = false;
  try {
    bluez_.bus().tell({path_, adapter_interface, "StopDiscovery"});
  } catch (const LinkLost&) {
  }
}

std::optional<Sighting> Radio::sighted(const std::string& wanted) const {
  auto all = bluez_.objects().in_sight(path_, bluez_.now(), bluez_.settings().times.recent);
  const bool by_address = is_address(wanted);
  std::erase_if(all, [&](const Sighting& seen) { return (by_address ? seen.address : seen.name) != wanted; });
  if (all.empty()) return std::nullopt;
  if (all.size() > 1) throw LinkLost(words::same_name(wanted, all));
  return all.front();
}

Task<Sighting> Radio::find(std::string wanted) {
  const Times& times = bluez_.settings().times;
  Duration listened{};
  for (;;) {
    must_be_there();
    if (auto seen = sighted(wanted)) co_return *seen;
    if (listened >= times.sight) break;
    co_await listen();
    if (auto seen = sighted(wanted)) co_return *seen;
    const bool listening = discovering_;
    const SteadyTime from = bluez_.now();
    co_await bluez_.news(from + std::min(times.look, times.sight));
    if (listening) listened += bluez_.now() - from;
    // Another program's discovery keeps what it heard first from being told again.
    if (bluez_.now() - from >= times.look) {
      for (const Sighting& known : bluez_.objects().devices(path_)) {
        if (known.address != wanted && known.name != wanted) continue;
        try {
          co_await bluez_.bus().refresh(known.path, device_interface, times.call);
        } catch (const BusError&) {
        }
      }
    }
  }
  const bool deaf = bluez_.objects().in_sight(path_, bluez_.now(), times.recent).empty();
  throw LinkLost(deaf ? words::hears_nothing(wanted, name()) : words::not_in_sight(wanted, name()));
}

Task<std::vector<Sighting>> Radio::look_around(Duration time) {
  const SteadyTime end = bluez_.now() + time;
  while (bluez_.now() < end) {
    must_be_there();
    co_await listen();
    co_await bluez_.news(end);
  }
  co_return bluez_.objects().in_sight(path_, bluez_.now(), time);
}

Task<Radio::Turn> Radio::turn() {
  auto held = co_await connecting_.hold();
  Turn turn(*this, std::move(held));
  paused_ = true;
  co_await stop_listening();
  co_return turn;
}

Task<void> Radio::forget(std::string device_path) {
  Call remove{path_, adapter_interface, "RemoveDevice"};
  remove.arguments = {ObjectPath{device_path}};
  try {
    co_await bluez_.bus().call(std::move(remove), bluez_.settings().times.disconnect);
  } catch (const BusError&) {
    // It is unknown already.
  }
}

/// Whoever is cancelled half way does not leave the adapter off.
struct Radio::OnAgain {
  Radio* radio;
  explicit OnAgain(Radio& whose) : radio(&whose) {}
  OnAgain(const OnAgain&) = delete;
  ~OnAgain() {
    if (!radio) return;
    try {
      radio->bluez_.bus().tell(radio->power(true));
    } catch (const LinkLost&) {
      // Nobody is there who could switch it on.
    }
  }
};

Task<bool> Radio::power_cycle(const void* asked_by) {
  const auto& settings = bluez_.settings();
  if (settings.power_cycle == BluezSettings::PowerCycle::never) co_return false;
  for (const Watcher* other : bluez_.watchers()) {
    const bool disturbed = other != asked_by && other->adapter_path() == path_ && other->is_healthy(bluez_.now());
    if (disturbed && settings.power_cycle == BluezSettings::PowerCycle::alone) co_return false;
  }
  spdlog::warn("Bluetooth adapter {}: nothing else helped, switching it off and on", name());
  try {
    co_await set_power(false);
  } catch (const BusError& error) {
    throw LinkLost(words::cannot_switch_on(name(), error));
  }
  discovering_ = false;
  OnAgain in_any_case{*this};
  for (const SteadyTime on_again = bluez_.now() + settings.times.off; bluez_.now() < on_again;) {
    co_await bluez_.news(on_again);
  }
  in_any_case.radio = nullptr;
  try {
    co_await set_power(true);
    co_await bluez_.bus().refresh(path_, adapter_interface, settings.times.call);
  } catch (const BusError& error) {
    throw LinkLost(words::cannot_switch_on(name(), error));
  }
  co_return true;
}

}  // namespace cellwarden::ble
