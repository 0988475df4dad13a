#pragma once
// What Home Assistant may see of a pack: one table, a row per quantity. Both forms of discovery come from it.
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/analysis/insight.h"
#include "protocols/battery.h"
#include "protocols/link_counters.h"

namespace cellwarden {

struct Entity {
  std::string key;       ///< in the pack's device; final once released, like the names of the vocabulary
  std::string platform;  ///< sensor | binary_sensor | event
  std::string name, device_class, unit, state_class;
  bool diagnostic = false, enabled = true;
  std::optional<int> precision;
  std::string value;           ///< where it is in the JSON: "pack_v", "cells_v[0]"
  std::string when_null = {};  ///< what a null means in words; empty: unknown
  enum class Topic { state, insight } topic = Topic::state;
  std::vector<std::string> options = {};  ///< of an enum
  bool even_offline = false;              ///< true of a pack that is away, too
};

/// Keys of the entities a pack has shown to have: its shape. Survives a restart.
using Shape = std::set<std::string>;

/// Adds what `reading` knows to `shape`; cells and probes that the pack no longer counts leave it.
void learn(Shape& shape, const Reading& reading);

void learn(Shape& shape, const Energy& energy);
void learn(Shape& shape, const Insight& insight);
/// What a radio link counts; a pack on a wire has none of it, and one that came from the radio has it no longer.
void learn(Shape& shape, const std::optional<LinkCounters>& link);
/// A switch for each alert; `own`: the owner has set a threshold of his own.
void learn_alerts(Shape& shape, bool own);

/// What a table's row and the keys of lists have in common (insight_entities.cpp uses them too).
int number_in(std::string_view key, std::string_view before, std::string_view after);
void add_insight_entities(const Shape& shape, std::vector<Entity>& all);
void add_alert_entities(const Shape& shape, std::vector<Entity>& all);

/// The rows for a bank, in the table's order; a bank has no shape, for it is made here (bank_entities.cpp).
std::vector<Entity> bank_entities();

/// The rows for a pack of this shape, in the table's order. Empty for a pack never heard.
std::vector<Entity> entities_of(const Shape& shape);

}  // namespace cellwarden
