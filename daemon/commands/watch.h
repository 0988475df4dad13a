#pragma once
#include <optional>

#include "config/config.h"

namespace cellwarden {

/// `cellwarden watch`: a live table of the running service's packs, from the broker: redrawn on a terminal, plain lines
/// into a pipe, JSON lines with `json`; until SIGINT, SIGTERM or `seconds`. Exit codes: 0 ended, 3 no broker.
int watch(const MqttConfig& mqtt, bool json, std::optional<double> seconds);

}  // namespace cellwarden
