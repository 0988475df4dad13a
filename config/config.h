#pragma once
// The owner's settings as values; every default stands here and is shown in cellwarden.toml. A PackConfig compares
// with ==, so a reload touches only the packs that changed.
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/alerts/alert_settings.h"
#include "daemon/analysis/pack_settings.h"
#include "daemon/banks/bank_settings.h"
#include "protocols/battery.h"

namespace cellwarden {

using Seconds = std::chrono::duration<double>;

struct MqttConfig {
  std::string broker = "mqtt://localhost:1883";  ///< mqtt:// or mqtts://
  std::string client_id;                         ///< empty: "<topic>-<hostname>"
  std::string username;
  std::filesystem::path password_file, ca_file;
  std::string topic = "cellwarden";
  int version = 5;  ///< 5 or 3 (3.1.1)
  Seconds publish_min{5}, publish_max{60}, insight_min{60};

  bool operator==(const MqttConfig&) const = default;
};

struct HomeAssistantConfig {
  enum class Discovery { device, single, off } discovery = Discovery::device;
  std::string prefix = "homeassistant";
  std::string birth_topic = "homeassistant/status", birth_payload = "online";
  bool operator==(const HomeAssistantConfig&) const = default;
};

/// serial:/dev/..., ble:ADDRESS or NAME, tcp:HOST:PORT (Modbus TCP), rtu+tcp:HOST:PORT (a gateway that passes bytes on
/// as they are), capture:FILE
struct LinkAddress {
  enum class Kind { serial, ble, tcp, rtu_tcp, capture } kind = Kind::serial;
  std::string path;  ///< a Bluetooth address is in upper case; HOST:PORT is "pi:502" or "[fe80::1]:502"
  std::string text() const;
  bool is_tcp() const { return kind == Kind::tcp || kind == Kind::rtu_tcp; }
  std::string host() const;  ///< of HOST:PORT, without brackets
  std::string port() const;
  auto operator<=>(const LinkAddress&) const = default;
};

struct ChargerConfig {
  std::optional<double> absorption_v, tail_current_a, current_a;
  std::optional<Seconds> absorption_time;
  bool operator==(const ChargerConfig&) const = default;
};
struct LoadConfig {
  std::optional<double> cutoff_v;
  bool operator==(const LoadConfig&) const = default;
};
struct BalancerConfig {
  std::optional<std::string> kind;  ///< active | passive
  std::optional<double> current_a, start_v, delta_v;
  bool operator==(const BalancerConfig&) const = default;
};

struct PackConfig {
  std::string id, name, protocol;
  LinkAddress link;
  int address = 0;
  unsigned baud = 0;  ///< 0: the protocol's default
  bool rs485 = false, invert_current = false;
  bool jk_trigger = false;                               ///< of jk-modbus: ask by writes that change nothing
  std::string adapter;                                   ///< of a ble: link; empty: the first
  enum class Mode { keep, per_poll } mode = Mode::keep;  ///< of a ble: link
  std::string pin, ble_password;                         ///< empty: none is used
  Seconds poll{2};
  std::optional<std::string> chemistry;  ///< lfp | nmc | lto
  std::optional<double> capacity_ah;
  ChargerConfig charger;
  LoadConfig load;
  Limits limits;  ///< override what the BMS says
  BalancerConfig balancer;
  PackSettings::Thresholds analysis;
  AlertSettings alerts;

  bool operator==(const PackConfig&) const = default;
};

struct BluetoothConfig {
  int max_links = 5;  ///< at one adapter
  enum class PowerCycle { alone, always, never } power_cycle = PowerCycle::alone;
  bool operator==(const BluetoothConfig&) const = default;
};

struct ServiceConfig {
  std::filesystem::path state_dir = "/var/lib/cellwarden";
  std::string log_level = "info";  ///< error | warn | info | debug
  int offline_after_polls = 3;     ///< without a good reading for that many polls (at least 5 s) a pack is offline
  std::vector<std::string> alert_command;  ///< program and arguments, run for each alert; empty: none
  Seconds alert_command_time{10};          ///< then it is killed
  bool operator==(const ServiceConfig&) const = default;
};

struct Config {
  std::optional<MqttConfig> mqtt;  ///< absent: the service runs without a broker
  HomeAssistantConfig home_assistant;
  std::vector<PackConfig> packs;
  std::vector<BankSettings> banks;
  BluetoothConfig bluetooth;
  ServiceConfig service;
};

/// One thing wrong in a config file: what, and what would be right.
struct ConfigFault {
  std::string file;
  unsigned line = 0, column = 0;
  std::string what;
  std::string text() const;  ///< "file:line:column: what"
};

/// Reads the file; every fault found in one go.
std::variant<Config, std::vector<ConfigFault>> read_config(const std::filesystem::path& file);
/// The same from text, named `file` in faults.
std::variant<Config, std::vector<ConfigFault>> parse_config(std::string_view text, const std::string& file);
/// "serial:/dev/ttyUSB0" -> LinkAddress; empty with `why` set when it is none.
std::optional<LinkAddress> parse_link(std::string_view text, std::string& why);
/// Why a protocol is not spoken on a link, and what would be right; empty when it is, or when there is no such
/// protocol.
std::string why_not_on(const LinkAddress& link, std::string_view protocol);

}  // namespace cellwarden
