#include "protocols/daly/a5_poll.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "protocols/daly/fault_bits.h"
#include "protocols/plausible.h"

namespace cellwarden::daly {

namespace {

/// 0x91 and the list are a few hundred milliseconds apart.
constexpr double cell_tolerance_v = 0.02;
/// Below it a board may call a current either way.
constexpr double sure_current_a = 1;
constexpr double soc_jump_pct = 5, temp_jump_c = 10, remaining_jump_share = 0.05;
constexpr int cycle_jump = 1, balancing_bits = 48;

std::vector<int> cells_of(std::uint64_t bits, int count) {
  std::vector<int> cells;
  for (int cell = 1; cell <= count; ++cell) {
    if (bits >> (cell - 1) & 1) cells.push_back(cell);
  }
  return cells;
}

/// The eight bytes as they came.
std::string hex(const Faults& faults) {
  std::string text;
  char pair[4];
  for (int byte = 0; byte < 8; ++byte) {
    const unsigned value = byte == 7 ? faults.code : static_cast<unsigned>(faults.bits >> (8 * byte) & 0xFF);
    std::snprintf(pair, sizeof pair, "%02X", value & 0xFF);
    text += pair;
  }
  return text;
}

void put_faults(const Faults& faults, Reading& into) {
  FaultNames names = names_of(faults.bits);
  into.alarms = std::move(names.alarms);
  into.warnings = std::move(names.warnings);
  into.alarm_raw = hex(faults);
}

bool further(const std::optional<double>& before, const std::optional<double>& now, double step) {
  return before.has_value() != now.has_value() || (now && std::abs(*now - *before) > step);
}

/// What rarely changes has changed, or what moves slowly has moved far.
bool jumped(const Reading& before, const Reading& now) {
  if (before.cells_v.size() != now.cells_v.size() || before.temps_c.size() != now.temps_c.size()) return true;
  for (std::size_t i = 0; i < now.temps_c.size(); ++i) {
    if (further(before.temps_c[i], now.temps_c[i], temp_jump_c)) return true;
  }
  const double remaining_jump = 1 + remaining_jump_share * before.remaining_ah.value_or(0);
  return further(before.soc_pct, now.soc_pct, soc_jump_pct) ||
         further(before.remaining_ah, now.remaining_ah, remaining_jump) ||
         std::abs(before.cycles.value_or(0) - now.cycles.value_or(0)) > cycle_jump ||
         before.charge_on != now.charge_on || before.discharge_on != now.discharge_on || before.alarms != now.alarms ||
         before.warnings != now.warnings;
}

}  // namespace

bool is_of_a_poll(std::uint8_t command) {
  return std::ranges::find(poll_commands, static_cast<Command>(command)) != std::end(poll_commands);
}

void Poll::take_lists(bool patient) {
  if (!counts) return;
  if (!cells) cells = cell_list.data(frames_of_cells(counts->cells), patient);
  if (counts->temps == 0) temps.emplace();
  if (!temps) temps = temp_list.data(frames_of_temps(counts->temps), patient);
  if (cells) answered.insert(Command::cells);
  if (temps) answered.insert(Command::temps);
}

bool Poll::is_whole() const { return !is_asleep && std::ranges::includes(answered, asked) && counts && pack && cells; }

Reading reading_of(const Poll& poll) {
  Reading reading;
  if (poll.pack) {
    reading.pack_v = poll.pack->pack_v;
    reading.current_a = poll.pack->current_a;
    reading.soc_pct = poll.pack->soc_pct;
    reading.power_w = poll.pack->pack_v * poll.pack->current_a;
    reading.derived.emplace_back("power_w");
  }
  if (poll.counts) reading.cycles = poll.counts->cycles;
  if (poll.counts && poll.cells) reading.cells_v = decode_cells(*poll.cells, poll.counts->cells).value();
  if (poll.counts && poll.temps) reading.temps_c = decode_temps(*poll.temps, poll.counts->temps).value();
  if (poll.state) {
    reading.charge_on = poll.state->charge_on;
    reading.discharge_on = poll.state->discharge_on;
    reading.remaining_ah = poll.state->remaining_ah;
  }
  if (poll.balancing) {
    reading.balancing_cells = cells_of(*poll.balancing, poll.counts ? poll.counts->cells : balancing_bits);
    reading.balancing = !reading.balancing_cells->empty();
  }
  if (poll.faults) put_faults(*poll.faults, reading);
  return reading;
}

Reading part_of_reading(Poll poll) {
  if (poll.is_asleep) return {};
  poll.take_lists(true);
  Reading reading = reading_of(poll);
  if (poll.counts) return reading;
  if (const auto data = poll.cell_list.data_so_far()) {
    if (const auto count = cells_in(*data)) reading.cells_v = decode_cells(*data, *count).value();
  }
  if (const auto data = poll.temp_list.data_so_far()) {
    if (const auto count = temps_in(*data)) reading.temps_c = decode_temps(*data, *count).value();
  }
  return reading;
}

unsigned Scrutiny::contradictions(const Poll& poll, const Reading& reading) {
  unsigned found = 0;
  const Plausibility plausibility = check_plausible(reading);
  if (!plausibility.wrong.empty() || !plausibility.impossible_cells.empty()) found |= implausible;
  if (const auto cells = summarise(reading.cells_v); cells && poll.extremes) {
    if (std::abs(cells->cell_max_v - poll.extremes->max_v) > cell_tolerance_v ||
        std::abs(cells->cell_min_v - poll.extremes->min_v) > cell_tolerance_v)
      found |= cells_beside_extremes;
  }
  if (poll.state && poll.pack) {
    const double amps = poll.pack->current_a;
    if ((poll.state->flow == State::charging && amps < -sure_current_a) ||
        (poll.state->flow == State::discharging && amps > sure_current_a))
      found |= current_against_state;
  }
  return found;
}

bool Scrutiny::believes(const Poll& poll, const Reading& reading) {
  const unsigned found = contradictions(poll, reading);
  const bool unlike_before = jumps_ && last_ && jumped(*last_, reading);
  const bool said_twice = doubted_ && (found & ~doubted_for_) == 0 && !jumped(*doubted_, reading);
  if (((found & ~known_) != 0 || unlike_before) && !said_twice) {
    doubted_ = reading;
    doubted_for_ = found;
    return false;
  }
  known_ = found;
  last_ = reading;
  doubted_.reset();
  return true;
}

}  // namespace cellwarden::daly
