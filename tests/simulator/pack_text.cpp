#include "tests/simulator/pack_text.h"

namespace simulator {

const std::string_view pack_keys =
    "path=FILE (needed), name=TEXT, protocol=jbd, chemistry=lfp|nmc|lto, cells=16, ah=100, soc=60 (%), seed=1, "
    "spread=1 (0: cells all alike), leak_cell=N with leak_ma=N, ahead_cell=N with ahead=0 (%), charging=1, "
    "current=20 (the charger's, A; 0: none), "
    "absorption_v=55.2, tail=2 (A), absorption_min=60, load=15 (mean, A), until=25 (%), cell_ovp=3.65, cell_uvp=2.5, "
    "pack_ovp=58.4, pack_uvp=40 (V), balancer=none|passive|active, balance_a=0.1";

namespace {

Chemistry chemistry_of(Keys& keys) {
  const std::string name = keys.text("chemistry", "lfp");
  if (name == "lfp") return Chemistry::lfp;
  if (name == "nmc") return Chemistry::nmc;
  if (name == "lto") return Chemistry::lto;
  keys.refuse("chemistry=" + name + " must be lfp, nmc or lto");
}

Balancer balancer_of(Keys& keys) {
  const std::string name = keys.text("balancer", "passive");
  if (name == "none") return Balancer::none;
  if (name == "passive") return Balancer::passive;
  if (name == "active") return Balancer::active;
  keys.refuse("balancer=" + name + " must be none, passive or active");
}

void read_voltages(Keys& keys, PackOptions& options) {
  const auto of_pack = [&](const std::string& key, double otherwise) {
    return keys.number(key, otherwise * options.cells, 0.5 * options.cells, 5.0 * options.cells) / options.cells;
  };
  // A limit that is moved takes its release with it.
  const auto moved = [](double& limit, double& release, double to) { release += to - limit, limit = to; };
  options.absorption_v_per_cell = of_pack("absorption_v", options.absorption_v_per_cell);
  moved(options.cell_ovp_v, options.cell_ovp_release_v, keys.number("cell_ovp", options.cell_ovp_v, 0.5, 5));
  moved(options.cell_uvp_v, options.cell_uvp_release_v, keys.number("cell_uvp", options.cell_uvp_v, 0.5, 5));
  moved(options.pack_ovp_v_per_cell, options.pack_ovp_release_v_per_cell,
        of_pack("pack_ovp", options.pack_ovp_v_per_cell));
  moved(options.pack_uvp_v_per_cell, options.pack_uvp_release_v_per_cell,
        of_pack("pack_uvp", options.pack_uvp_v_per_cell));
}

}  // namespace

PackOptions pack_options(Keys& keys, const std::string& default_name) {
  PackOptions options = usual(chemistry_of(keys));
  options.name = keys.text("name", default_name);
  options.cells = keys.whole("cells", options.cells, 1, 32);
  options.capacity_ah = keys.number("ah", options.capacity_ah, 1, 6000);
  options.soc_pct = keys.number("soc", options.soc_pct, 0, 100);
  options.spread = keys.number("spread", options.spread, 0, 10);
  options.charge_a = keys.number("current", options.charge_a, 0, 3000);
  options.load_a = keys.number("load", options.load_a, 0, 1900);
  options.starts_charging = keys.flag("charging", options.starts_charging);
  options.until_soc_pct = keys.number("until", options.until_soc_pct, -10, 100);
  options.tail_a = keys.number("tail", options.tail_a, 0, 3000);
  options.absorption_s = 60 * keys.number("absorption_min", options.absorption_s / 60, 0, 1440);
  options.balancer = balancer_of(keys);
  options.balance_a = keys.number("balance_a", options.balance_a, 0, 20);
  options.seed = static_cast<std::uint32_t>(keys.whole("seed", 1, 0, 2'000'000'000));
  const int leaking_cell = keys.whole("leak_cell", 1, 1, options.cells);
  options.leaks_a.resize(static_cast<std::size_t>(leaking_cell), 0.0);
  options.leaks_a.back() = keys.number("leak_ma", 0, 0, 10000) / 1000;
  options.ahead_cell = keys.whole("ahead_cell", options.ahead_cell, 0, options.cells);
  options.ahead_pct = keys.number("ahead", options.ahead_pct, 0, 20);
  read_voltages(keys, options);
  return options;
}

}  // namespace simulator
