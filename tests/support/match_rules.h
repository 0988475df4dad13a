#pragma once
// What everybody has asked a message bus to be told.
#include <sdbus-c++/sdbus-c++.h>

#include <map>
#include <string>
#include <vector>

namespace cellwarden::test {

class MatchRules {
 public:
  /// As the bus counts them now.
  explicit MatchRules(std::unique_ptr<sdbus::IConnection> connection)
      : connection_(std::move(connection)),
        bus_(sdbus::createProxy(*connection_, "org.freedesktop.DBus", "/org/freedesktop/DBus")) {
    auto call = bus_->createMethodCall("org.freedesktop.DBus.Debug.Stats", "GetAllMatchRules");
    auto reply = bus_->callMethod(call);
    reply >> all_;
  }

  std::size_t count() const {
    std::size_t sum = 0;
    for (const auto& [who, rules] : all_) sum += rules.size();
    return sum;
  }
  /// Those of one process.
  std::size_t count_of(pid_t process) {
    std::size_t sum = 0;
    for (const auto& [who, rules] : all_) {
      if (process_of(who) == process) sum += rules.size();
    }
    return sum;
  }

 private:
  /// 0: gone meanwhile.
  pid_t process_of(const std::string& who) {
    auto call = bus_->createMethodCall("org.freedesktop.DBus", "GetConnectionUnixProcessID");
    call << who;
    try {
      std::uint32_t id = 0;
      auto reply = bus_->callMethod(call);
      reply >> id;
      return static_cast<pid_t>(id);
    } catch (const sdbus::Error&) {
      return 0;
    }
  }

  std::unique_ptr<sdbus::IConnection> connection_;
  std::unique_ptr<sdbus::IProxy> bus_;
  std::map<std::string, std::vector<std::string>> all_;
};

}  // namespace cellwarden::test
