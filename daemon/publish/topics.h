#pragma once
// Every topic the daemon speaks on (design: 7. MQTT), and the ids Home Assistant knows its things by.
#include <string>
#include <string_view>

namespace cellwarden {

struct Topics {
  std::string base;  ///< [mqtt] topic

  std::string status() const { return base + "/status"; }
  std::string status(const std::string& pack) const { return base + "/" + pack + "/status"; }
  std::string state(const std::string& pack) const { return base + "/" + pack + "/state"; }
  std::string info(const std::string& pack) const { return base + "/" + pack + "/info"; }
  std::string insight(const std::string& pack) const { return base + "/" + pack + "/insight"; }
  std::string alerts(const std::string& pack) const { return base + "/" + pack + "/alerts"; }
  std::string event(const std::string& pack) const { return base + "/" + pack + "/event"; }
  std::string release(const std::string& pack) const { return base + "/" + pack + "/release"; }
};

/// Home Assistant's topic levels hold a-z 0-9 _ - only.
inline std::string sanitised(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool fits = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || low == '_' || low == '-';
    out += fits ? low : '_';
  }
  return out;
}

/// "<topic>_<id>": the first words of everything of a pack's in Home Assistant.
inline std::string object_of(const Topics& topics, const std::string& pack) {
  return sanitised(topics.base + "_" + pack);
}
/// The service itself; two underscores keep it apart from a pack named "service".
inline std::string service_object(const Topics& topics) { return sanitised(topics.base) + "__service"; }

}  // namespace cellwarden
