#include "daemon/replay/json_recording.h"

#include "protocols/battery_json.h"

namespace cellwarden {

bool JsonRecording::next(Reading& into) {
  for (std::string_view line; lines_.next(line);) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    try {
      const auto object = nlohmann::json::parse(line);
      into = reading_from_json(object);
      if (set_time(object.at("t_s").get<double>(), into)) {
        ++rows_;
        return true;
      }
    } catch (const nlohmann::json::exception&) {
      // no Reading: counted below
    }
    skip();
  }
  return false;
}

}  // namespace cellwarden
