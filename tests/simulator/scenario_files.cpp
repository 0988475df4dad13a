#include "tests/simulator/scenario_files.h"

#include <charconv>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/simulator/keys.h"

namespace simulator {

namespace {

using nlohmann::json;

void append(std::string& row, double value, int digits) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits).ptr;
  row.append(text, end).push_back(',');
}

std::ofstream open(const std::string& file) {
  std::ofstream out(file);
  if (!file.empty() && !out) throw BadOption("cannot write " + file);
  return out;
}

}  // namespace

CsvWriter::CsvWriter(std::ostream& out, std::size_t cells) : out_(out) {
  out_ << "t_s,pack_v,current_a,soc_pct,charge_on,discharge_on,balancing,temp_c";
  for (std::size_t n = 1; n <= cells; ++n) out_ << ",cell_" << n << "_v";
  out_ << '\n';
}

void CsvWriter::write(const ScenarioSample& sample) {
  row_.clear();
  append(row_, sample.t_s, sample.t_s == std::floor(sample.t_s) ? 0 : 3);
  append(row_, sample.pack_v, 2);
  append(row_, sample.current_a, 1);
  append(row_, sample.soc_pct, 0);
  append(row_, sample.charge_on, 0);
  append(row_, sample.discharge_on, 0);
  append(row_, sample.balancing != 0, 0);
  append(row_, sample.temp_c, 1);
  for (const double v : sample.cells_v) append(row_, v, 3);
  row_.back() = '\n';
  out_.write(row_.data(), static_cast<std::streamsize>(row_.size()));
}

std::string truth_of_pack(const ScenarioOptions& o) {
  json cells = json::array();
  for (const ScenarioCell& cell : o.cells) {
    cells.push_back({{"capacity_ah", cell.capacity_ah},
                     {"soc_pct", 100 * cell.soc},
                     {"r0_mohm", 1000 * cell.r0_ohm},
                     {"leak_pct_day", cell.leak_a * 24 / cell.capacity_ah * 100},
                     {"leak_from_day", cell.leak_from_s / 86400},
                     {"adc_mv", 1000 * cell.adc_v}});
    if (cell.torqued_s < 0) continue;
    cells.back()["torqued_mohm"] = 1000 * cell.torqued_ohm, cells.back()["torqued_day"] = cell.torqued_s / 86400;
  }
  const json pack = {{"chemistry", chemistry_names[static_cast<std::size_t>(o.chemistry)]},
                     {"capacity_ah", o.capacity_ah},
                     {"charger_v", o.charger.set_v},
                     {"charger_a", o.charger.current_a},
                     {"tail_a", o.charger.tail_a},
                     {"cell_ovp_v", o.bms.cell_ovp_v},
                     {"cell_uvp_v", o.bms.cell_uvp_v},
                     {"cutoff_v", o.load.cutoff_v},
                     {"seed", o.seed},
                     {"cells", cells}};
  json truth = {{"pack", pack}};
  if (o.charger.winter_until_s > 0)
    truth["pack"]["winter_days"] = {o.charger.winter_from_s / 86400, o.charger.winter_until_s / 86400};
  return truth.dump();
}

std::string truth_of_end(const PhaseEnd& end) {
  const bool charge = end.phase == Phase::charge;
  return json{{"t_s", end.t_s},
              {"cycle", end.cycle},
              {"phase", phase_names[static_cast<std::size_t>(end.phase)]},
              {"outcome", outcome_names[static_cast<std::size_t>(end.outcome)]},
              {charge ? "offset_top_ah" : "offset_bottom_ah", end.offset_ah},
              {"usable_ah", end.usable_ah},
              {charge ? "peak_cell" : "lowest_cell", end.peak_cell},
              {charge ? "peak_cell_v" : "lowest_cell_v", end.peak_v}}
      .dump();
}

std::string config_of_pack(const ScenarioOptions& o) {
  using Balancer = ScenarioBms::Balancer;
  const auto number = [](double value) { return json(value).dump(); };
  std::string text =
      "# What cellwarden-sim wrote beside a CSV: the settings of its pack.\n[[pack]]\nid = \"scenario\"\n";
  text += "protocol = \"jbd\"\nlink = \"serial:/dev/serial/by-id/none\"\n";
  text += "chemistry = \"" + std::string(chemistry_names[static_cast<std::size_t>(o.chemistry)]) + "\"\n";
  text += "capacity_ah = " + number(o.capacity_ah) + "\n";
  text += "charger = { absorption_v = " + number(o.charger.set_v) + ", tail_current_a = " + number(o.charger.tail_a) +
          ", absorption_time = \"" + std::to_string(static_cast<int>(o.charger.absorption_s)) +
          "s\", current_a = " + number(o.charger.current_a) + " }\n";
  text += "load = { cutoff_v = " + number(o.load.cutoff_v) + " }\n";
  text += "limits = { cell_ovp_v = " + number(o.bms.cell_ovp_v) +
          ", cell_ovp_release_v = " + number(o.bms.cell_ovp_release_v) + ", cell_uvp_v = " + number(o.bms.cell_uvp_v) +
          ", cell_uvp_release_v = " + number(o.bms.cell_uvp_release_v) + " }\n";
  if (o.bms.balancer == Balancer::none) return text;
  return text + "balancer = { kind = \"" + (o.bms.balancer == Balancer::active ? "active" : "passive") +
         "\", current_a = " + number(o.bms.balance_a) + ", start_v = " + number(o.bms.balance_start_v) +
         ", delta_v = " + number(o.bms.balance_delta_v) + " }\n";
}

void write_scenario(const ScenarioOptions& options, const ScenarioFiles& files) {
  std::ofstream csv = open(files.csv), truth = open(files.truth), config = open(files.config);
  CsvWriter rows(csv, options.cells.size());
  if (!files.config.empty()) config << config_of_pack(options);
  truth << truth_of_pack(options) << '\n';
  for (Scenario scenario(options); scenario.next();) {
    rows.write(scenario.sample());
    if (scenario.ended()) truth << truth_of_end(*scenario.ended()) << '\n';
  }
  csv.flush(), truth.flush(), config.flush();
  if (!csv || (!files.truth.empty() && !truth) || (!files.config.empty() && !config))
    throw BadOption("a file could not be written whole");
}

}  // namespace simulator
