#include "protocols/jbd/dd_tables.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace cellwarden::jbd {

std::vector<Alarm> alarms_of(std::uint32_t bits, std::span<const std::optional<Alarm>> table) {
  std::vector<Alarm> alarms;
  for (std::size_t bit = 0; bit < table.size(); ++bit) {
    if (!(bits >> bit & 1) || !table[bit]) continue;
    if (std::ranges::find(alarms, *table[bit]) == alarms.end()) alarms.push_back(*table[bit]);
  }
  return alarms;
}

namespace {

/// Puts one word where it belongs; those that are no limit are left alone.
void set_limit(std::uint8_t reg, std::uint16_t raw, double unit, Limits& into) {
  const double cell_v = raw * 0.001, pack_v = raw * 0.01, temp_c = (raw - 2731) * 0.1;
  // The discharge limit is stored negative; every magnitude here is positive.
  const double amps = std::abs(static_cast<std::int16_t>(raw)) * unit;
  switch (reg) {
    case 0x10:
      into.capacity_ah = raw * unit;
      break;
    case 0x12:
      into.soc_full_cell_v = cell_v;
      break;
    case 0x13:
      into.soc_empty_cell_v = cell_v;
      break;
    case 0x18:
      into.charge_otp_c = temp_c;
      break;
    case 0x1A:
      into.charge_utp_c = temp_c;
      break;
    case 0x1C:
      into.discharge_otp_c = temp_c;
      break;
    case 0x1E:
      into.discharge_utp_c = temp_c;
      break;
    case 0x20:
      into.pack_ovp_v = pack_v;
      break;
    case 0x21:
      into.pack_ovp_release_v = pack_v;
      break;
    case 0x22:
      into.pack_uvp_v = pack_v;
      break;
    case 0x23:
      into.pack_uvp_release_v = pack_v;
      break;
    case 0x24:
      into.cell_ovp_v = cell_v;
      break;
    case 0x25:
      into.cell_ovp_release_v = cell_v;
      break;
    case 0x26:
      into.cell_uvp_v = cell_v;
      break;
    case 0x27:
      into.cell_uvp_release_v = cell_v;
      break;
    case 0x28:
      into.charge_ocp_a = amps;
      break;
    case 0x29:
      into.discharge_ocp_a = amps;
      break;
    case 0x2A:
      into.balance_start_v = cell_v;
      break;
    case 0x2B:
      into.balance_delta_v = cell_v;
      break;
    case 0x2F:
      into.cell_count = raw;
      break;
    default:
      break;
  }
}

}  // namespace

std::optional<std::string> date_of(std::uint16_t raw) {
  const int year = 2000 + (raw >> 9), month = (raw >> 5) & 0x0F, day = raw & 0x1F;
  if (month < 1 || month > 12 || day < 1) return std::nullopt;
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
  return text;
}

Limits limits_of(const ConfigWords& config, bool unit_x10) {
  constexpr std::uint8_t function_bits = 0x2D;
  constexpr std::uint16_t x10 = 1 << 12;
  const auto bits = config.find(function_bits);
  if (bits != config.end() && bits->second & x10) unit_x10 = true;

  Limits limits;
  for (const auto& [reg, raw] : config) set_limit(reg, raw, unit_x10 ? 0.1 : 0.01, limits);
  return limits;
}

Identity identity_of(const ConfigWords& config) {
  constexpr std::uint8_t production_date = 0x15, serial_number = 0x16;
  Identity identity;
  if (const auto date = config.find(production_date); date != config.end())
    identity.manufactured = date_of(date->second);
  const auto serial = config.find(serial_number);
  if (serial != config.end() && serial->second != 0) identity.serial = std::to_string(serial->second);
  return identity;
}

}  // namespace cellwarden::jbd
