#include "daemon/links/ble_bluez.h"

#include <spdlog/spdlog.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <filesystem>

#include "daemon/links/ble_words.h"

namespace cellwarden::ble {

namespace asio = boost::asio;

namespace {

constexpr const char* daemon_gone = "bluetoothd is gone; was it restarted, or did it crash? Trying again";
constexpr const char* bus_gone = "the D-Bus is gone; trying again";

}  // namespace

Bluez::Bluez(asio::any_io_executor executor, BluezSettings settings)
    : executor_(executor), settings_(std::move(settings)), reaching_(executor) {}

Bluez::~Bluez() = default;

Bus& Bluez::bus() {
  if (!bus_) throw LinkLost(bus_gone);
  if (!listed_) throw LinkLost(daemon_gone);
  return *bus_;
}

Task<void> Bluez::reach() {
  const auto held = co_await reaching_.hold();
  try {
    BusListener& me = *this;
    if (!bus_) bus_ = std::make_unique<Bus>(executor_, settings_.bus_address, me);
  } catch (const BusError& error) {
    throw LinkLost(words::no_bus(error));
  }
  if (listed_) co_return;
  try {
    co_await bus_->list(settings_.times.list);
  } catch (const BusError& error) {
    throw LinkLost(words::no_daemon(error, std::filesystem::exists(settings_.kernel_adapters)));
  }
}

Task<void> Bluez::offer_agent() {
  if (agent_known_) co_return;
  const auto holder_of = [this](const std::string& device) -> Watcher* {
    const auto holds = [&](const Watcher* watcher) { return watcher->holds(device); };
    const auto holder = std::ranges::find_if(watchers_, holds);
    return holder == watchers_.end() ? nullptr : *holder;
  };
  const auto pin_of = [holder_of](const std::string& device) {
    Watcher* holder = holder_of(device);
    return holder ? holder->on_pin_wanted() : std::string();
  };
  const auto is_ours = [holder_of](const std::string& device) { return holder_of(device) != nullptr; };
  bus().serve_agent(pin_of, is_ours);
  Call call{"/org/bluez", "org.bluez.AgentManager1", "RegisterAgent"};
  call.arguments = {ObjectPath{Bus::agent_path}, std::string("KeyboardDisplay")};
  co_await bus().call(std::move(call), settings_.times.call);
  agent_known_ = true;
}

std::string Bluez::pick_adapter(const std::string& wanted) const {
  const auto there = objects_.adapters();
  if (there.empty()) throw LinkLost(wanted.empty() ? words::no_adapter() : words::wrong_adapter(wanted, {}));
  std::vector<std::string> names;
  for (const auto& path : there) {
    if (wanted.empty() || last_part(path) == wanted ||
        objects_.get<std::string>(path, adapter_interface, "Address") == wanted) {
      return path;
    }
    names.push_back(last_part(path));
  }
  throw LinkLost(words::wrong_adapter(wanted, names));
}

Task<Radio*> Bluez::radio(std::string wanted) {
  co_await reach();
  const std::string path = pick_adapter(wanted);
  auto& radio = radios_[path];
  if (!radio) radio = std::make_unique<Radio>(*this, path);
  Radio* found = radio.get();
  co_await found->switch_on();
  co_return found;
}

Task<void> Bluez::news(SteadyTime until) {
  asio::steady_timer timer(executor_, until);
  const auto me = waiting_.insert(waiting_.end(), &timer);
  struct Leave {
    std::list<asio::steady_timer*>& from;
    std::list<asio::steady_timer*>::iterator me;
    ~Leave() { from.erase(me); }
  } const leave{waiting_, me};
  boost::system::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

void Bluez::tell_all() {
  for (auto* timer : waiting_) timer->cancel();
}

void Bluez::rest(const std::string& adapter_path) {
  if (const auto radio = radios_.find(adapter_path); radio != radios_.end()) radio->second->rest_if_idle();
}

void Bluez::on_all(Objects objects) {
  objects_.set(std::move(objects), now());
  listed_ = true;
  tell_all();
}

void Bluez::on_added(const std::string& path, Interfaces interfaces) {
  objects_.add(path, std::move(interfaces), now());
  tell_all();
}

void Bluez::on_removed(const std::string& path, const std::vector<std::string>& interfaces) {
  objects_.remove(path, interfaces);
  const auto radio = radios_.find(path);
  if (radio != radios_.end() && std::ranges::find(interfaces, adapter_interface) != interfaces.end()) {
    radio->second->on_discovery_ended();
  }
  for (Watcher* watcher : watchers_) watcher->on_removed(path);
  tell_all();
}

void Bluez::on_changed(const std::string& path, const std::string& interface, Properties now_have,
                       const std::vector<std::string>& gone) {
  for (Watcher* watcher : watchers_) watcher->on_changed(path, interface, now_have);
  const auto ended = [&](const char* key) {
    const auto value = now_have.find(key);
    return value != now_have.end() && value->second == Value(false);
  };
  if (interface == adapter_interface && (ended("Discovering") || ended("Powered"))) {
    if (const auto radio = radios_.find(path); radio != radios_.end()) radio->second->on_discovery_ended();
  }
  objects_.change(path, interface, std::move(now_have), gone, now());
  tell_all();
}

void Bluez::forget_all(const std::string& why) {
  listed_ = agent_known_ = false;
  objects_.clear();
  for (auto& [path, radio] : radios_) radio->on_discovery_ended();
  for (Watcher* watcher : watchers_) watcher->on_gone(why);
  tell_all();
}

void Bluez::on_daemon(bool there) {
  if (there) {
    tell_all();
  } else {
    forget_all(daemon_gone);
  }
}

void Bluez::on_closed() {
  bus_.reset();
  forget_all(bus_gone);
}

}  // namespace cellwarden::ble
