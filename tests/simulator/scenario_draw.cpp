#include "tests/simulator/scenario_draw.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "tests/simulator/keys.h"

namespace simulator {

namespace {

using What = ScenarioKind::What;

/// What a chemistry's owner sets, volts per cell.
struct Settings {
  double cv_low, cv_high, ovp, ovp_release, uvp, uvp_release, cutoff_low, cutoff_high, balance_start;
};
constexpr Settings settings(Chemistry chemistry) {
  switch (chemistry) {
    case Chemistry::nmc:
      return {4.08, 4.17, 4.25, 4.15, 2.8, 3.0, 2.9, 3.4, 4.00};
    case Chemistry::lto:
      return {2.62, 2.74, 2.85, 2.70, 1.7, 1.9, 1.8, 2.1, 2.50};
    default:
      return {3.40, 3.55, 3.65, 3.50, 2.5, 2.75, 2.6, 3.05, 3.40};
  }
}

class Draw {
 public:
  explicit Draw(std::uint32_t seed) : random_(seed) {}
  double between(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  double normal(double sigma) { return std::normal_distribution<double>(0, sigma)(random_); }
  template <std::size_t n>
  double one_of(const double (&values)[n]) {
    return values[std::uniform_int_distribution<std::size_t>(0, n - 1)(random_)];
  }
  bool coin() { return between(0, 1) < 0.5; }

 private:
  std::mt19937_64 random_;
};

/// Cells that are full together, then the one thing that is wrong.
void fill_cells(ScenarioOptions& o, int cells, double soc, double leak_pct_day, const ScenarioKind& kind, Draw& draw) {
  if (kind.cell < 1 || kind.cell > cells) throw BadOption("the pack has no cell " + std::to_string(kind.cell));
  const double level = draw.between(0.6, 1.6) * 0.06 / o.capacity_ah;
  for (int n = 1; n <= cells; ++n) {
    ScenarioCell cell;
    const bool wrong = n == kind.cell;
    cell.capacity_ah = o.capacity_ah * (1 + draw.normal(0.005));
    if (wrong && kind.what == What::weak) cell.capacity_ah *= 1 - kind.amount / 100;
    cell.r0_ohm = level * std::max(0.5, 1 + draw.normal(0.05));
    if (wrong && kind.what == What::resistance) cell.r0_ohm *= kind.amount;
    cell.r1_ohm = 0.4 * cell.r0_ohm;
    cell.soc = 1 - (1 - soc) * o.capacity_ah / cell.capacity_ah;
    double offset_pp = 0;
    if (wrong && kind.what == What::offset) offset_pp = kind.amount;
    if (kind.what == What::scatter) offset_pp = draw.between(-kind.amount, kind.amount);
    cell.soc += offset_pp / 100 * o.capacity_ah / cell.capacity_ah;
    double leak = std::abs(draw.normal(leak_pct_day));
    if (wrong && kind.what == What::leak) leak = kind.amount, cell.leak_from_s = kind.from_day * 86400;
    cell.leak_a = leak / 100 * o.capacity_ah / 24;
    cell.adc_v = draw.normal(0.0015);
    o.cells.push_back(cell);
  }
}

void draw_curve(ScenarioOptions& o, Draw& draw) {
  o.knees = {draw.between(0.7, 1.6), draw.between(0.7, 1.5), draw.normal(0.002)};
  o.hysteresis_v = o.chemistry == Chemistry::lfp ? draw.between(0.004, 0.010) : 0.002;
}

void set_limits(ScenarioOptions& o, int cells, double cv_v, double cutoff_v, double ovp_v) {
  const Settings usual = settings(o.chemistry);
  o.charger.set_v = std::round(cv_v * cells * 10) / 10;  // as a charger can be set
  o.load.cutoff_v = cutoff_v * cells;
  o.bms = {ovp_v, usual.ovp_release,   usual.uvp, usual.uvp_release, ScenarioBms::Balancer::none,
           0.1,   usual.balance_start, 0.015};
}

void live_a_year(ScenarioOptions& o) {
  constexpr double leak_pct_day = 0.08, loose = 2.5, dull_share = 0.15, winter_source_s = 2 * 3600;
  if (o.cells.size() < year_leaking_cell) throw BadOption("--kind year needs 7 cells or more");
  const double day_s = 86400 * o.days / 365;
  ScenarioCell &leaking = o.cells[year_leaking_cell - 1], &bar = o.cells[year_loose_cell - 1];
  leaking.leak_a = leak_pct_day / 100 * o.capacity_ah / 24, leaking.leak_from_s = 100 * day_s;
  bar.torqued_ohm = bar.r0_ohm, bar.torqued_s = 200 * day_s;
  bar.r0_ohm *= loose;
  o.charger.dull_share = dull_share;
  o.charger.winter_from_s = 275 * day_s, o.charger.winter_until_s = 335 * day_s;
  o.charger.winter_source_s = winter_source_s;
}

}  // namespace

ScenarioKind kind_from_text(const std::string& text) {
  static constexpr std::array names = {"balanced", "offset", "weak", "leak", "resistance", "scatter", "year"};
  const std::string name = text.substr(0, text.find('='));
  ScenarioKind kind;
  const auto found = std::ranges::find(names, name);
  kind.what = static_cast<What>(found - names.begin());
  std::vector<double> numbers;
  bool read = found != names.end();
  for (std::size_t from = name.size(); read && from < text.size();) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data() + from + 1, text.data() + text.size(), number);
    from = static_cast<std::size_t>(end - text.data());
    read = error == std::errc() && (from == text.size() || text[from] == ':');
    numbers.push_back(number);
  }
  const bool leaks = kind.what == What::leak;
  const std::size_t wanted = kind.what == What::balanced || kind.what == What::year ? 0
                             : kind.what == What::scatter                           ? 1
                                                                                    : 2;
  if (!read || (numbers.size() != wanted && !(leaks && numbers.size() == 3))) {
    throw BadOption("--kind " + text +
                    ": say balanced, offset=CELL:PP, weak=CELL:PCT, "
                    "leak=CELL:PCT_PER_DAY:FROM_DAY, resistance=CELL:FACTOR, scatter=PP or year");
  }
  if (wanted == 1) kind.amount = numbers[0];
  if (wanted == 2) kind.cell = static_cast<int>(numbers[0]), kind.amount = numbers[1];
  if (numbers.size() == 3) kind.from_day = numbers[2];
  return kind;
}

ScenarioOptions draw_from_grid(const ScenarioKind& kind, std::uint32_t seed, Chemistry chemistry) {
  Draw draw(seed);
  ScenarioOptions o;
  o.chemistry = chemistry;
  o.seed = seed;
  const Settings usual = settings(chemistry);
  const int cells = std::max(static_cast<int>(draw.one_of({4, 8, 16})), kind.cell);
  o.capacity_ah = draw.one_of({100, 200, 280});
  o.interval_s = draw.one_of({1, 2, 5, 10});
  o.noise_v = draw.one_of({0.001, 0.002, 0.003, 0.005});
  draw_curve(o, draw);
  const double c_rate = draw.one_of({0.1, 0.2, 0.3, 0.5});
  o.charger.current_a = c_rate * o.capacity_ah;
  o.charger.tail_a = draw.between(0.02, 0.05) * o.capacity_ah;
  o.charger.clouds = draw.coin();
  o.load.discharge_a = draw.between(0.1, 0.4) * o.capacity_ah;
  o.load.steps_most_a = draw.coin() ? draw.between(0.03, 0.10) * o.capacity_ah : 0;
  o.load.until_soc = draw.coin() ? -1 : draw.between(0.2, 0.5);
  const double ovp_v = usual.ovp - (draw.coin() ? 0.05 : 0);
  set_limits(o, cells, draw.between(usual.cv_low, usual.cv_high), draw.between(usual.cutoff_low, usual.cutoff_high),
             ovp_v);
  o.days = 3;
  fill_cells(o, cells, draw.between(0.2, 0.5), 0, kind, draw);
  return o;
}

ScenarioOptions draw_daily(const ScenarioKind& kind, std::uint32_t seed, const DailyPack& pack) {
  Draw draw(seed);
  ScenarioOptions o;
  o.chemistry = pack.chemistry;
  o.seed = seed;
  o.capacity_ah = pack.capacity_ah;
  o.interval_s = pack.interval_s;
  o.days = pack.days;
  o.daily = true;
  draw_curve(o, draw);
  o.charger.current_a = draw.between(0.15, 0.3) * o.capacity_ah;
  o.charger.tail_a = 0.03 * o.capacity_ah;
  o.charger.clouds = true;
  o.load.discharge_a = draw.between(0.1, 0.2) * o.capacity_ah;
  o.load.steps_most_a = 0.05 * o.capacity_ah;
  o.load.until_soc = draw.between(0.3, 0.6);
  const Settings usual = settings(pack.chemistry);
  set_limits(o, pack.cells, draw.between(usual.cv_low + 0.05, usual.cv_high), usual.cutoff_high, usual.ovp);
  fill_cells(o, pack.cells, o.load.until_soc, 0.002, kind, draw);
  if (kind.what == What::year) live_a_year(o);
  return o;
}

}  // namespace simulator
