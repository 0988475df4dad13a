#include "tests/simulator/pack_text.h"

namespace simulator {

const std::string_view pack_keys =
    "path=FILE (needed), name=TEXT, cells=16, ah=100, soc=60, current=20 (the charger's, A), load=15 (mean, A), "
    "charging=1, seed=1, protocol=jbd";

PackOptions pack_options(Keys& keys, const std::string& default_name) {
  PackOptions options;
  options.name = keys.text("name", default_name);
  options.cells = keys.whole("cells", options.cells, 1, 32);
  options.capacity_ah = keys.number("ah", options.capacity_ah, 1, 6000);
  options.soc_pct = keys.number("soc", options.soc_pct, 0, 100);
  options.charge_a = keys.number("current", options.charge_a, 0, 3000);
  options.load_a = keys.number("load", options.load_a, 0, 1900);
  options.starts_charging = keys.flag("charging", options.starts_charging);
  options.seed = static_cast<std::uint32_t>(keys.whole("seed", 1, 0, 2'000'000'000));
  return options;
}

}  // namespace simulator
