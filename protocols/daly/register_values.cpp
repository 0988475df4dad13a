#include "protocols/daly/register_values.h"

#include <algorithm>
#include <cmath>

#include "protocols/daly/a5_settings.h"

namespace cellwarden::daly {

namespace {

constexpr int zero_celsius = 40, no_register = 0xFFFF, no_sensor = 0x00FF;
constexpr double highest_cell_v = 5.0, highest_pack_v = 300;

bool contradict(const std::optional<double>& high, const std::optional<double>& low, double highest) {
  return high.value_or(0) > highest || low.value_or(0) > highest || (high && low && *low >= *high);
}

}  // namespace

bool is_blank(Bytes data) {
  return std::ranges::all_of(data, [](std::uint8_t byte) { return byte == 0xFF; });
}

std::optional<int> known(const Registers& registers, std::size_t reg) {
  if (!registers.hold(reg) || registers[reg] == no_register) return std::nullopt;
  return registers[reg];
}

std::optional<double> above_zero(const Registers& registers, std::size_t reg, double unit) {
  const auto raw = known(registers, reg);
  return raw && *raw > 0 ? std::optional(*raw * unit) : std::nullopt;
}

std::optional<bool> flag(const Registers& registers, std::size_t reg) {
  const auto raw = known(registers, reg);
  return raw && *raw <= 1 ? std::optional(*raw == 1) : std::nullopt;
}

std::optional<double> celsius(const Registers& registers, std::size_t reg, int raw_of_none) {
  const auto raw = known(registers, reg);
  return raw && *raw != no_sensor && *raw != raw_of_none ? std::optional<double>(*raw - zero_celsius) : std::nullopt;
}

std::optional<double> magnitude_a(const Registers& registers, std::size_t reg) {
  const auto raw = known(registers, reg);
  if (!raw || *raw == 0 || *raw == zero_current) return std::nullopt;
  return std::abs(*raw - zero_current) * 0.1;
}

std::optional<std::string> text(const Registers& registers, std::size_t reg, std::size_t count) {
  if (!registers.hold(reg, count) || is_blank(registers.bytes(reg, count))) return std::nullopt;
  return decode_text(registers.bytes(reg, count));
}

bool contradict_each_other(const Limits& limits) {
  return contradict(limits.cell_ovp_v, limits.cell_uvp_v, highest_cell_v) ||
         contradict(limits.pack_ovp_v, limits.pack_uvp_v, highest_pack_v);
}

}  // namespace cellwarden::daly
