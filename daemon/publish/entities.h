#pragma once
// What Home Assistant may see of a pack: one table, a row per quantity. Both forms of discovery come from it.
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/battery.h"

namespace cellwarden {

struct Entity {
  std::string key;       ///< in the pack's device; final once released, like the names of the vocabulary
  std::string platform;  ///< sensor | binary_sensor | event
  std::string name, device_class, unit, state_class;
  bool diagnostic = false, enabled = true;
  std::optional<int> precision;
  std::string value;  ///< where it is in the state JSON: "pack_v", "cells_v[0]"
};

/// Keys of the entities a pack has shown to have: its shape. Survives a restart.
using Shape = std::set<std::string>;

/// Adds what `reading` knows to `shape`; cells and probes that the pack no longer counts leave it.
void learn(Shape& shape, const Reading& reading);

void learn(Shape& shape, const Energy& energy);

/// The rows for a pack of this shape, in the table's order. Empty for a pack never heard.
std::vector<Entity> entities_of(const Shape& shape);

}  // namespace cellwarden
