#include "daemon/links/ble_bus.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/links/ble_pump.h"

namespace cellwarden::ble {

namespace asio = boost::asio;

namespace {

constexpr const char* bluetoothd = "org.bluez";
constexpr const char* properties_interface = "org.freedesktop.DBus.Properties";
constexpr const char* manager_interface = "org.freedesktop.DBus.ObjectManager";
constexpr const char* agent_interface = "org.bluez.Agent1";

using Variants = std::map<std::string, sdbus::Variant>;

template <class Number>
Value number(const sdbus::Variant& variant) {
  return static_cast<std::int64_t>(variant.get<Number>());
}

/// Empty: of a kind nobody here looks at.
std::optional<Value> value(const sdbus::Variant& variant) {
  const std::string type = variant.peekValueType();
  if (type == "b") return variant.get<bool>();
  if (type == "y") return number<std::uint8_t>(variant);
  if (type == "n") return number<std::int16_t>(variant);
  if (type == "q") return number<std::uint16_t>(variant);
  if (type == "i") return number<std::int32_t>(variant);
  if (type == "u") return number<std::uint32_t>(variant);
  if (type == "s") return variant.get<std::string>();
  if (type == "o") return static_cast<std::string>(variant.get<sdbus::ObjectPath>());
  if (type == "as") return variant.get<std::vector<std::string>>();
  if (type == "ay") return variant.get<Buffer>();
  if (type != "a{qv}") return std::nullopt;
  std::vector<std::uint16_t> companies;
  for (const auto& [company, data] : variant.get<std::map<std::uint16_t, sdbus::Variant>>()) {
    companies.push_back(company);
  }
  return companies;
}

Properties properties(const Variants& variants) {
  Properties all;
  for (const auto& [key, variant] : variants) {
    if (auto known = value(variant)) all.emplace(key, std::move(*known));
  }
  return all;
}

bool looked_at(const std::string& interface) {
  return interface == adapter_interface || interface == device_interface || interface == service_interface ||
         interface == characteristic_interface;
}

Interfaces interfaces(const std::map<std::string, Variants>& variants) {
  Interfaces all;
  for (const auto& [interface, values] : variants) {
    if (looked_at(interface)) all.emplace(interface, properties(values));
  }
  return all;
}

sdbus::Variant variant(const Value& from) {
  return std::visit(
      []<class T>(const T& given) {
        if constexpr (std::is_same_v<T, std::vector<std::uint16_t>>) {
          return sdbus::Variant();  // never sent
        } else {
          return sdbus::Variant(given);
        }
      },
      from);
}

struct Write {
  sdbus::Message& message;
  void operator()(const std::string& text) const { message << text; }
  void operator()(const ObjectPath& object) const { message << sdbus::ObjectPath(object.path); }
  void operator()(const Value& wrapped) const {
    if (const auto* bytes = std::get_if<Buffer>(&wrapped)) {
      message << *bytes;
    } else {
      message << variant(wrapped);
    }
  }
  void operator()(const Properties& options) const {
    Variants all;
    for (const auto& [key, option] : options) all.emplace(key, variant(option));
    message << all;
  }
};

/// What a call waits with; shared with the reply's handler, which may come after the waiting is over.
struct Waiting {
  Waiting(asio::any_io_executor executor, Duration limit) : over(executor, limit) {}
  asio::steady_timer over;
  bool ended = false;
  std::optional<BusError> error;
};

}  // namespace

struct Bus::Inside {
  std::shared_ptr<Pump> pump;
  BusListener* listener;
  std::unique_ptr<sdbus::IObject> agent;

  template <class Handler>
  void match(const std::string& rule, Handler handler) {
    auto careful = [this, handler](sdbus::Message& message) {
      try {
        if (listener) handler(*listener, message);
      } catch (const sdbus::Error&) {
        // A signal of another shape than BlueZ' own: nobody's news.
      }
    };
    pump->connection().addMatch(rule, careful, sdbus::floating_slot);
  }
  void subscribe();

  /// Reads a reply while the library works. Named before it is awaited with: g++ 12 destroys a lambda in there twice.
  using Take = std::function<void(sdbus::MethodReply&)>;
  Task<void> ask(Call call, Duration limit, Take take);
};

void Bus::Inside::subscribe() {
  const std::string from = std::string("type='signal',sender='") + bluetoothd + "',interface='";
  match(from + manager_interface + "'", [](BusListener& to, sdbus::Message& message) {
    sdbus::ObjectPath path;
    message >> path;
    if (message.getMemberName() == "InterfacesAdded") {
      std::map<std::string, Variants> all;
      message >> all;
      if (auto known = interfaces(all); !known.empty()) to.on_added(path, std::move(known));
    } else {
      std::vector<std::string> gone;
      message >> gone;
      to.on_removed(path, gone);
    }
  });
  match(from + properties_interface + "',member='PropertiesChanged'", [](BusListener& to, sdbus::Message& message) {
    std::string interface;
    message >> interface;
    if (!looked_at(interface)) return;
    Variants now;
    std::vector<std::string> gone;
    message >> now >> gone;
    to.on_changed(message.getPath(), interface, properties(now), gone);
  });
  match(std::string("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='") + bluetoothd + "'",
        [](BusListener& to, sdbus::Message& message) {
          std::string name, before, after;
          message >> name >> before >> after;
          to.on_daemon(!after.empty());
        });
}

Bus::Bus(asio::any_io_executor executor, const std::string& address, BusListener& listener)
    : inside_(std::make_shared<Inside>()) {
  try {
    inside_->pump =
        std::make_shared<Pump>(executor, address.empty() ? sdbus::createSystemBusConnection()
                                                         : sdbus::createSessionBusConnectionWithAddress(address));
    inside_->listener = &listener;
    inside_->subscribe();
  } catch (const sdbus::Error& error) {
    throw BusError(error.getName(), error.getMessage());
  }
  inside_->pump->start([inside = std::weak_ptr(inside_)] {
    if (const auto still = inside.lock(); still && still->listener) still->listener->on_closed();
  });
}

Bus::~Bus() {
  inside_->listener = nullptr;
  inside_->pump->stop();
}

Task<void> Bus::Inside::ask(Call call, Duration limit, Take take) {
  const auto held = pump;
  if (!held->is_open()) throw BusError("org.freedesktop.DBus.Error.Disconnected", "the bus is gone");
  const auto waiting = std::make_shared<Waiting>(held->executor(), limit);
  // Destroyed with this coroutine, and with it the pending call: outside of the library's work either way.
  std::unique_ptr<sdbus::IProxy> proxy;
  try {
    proxy = sdbus::createProxy(held->connection(), bluetoothd, call.path);
    auto message = proxy->createMethodCall(call.interface, call.method);
    for (const Argument& argument : call.arguments) std::visit(Write{message}, argument);
    auto ended = [waiting, take = std::move(take), executor = held->executor()](sdbus::MethodReply& reply,
                                                                                const sdbus::Error* error) {
      try {
        if (error) {
          waiting->error.emplace(error->getName(), error->getMessage());
        } else if (take) {
          take(reply);
        }
      } catch (const sdbus::Error& wrong) {
        waiting->error.emplace(wrong.getName(), wrong.getMessage());
      }
      waiting->ended = true;
      asio::post(executor, [waiting] { waiting->over.cancel(); });
    };
    proxy->callMethod(message, std::move(ended), limit + std::chrono::seconds(1));
  } catch (const sdbus::Error& error) {
    throw BusError(error.getName(), error.getMessage());
  }
  held->kick();
  boost::system::error_code woken;
  co_await waiting->over.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (waiting->error) throw *waiting->error;
  if (waiting->ended) co_return;
  if (woken) throw boost::system::system_error(woken);  // cancelled
  throw BusError(no_reply, "no answer to " + call.method);
}

Task<void> Bus::list(Duration limit) {
  const auto inside = inside_;
  Call call{"/", manager_interface, "GetManagedObjects"};
  Inside::Take take = [inside](sdbus::MethodReply& reply) {
    std::map<sdbus::ObjectPath, std::map<std::string, Variants>> all;
    reply >> all;
    Objects objects;
    for (const auto& [path, found] : all) {
      if (auto known = interfaces(found); !known.empty()) objects.emplace(path, std::move(known));
    }
    if (inside->listener) inside->listener->on_all(std::move(objects));
  };
  co_await inside->ask(std::move(call), limit, std::move(take));
}

Task<void> Bus::refresh(std::string path, std::string interface, Duration limit) {
  const auto inside = inside_;
  Call call{path, properties_interface, "GetAll"};
  call.arguments.emplace_back(interface);
  Inside::Take take = [inside, path, interface](sdbus::MethodReply& reply) {
    Variants all;
    reply >> all;
    if (inside->listener) inside->listener->on_changed(path, interface, properties(all), {});
  };
  co_await inside->ask(std::move(call), limit, std::move(take));
}

Task<void> Bus::call(Call call, Duration limit) {
  const auto inside = inside_;
  Inside::Take nothing;
  co_await inside->ask(std::move(call), limit, std::move(nothing));
}

Task<NotifySocket> Bus::acquire_notify(std::string characteristic, Duration limit) {
  const auto inside = inside_;
  Call call{characteristic, characteristic_interface, "AcquireNotify"};
  call.arguments.emplace_back(Properties{});
  const auto fd = std::make_shared<sdbus::UnixFd>();
  const auto mtu = std::make_shared<std::uint16_t>();
  Inside::Take take = [fd, mtu](sdbus::MethodReply& reply) { reply >> *fd >> *mtu; };
  co_await inside->ask(std::move(call), limit, std::move(take));
  co_return NotifySocket{fd->release(), *mtu};
}

void Bus::tell(const Call& call) {
  if (!inside_->pump->is_open()) return;
  try {
    const auto proxy = sdbus::createProxy(inside_->pump->connection(), bluetoothd, call.path);
    auto message = proxy->createMethodCall(call.interface, call.method);
    for (const Argument& argument : call.arguments) std::visit(Write{message}, argument);
    message.dontExpectReply();
    proxy->callMethod(message);
  } catch (const std::exception&) {
    // Whoever is gone needs not be told.
  }
  inside_->pump->kick();
}

void Bus::serve_agent(PinOf pin_of, IsOurs is_ours) {
  const auto ask = [pin_of = std::move(pin_of)](const sdbus::ObjectPath& device) {
    std::string pin = pin_of(device);
    if (pin.empty()) throw sdbus::Error("org.bluez.Error.Rejected", "no PIN is configured");
    return pin;
  };
  const auto passkey = [ask](const sdbus::ObjectPath& device) {
    try {
      return static_cast<std::uint32_t>(std::stoul(ask(device)));
    } catch (const std::logic_error&) {
      throw sdbus::Error("org.bluez.Error.Rejected", "the PIN is no number");
    }
  };
  inside_->agent.reset();
  auto agent = sdbus::createObject(inside_->pump->connection(), agent_path);
  const auto only_known = [ask](const sdbus::ObjectPath& device, const std::uint32_t&) { ask(device); };
  const auto only_ours = [is_ours = std::move(is_ours)](const sdbus::ObjectPath& device) {
    if (!is_ours(device)) throw sdbus::Error("org.bluez.Error.Rejected", "it is not connected by Cellwarden");
  };
  agent->registerMethod("Release").onInterface(agent_interface).implementedAs([] {});
  agent->registerMethod("Cancel").onInterface(agent_interface).implementedAs([] {});
  agent->registerMethod("RequestPinCode").onInterface(agent_interface).implementedAs(ask);
  agent->registerMethod("RequestPasskey").onInterface(agent_interface).implementedAs(passkey);
  agent->registerMethod("RequestConfirmation").onInterface(agent_interface).implementedAs(only_known);
  agent->registerMethod("RequestAuthorization").onInterface(agent_interface).implementedAs(only_ours);
  agent->finishRegistration();
  inside_->agent = std::move(agent);
}

}  // namespace cellwarden::ble
