#include "config/config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "config/packs.h"
#include "config/reader.h"

namespace cellwarden {
namespace {

using namespace std::chrono_literals;

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return false;
  const int port = std::stoi(std::string(text));
  return port >= 1 && port <= 65535;
}

/// mqtt://HOST or mqtts://HOST, with a port or without; [...] around an IPv6 address.
bool is_broker(std::string_view url) {
  if (url.starts_with("mqtt://")) {
    url.remove_prefix(7);
  } else if (url.starts_with("mqtts://")) {
    url.remove_prefix(8);
  } else {
    return false;
  }
  if (url.find_first_of("/@ ?#") != std::string_view::npos) return false;
  const auto host_end = url.starts_with('[') ? url.find(']') : url.find(':');
  if (url.starts_with('[')) {
    if (host_end == std::string_view::npos || host_end < 2) return false;
    const auto rest = url.substr(host_end + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  return !url.substr(0, host_end).empty() && (host_end == std::string_view::npos || is_port(url.substr(host_end + 1)));
}

void read_topic(Section& section, std::string_view key, std::string& into) {
  std::string topic = into;
  if (!section.text(key, topic)) return;
  if (topic.empty() || topic.find_first_of("+#") != std::string::npos || topic.front() == '/' || topic.front() == '$' ||
      topic.back() == '/') {
    section.fault(key, "\"" + std::string(key) + "\" is \"" + topic +
                           "\", but must be a topic without +, # and $, with no / at either end");
    return;
  }
  into = topic;
}

void read_mqtt(const toml::table& table, Faults& faults, MqttConfig& into) {
  Section section(table, "[mqtt]", faults);
  if (section.text("broker", into.broker) && !is_broker(into.broker)) {
    section.fault("broker",
                  "\"broker\" is \"" + into.broker +
                      "\", but must be mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS; user and password have "
                      "keys of their own");
  }
  section.text("client_id", into.client_id);
  section.text("username", into.username);
  section.text("password_file", into.password_file);
  section.refuse("password",
                 "a password does not belong in this file; write it into a file of its own that only the "
                 "service can read, and name that file: password_file = \"/etc/cellwarden/mqtt-password\"");
  if (!into.password_file.empty() && into.username.empty()) {
    section.fault("password_file", "\"password_file\" needs \"username\" beside it");
  }
  section.text("ca_file", into.ca_file);
  if (!into.ca_file.empty() && into.broker.starts_with("mqtt://")) {
    section.fault("ca_file", "\"ca_file\" is for TLS, but \"broker\" is " + into.broker +
                                 "; write mqtts:// there or remove \"ca_file\"");
  }
  read_topic(section, "topic", into.topic);
  section.whole_choice("version", into.version, {5, 3});
  section.duration("publish_min", into.publish_min, 100ms, 1h);
  section.duration("publish_max", into.publish_max, 100ms, 24h);
  section.duration("insight_min", into.insight_min, 1s, 24h);
  if (into.publish_max < into.publish_min) {
    section.fault(section.has("publish_max") ? "publish_max" : "publish_min",
                  "\"publish_max\" (" + plain(into.publish_max.count()) + " s) is shorter than \"publish_min\" (" +
                      plain(into.publish_min.count()) + " s)");
  }
  section.finish();
}

void read_home_assistant(const toml::table& table, Faults& faults, HomeAssistantConfig& into) {
  using Discovery = HomeAssistantConfig::Discovery;
  Section section(table, "[home_assistant]", faults);
  std::string discovery;
  if (section.choice("discovery", discovery, {"device", "single", "off"})) {
    into.discovery = discovery == "device"   ? Discovery::device
                     : discovery == "single" ? Discovery::single
                                             : Discovery::off;
  }
  read_topic(section, "prefix", into.prefix);
  read_topic(section, "birth_topic", into.birth_topic);
  section.text("birth_payload", into.birth_payload);
  section.finish();
}

void read_bluetooth(const toml::table& table, Faults& faults, BluetoothConfig& into) {
  using PowerCycle = BluetoothConfig::PowerCycle;
  Section section(table, "[bluetooth]", faults);
  section.whole("max_links", into.max_links, {1, 20, "links"});
  std::string power_cycle;
  if (section.choice("power_cycle", power_cycle, {"alone", "always", "never"})) {
    into.power_cycle = power_cycle == "alone"    ? PowerCycle::alone
                       : power_cycle == "always" ? PowerCycle::always
                                                 : PowerCycle::never;
  }
  section.finish();
}

void read_service(const toml::table& table, Faults& faults, ServiceConfig& into) {
  Section section(table, "[service]", faults);
  if (section.text("state_dir", into.state_dir) && !into.state_dir.is_absolute()) {
    section.fault("state_dir", "\"state_dir\" is \"" + into.state_dir.string() +
                                   "\", but must be a whole path, such as \"/var/lib/cellwarden\"");
  }
  section.choice("log_level", into.log_level, {"error", "warn", "info", "debug"});
  if (section.texts("alert_command", into.alert_command) && !into.alert_command.empty() &&
      !into.alert_command.front().starts_with('/')) {
    section.fault("alert_command", "\"alert_command\" begins with \"" + into.alert_command.front() +
                                       "\", but must begin with the whole path of a program, such as "
                                       "[\"/usr/local/bin/on-alert\", \"--loud\"]");
  }
  section.duration("alert_command_time", into.alert_command_time, 100ms, 10min);
  section.whole("offline_after_polls", into.offline_after_polls, {1, 100, "polls"});
  section.finish();
}

Config read_all(const toml::table& root, Faults& faults) {
  Config config;
  Section section(root, "the file", faults);
  if (const auto* table = section.table("mqtt", "[mqtt]")) read_mqtt(*table, faults, config.mqtt.emplace());
  if (const auto* table = section.table("home_assistant", "[home_assistant]")) {
    read_home_assistant(*table, faults, config.home_assistant);
  }
  std::vector<WrittenPack> written;
  for (const auto* table : section.tables("pack", "[[pack]]")) written.push_back(read_pack(*table, faults));
  if (!section.has("pack")) {
    faults.add({{1, 1}, {1, 1}, nullptr}, "there is no [[pack]], so nothing to read; add one for each battery");
  }
  check_together(written, faults);
  std::vector<WrittenBank> banks;
  for (const auto* table : section.tables("bank", "[[bank]]")) banks.push_back(read_bank(*table, faults));
  check_banks(banks, written, faults);
  for (auto& one : banks) config.banks.push_back(std::move(one.bank));
  for (auto& one : written) config.packs.push_back(std::move(one.pack));
  if (const auto* table = section.table("bluetooth", "[bluetooth]")) read_bluetooth(*table, faults, config.bluetooth);
  if (const auto* table = section.table("service", "[service]")) read_service(*table, faults, config.service);
  section.finish();
  return config;
}

}  // namespace

std::string ConfigFault::text() const {
  if (line == 0) return file + ": " + what;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + what;
}

std::variant<Config, std::vector<ConfigFault>> parse_config(std::string_view text, const std::string& file) {
  Faults faults(file);
  try {
    const auto root = toml::parse(text, file);
    auto config = read_all(root, faults);
    if (faults.empty()) return config;
  } catch (const toml::parse_error& error) {
    faults.add(error.source(), "not TOML: " + std::string(error.description()));
  }
  return faults.take();
}

std::variant<Config, std::vector<ConfigFault>> read_config(const std::filesystem::path& file) {
  const auto fail = [&](std::string what) { return std::vector<ConfigFault>{{file.string(), 0, 0, std::move(what)}}; };
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return fail("is a directory; name the config file in it");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail("cannot be read: " + std::string(std::strerror(errno)));
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return fail("cannot be read to its end");
  return parse_config(text.str(), file.string());
}

}  // namespace cellwarden
