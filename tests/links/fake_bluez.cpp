#include "tests/links/fake_bluez.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace cellwarden::test {

namespace {

constexpr const char* adapter_if = "org.bluez.Adapter1";
constexpr const char* device_if = "org.bluez.Device1";
constexpr const char* service_if = "org.bluez.GattService1";
constexpr const char* characteristic_if = "org.bluez.GattCharacteristic1";
using Options = std::map<std::string, sdbus::Variant>;

std::string uuid(const std::string& short_form) { return "0000" + short_form + "-0000-1000-8000-00805f9b34fb"; }

sdbus::Error error(const std::string& name, const char* text = "") {
  return sdbus::Error(name.find('.') == std::string::npos ? "org.bluez.Error." + name : name, text);
}

}  // namespace

FakeBluez::FakeBluez(boost::asio::io_context& io, std::string bus_address)
    : io_(io), bus_address_(std::move(bus_address)) {
  come_back();
}

FakeBluez::~FakeBluez() { die(); }

void FakeBluez::die() {
  if (!pump_) return;
  for (auto& each : devices_) {
    each.device.connected = each.device.resolved = false;
    if (each.notify_fd >= 0) ::close(std::exchange(each.notify_fd, -1));
  }
  powered = true, discovering = false;
  timers_.clear();
  life_ = std::make_shared<int>();  // one that has fired and waits to be handled is not stopped by that
  hanging_.clear();
  agent_.reset();
  objects_.clear();
  pump_->stop();
  pump_.reset();
}

void FakeBluez::come_back() {
  pump_ = std::make_shared<ble::Pump>(io_.get_executor(), sdbus::createSessionBusConnectionWithAddress(bus_address_));
  pump_->connection().addObjectManager("/", sdbus::floating_slot);
  auto manager = sdbus::createObject(pump_->connection(), "/org/bluez");
  manager->registerMethod("RegisterAgent")
      .onInterface("org.bluez.AgentManager1")
      .implementedAs([this, at = manager.get()](const sdbus::ObjectPath& path, const std::string&) {
        calls.emplace_back("RegisterAgent");
        const std::string who = at->getCurrentlyProcessedMessage()->getSender();
        agent_ = sdbus::createProxy(pump_->connection(), who, path);
      });
  manager->finishRegistration();
  objects_["/org/bluez"] = std::move(manager);
  // The bus may not have seen the end of the one before yet.
  for (bool taken = false; !taken;) {
    try {
      pump_->connection().requestName("org.bluez");
      taken = true;
    } catch (const sdbus::Error& error) {
      if (error.getName() != "org.freedesktop.DBus.Error.FileExists") throw;
    }
  }
  pump_->start([] {});
  const auto adapters = std::exchange(adapters_, {});
  for (const auto& adapter : adapters) plug(adapter);
}

FakeBluez::Placed& FakeBluez::placed(Device& device) {
  return *std::ranges::find_if(devices_, [&](const Placed& each) { return &each.device == &device; });
}

FakeBluez::Device& FakeBluez::device(const std::string& address, const std::string& name, const std::string& adapter) {
  Placed& placed = devices_.emplace_back();
  placed.device.address = address;
  placed.device.name = name;
  placed.adapter = adapter;
  return placed.device;
}

std::string FakeBluez::path_of(const Device& device) const {
  const auto& placed = *std::ranges::find_if(devices_, [&](const Placed& each) { return &each.device == &device; });
  std::string address = device.address;
  std::ranges::replace(address, ':', '_');
  return "/org/bluez/" + placed.adapter + "/dev_" + address;
}

void FakeBluez::plug(const std::string& adapter) {
  adapters_.push_back(adapter);
  export_adapter(adapter);
}

void FakeBluez::unplug(const std::string& adapter) {
  std::erase(adapters_, adapter);
  discovering = false;
  for (auto& each : devices_) {
    if (each.adapter == adapter) drop(each.device);
  }
  remove_objects("/org/bluez/" + adapter);
}

void FakeBluez::set_power(bool on) {
  if (!power_error.empty()) throw error(power_error, power_error == "Blocked" ? "Blocked through rfkill" : "");
  if (powered == on) return;
  powered = on;
  calls.emplace_back(on ? "power on" : "power off");
  if (on) ++power_cycles;
  if (!on) {
    discovering = false;
    for (auto& each : devices_) drop(each.device);
  }
}

void FakeBluez::export_adapter(const std::string& adapter) {
  const std::string path = "/org/bluez/" + adapter;
  auto object = sdbus::createObject(pump_->connection(), path);
  object->registerProperty("Powered")
      .onInterface(adapter_if)
      .withGetter([this] { return powered; })
      .withSetter([this, path](const bool& on) {
        set_power(on);
        changed(path, adapter_if, {{"Powered", powered}, {"Discovering", discovering}});
      });
  object->registerProperty("Discovering").onInterface(adapter_if).withGetter([this] { return discovering; });
  object->registerProperty("Address").onInterface(adapter_if).withGetter([] {
    return std::string("00:00:00:00:00:01");
  });
  object->registerMethod("SetDiscoveryFilter").onInterface(adapter_if).implementedAs([](const Options&) {});
  object->registerMethod("StartDiscovery").onInterface(adapter_if).implementedAs([this, path] {
    calls.emplace_back("StartDiscovery");
    if (!powered) throw error("NotReady", "Resource Not Ready");
    if (discovering || discovery_stuck) throw error("InProgress", "Operation already in progress");
    discovering = true;
    changed(path, adapter_if, {{"Discovering", true}});
    later({}, [this] { show_all_advertising(); });
  });
  object->registerMethod("StopDiscovery").onInterface(adapter_if).implementedAs([this, path] {
    calls.emplace_back("StopDiscovery");
    if (!discovering) throw error("Failed", "No discovery started");
    discovering = false;
    changed(path, adapter_if, {{"Discovering", false}});
    for (auto& each : devices_) {
      if (objects_.contains(path_of(each.device))) changed(path_of(each.device), device_if, {}, {"RSSI"});
    }
  });
  object->registerMethod("RemoveDevice").onInterface(adapter_if).implementedAs([this](const sdbus::ObjectPath& which) {
    for (auto& each : devices_) {
      if (path_of(each.device) != which) continue;
      calls.push_back("RemoveDevice " + each.device.address);
      ++each.device.removals;
      drop(each.device);
      forget(each.device);
      if (discovering) later({}, [this] { show_all_advertising(); });
      return;
    }
    throw error("DoesNotExist");
  });
  object->finishRegistration();
  object->emitInterfacesAddedSignal();
  objects_[path] = std::move(object);
  pump_->kick();
}

void FakeBluez::show_all_advertising() {
  if (!discovering) return;
  for (auto& each : devices_) {
    if (each.device.advertises && !each.device.connected) show(each.device);
  }
}

void FakeBluez::show(Device& device) {
  const std::string path = path_of(device);
  if (!objects_.contains(path)) {
    auto object = sdbus::createObject(pump_->connection(), path);
    Device* d = &device;
    const auto property = [&](const char* name, auto getter) {
      object->registerProperty(name).onInterface(device_if).withGetter(getter);
    };
    property("Address", [d] { return d->address; });
    property("Name", [d] { return d->name; });
    property("Connected", [d] { return d->connected; });
    property("Paired", [d] { return d->paired; });
    property("ServicesResolved", [d] { return d->resolved; });
    property("UUIDs", [d] { return std::vector<std::string>{uuid(d->service)}; });
    object->registerMethod("Connect").onInterface(device_if).implementedAs(
        [this, d](sdbus::Result<>&& result) { on_connect(*d, std::move(result)); });
    object->registerMethod("Disconnect").onInterface(device_if).implementedAs([this, d](sdbus::Result<>&& result) {
      on_disconnect(*d, std::move(result));
    });
    object->registerMethod("Pair").onInterface(device_if).implementedAs([this, d](sdbus::Result<>&& result) {
      calls.push_back("Pair " + d->address);
      const auto reply = std::make_shared<sdbus::Result<>>(std::move(result));
      pair(*d, [this, reply](const std::string& refused) {
        if (refused.empty()) {
          reply->returnResults();
        } else {
          reply->returnError(error(refused, "Authentication Failed"));
        }
        pump_->kick();
      });
    });
    object->finishRegistration();
    object->emitInterfacesAddedSignal();
    objects_[path] = std::move(object);
  }
  changed(path, device_if, {{"RSSI", static_cast<std::int16_t>(-60)}});
}

void FakeBluez::on_connect(Device& device, sdbus::Result<>&& result) {
  calls.push_back("Connect " + device.address);
  was_discovering_at_connect = was_discovering_at_connect || discovering;
  const auto reply = std::make_shared<sdbus::Result<>>(std::move(result));
  const auto fail = [&](const sdbus::Error& why) {
    reply->returnError(why);
    pump_->kick();
  };
  if (device.connect_in_progress > 0) {
    --device.connect_in_progress;
    return fail(error("Failed", "Operation already in progress"));
  }
  if (!device.connect_error.empty()) return fail(error(device.connect_error, "le-connection-abort-by-local"));
  if (device.connect_hangs || !device.advertises) {
    hanging_.push_back(reply);
    return;
  }
  most_connecting_at_once = std::max(most_connecting_at_once, ++connecting_at_once);
  later({}, [this, d = &device, reply] {
    --connecting_at_once;
    d->connected = true;
    ++d->connects;
    if (d->tells_connected) changed(path_of(*d), device_if, {{"Connected", true}});
    reply->returnResults();
    pump_->kick();
    if (!d->resolves) return;
    later({}, [this, d] {
      if (!d->connected) return;
      export_gatt(*d);
      d->resolved = true;
      if (d->tells_resolved) changed(path_of(*d), device_if, {{"ServicesResolved", true}});
    });
  });
}

void FakeBluez::pair(Device& device, std::function<void(const std::string& error)> done) {
  const auto paired = [this, d = &device, done](const std::string& pin) {
    d->paired = pin == d->pin;
    if (!d->paired) return done("AuthenticationFailed");
    changed(path_of(*d), device_if, {{"Paired", true}});
    done("");
  };
  if (device.paired) return done("AlreadyExists");
  if (device.pin.empty() && !device.asks_leave) return paired("");
  if (!agent_) return done("AuthenticationFailed");
  const std::string asked = device.asks_leave       ? "RequestAuthorization"
                            : device.pin_is_passkey ? "RequestPasskey"
                                                    : "RequestPinCode";
  calls.push_back(asked + " " + device.address);
  auto call = agent_->createMethodCall("org.bluez.Agent1", asked);
  call << sdbus::ObjectPath(path_of(device));
  const bool is_number = device.pin_is_passkey, is_leave = device.asks_leave;
  agent_->callMethod(call, [=](sdbus::MethodReply& reply, const sdbus::Error* refused) {
    if (refused) return done("AuthenticationFailed");
    if (is_leave) return paired("");
    if (is_number) {
      std::uint32_t passkey = 0;
      reply >> passkey;
      char six_digits[16];
      std::snprintf(six_digits, sizeof six_digits, "%06u", passkey);
      return paired(six_digits);
    }
    std::string pin;
    reply >> pin;
    paired(pin);
  });
  pump_->kick();
}

void FakeBluez::on_disconnect(Device& device, sdbus::Result<>&& result) {
  calls.push_back("Disconnect " + device.address);
  const auto reply = std::make_shared<sdbus::Result<>>(std::move(result));
  later(device.disconnect_takes, [this, d = &device, reply] {
    ++d->disconnects;
    for (const auto& waiting : hanging_) waiting->returnError(error("Failed", "le-connection-abort-by-local"));
    hanging_.clear();
    drop(*d);
    reply->returnResults();
    pump_->kick();
  });
}

void FakeBluez::export_gatt(Device& device) {
  const std::string root = path_of(device) + "/service0001";
  if (objects_.contains(root)) return;  // stale, and used again
  auto service = sdbus::createObject(pump_->connection(), root);
  service->registerProperty("UUID").onInterface(service_if).withGetter([s = device.service] { return uuid(s); });
  service->finishRegistration();
  service->emitInterfacesAddedSignal();
  objects_[root] = std::move(service);
  int number = 0;
  for (const Characteristic& each : device.characteristics) {
    const std::string path = root + "/char000" + std::to_string(++number);
    auto object = sdbus::createObject(pump_->connection(), path);
    Device* d = &device;
    object->registerProperty("UUID").onInterface(characteristic_if).withGetter([each] { return uuid(each.uuid); });
    object->registerProperty("Flags").onInterface(characteristic_if).withGetter([each] { return each.flags; });
    object->registerProperty("MTU").onInterface(characteristic_if).withGetter([] { return std::uint16_t(23); });
    if (std::ranges::find(each.flags, "notify") != each.flags.end()) {
      object->registerProperty("Notifying").onInterface(characteristic_if).withGetter([this, d] {
        return placed(*d).notifying;
      });
      if (device.offers_acquire) {
        object->registerProperty("NotifyAcquired").onInterface(characteristic_if).withGetter([] { return false; });
      }
      object->registerMethod("AcquireNotify")
          .onInterface(characteristic_if)
          .implementedAs([this, d](sdbus::Result<sdbus::UnixFd, std::uint16_t>&& result, const Options&) {
            Placed& at = placed(*d);
            if (!d->notify_error.empty()) throw error(d->notify_error);
            if (!d->connected) throw error("Failed", "Not connected");
            if (is_shut(*d)) return;  // and is never heard of again
            int pair[2];
            if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
              throw error("Failed");
            if (at.notify_fd >= 0) ::close(at.notify_fd);
            at.notify_fd = pair[0];
            ++d->acquired;
            result.returnResults(sdbus::UnixFd(pair[1], sdbus::adopt_fd), std::uint16_t(23));
            pump_->kick();
          });
      object->registerMethod("StartNotify")
          .onInterface(characteristic_if)
          .implementedAs([this, d](sdbus::Result<>&& result) {
            if (!d->notify_error.empty()) throw error(d->notify_error);
            if (!d->connected) throw error("Failed", "Not connected");
            const auto reply = std::make_shared<sdbus::Result<>>(std::move(result));
            const auto answer = [this, d, reply](const std::string& refused) {
              placed(*d).notifying = refused.empty();
              if (refused.empty()) {
                reply->returnResults();
              } else {
                reply->returnError(error("NotPermitted", "Not paired"));
              }
              pump_->kick();
            };
            if (is_shut(*d)) return pair(*d, answer);  // the kernel does, by itself
            answer("");
          });
    }
    object->registerMethod("WriteValue")
        .onInterface(characteristic_if)
        .implementedAs([this, d](const Buffer& bytes, const Options& options) {
          if (!d->connected) throw error("Failed", "Not connected");
          if (d->write_in_progress > 0) {
            --d->write_in_progress;
            throw error("InProgress", "In Progress");
          }
          if (bytes.size() > 20) throw error("Failed", "Failed to initiate write");
          d->written.push_back(bytes);
          d->write_types.push_back(options.at("type").get<std::string>());
          for (const Buffer& chunk : d->answer(bytes)) notify(*d, chunk);
        });
    object->finishRegistration();
    object->emitInterfacesAddedSignal();
    objects_[path] = std::move(object);
  }
}

void FakeBluez::notify(Device& device, const Buffer& bytes) {
  Placed& at = placed(device);
  if (at.notify_fd >= 0) {
    static_cast<void>(!::write(at.notify_fd, bytes.data(), bytes.size()));
  } else if (at.notifying) {
    changed(path_of(device) + "/service0001/char0001", characteristic_if, {{"Value", bytes}});
  }
}

void FakeBluez::hold(Device& device, bool listens) {
  show(device);
  changed(path_of(device), device_if, {}, {"RSSI"});
  device.connected = device.resolved = true;
  placed(device).notifying = listens;
  export_gatt(device);
  changed(path_of(device), device_if, {{"Connected", true}, {"ServicesResolved", true}});
}

void FakeBluez::drop(Device& device, bool signal) {
  Placed& at = placed(device);
  if (at.notify_fd >= 0) ::close(std::exchange(at.notify_fd, -1));
  at.notifying = false;
  if (!device.connected) return;
  device.connected = device.resolved = false;
  if (signal) changed(path_of(device), device_if, {{"ServicesResolved", false}, {"Connected", false}});
  if (discovering) later({}, [this] { show_all_advertising(); });
}

void FakeBluez::advertise(Device& device, bool on) {
  device.advertises = on;
  if (on) show_all_advertising();
}

void FakeBluez::forget(Device& device) { remove_objects(path_of(device)); }

void FakeBluez::remove_objects(const std::string& root) {
  for (auto each = objects_.rbegin(); each != objects_.rend();) {
    if (each->first != root && !each->first.starts_with(root + "/")) {
      ++each;
      continue;
    }
    each->second->emitInterfacesRemovedSignal();
    each = std::make_reverse_iterator(objects_.erase(std::next(each).base()));
  }
  pump_->kick();
}

void FakeBluez::changed(const std::string& path, const std::string& interface,
                        std::map<std::string, sdbus::Variant> values, std::vector<std::string> gone) {
  const auto object = objects_.find(path);
  if (object == objects_.end()) return;
  auto signal = object->second->createSignal("org.freedesktop.DBus.Properties", "PropertiesChanged");
  signal << interface << values << gone;
  object->second->emitSignal(signal);
  pump_->kick();
}

void FakeBluez::later(std::chrono::milliseconds when, std::function<void()> what) {
  const auto timer = timers_.emplace(timers_.end(), io_, when);
  const std::weak_ptr<int> alive = life_;
  timer->async_wait([this, timer, alive, what = std::move(what)](boost::system::error_code cancelled) {
    if (cancelled || alive.expired()) return;
    timers_.erase(timer);
    what();
  });
}

}  // namespace cellwarden::test
