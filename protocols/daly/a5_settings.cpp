#include "protocols/daly/a5_settings.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace cellwarden::daly {

namespace {

constexpr int zero_current = 30000;
constexpr double highest_cell_v = 5.0, highest_pack_v = 300, highest_capacity_ah = 10000;

/// High L1, L2, low L1, L2: the levels that cut, where they can be a battery's.
struct Cut {
  double high, low;
};
Result<Cut> cuts(Bytes payload, double unit, double highest) {
  const Cut cut{u16_be(payload, 2) * unit, u16_be(payload, 6) * unit};
  if (cut.high > highest || cut.low >= cut.high) return FrameError::range;
  return cut;
}

}  // namespace

Result<Limits> decode_capacity(Bytes payload) {
  const double ah = u32_be(payload, 0) * 0.001;
  if (ah > highest_capacity_ah) return FrameError::range;
  Limits limits;
  if (ah > 0) limits.capacity_ah = ah;
  return limits;
}

Result<Limits> decode_cell_limits(Bytes payload) {
  const auto cut = cuts(payload, 0.001, highest_cell_v);
  if (!cut) return cut.error();
  Limits limits;
  limits.cell_ovp_v = cut->high;
  limits.cell_uvp_v = cut->low;
  return limits;
}

Result<Limits> decode_pack_limits(Bytes payload) {
  const auto cut = cuts(payload, 0.1, highest_pack_v);
  if (!cut) return cut.error();
  Limits limits;
  limits.pack_ovp_v = cut->high;
  limits.pack_uvp_v = cut->low;
  return limits;
}

Result<Limits> decode_current_limits(Bytes payload) {
  const std::array<int, 2> acting = {u16_be(payload, 2) - zero_current, u16_be(payload, 6) - zero_current};
  // Sources disagree which pair is which; the signs tell, unless both are alike.
  if ((acting[0] < 0) == (acting[1] < 0)) return FrameError::range;
  Limits limits;
  for (const int tenths : acting) {
    if (tenths < 0) limits.charge_ocp_a = -tenths * 0.1;
    if (tenths > 0) limits.discharge_ocp_a = tenths * 0.1;
  }
  return limits;
}

Result<Limits> decode_balance_limits(Bytes payload) {
  const double start_v = u16_be(payload, 0) * 0.001, delta_v = u16_be(payload, 2) * 0.001;
  if (start_v > highest_cell_v || delta_v > 1) return FrameError::range;
  Limits limits;
  if (start_v > 0) limits.balance_start_v = start_v;
  if (delta_v > 0) limits.balance_delta_v = delta_v;
  return limits;
}

Battery decode_battery(Bytes payload) {
  constexpr std::array<const char*, 3> chemistries = {"lfp", "nmc", "lto"};
  Battery battery;
  if (payload[1] < chemistries.size()) battery.chemistry = chemistries[payload[1]];
  const int year = payload[2], month = payload[3], day = payload[4];
  if (year > 0 && year < 100 && month >= 1 && month <= 12 && day >= 1 && day <= 31) {
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d", 2000 + year, month, day);
    battery.manufactured = text;
  }
  return battery;
}

std::optional<std::string> decode_text(Bytes data) {
  std::string text;
  for (const auto byte : data) {
    if (byte >= 0x20 && byte < 0x7F) text += static_cast<char>(byte);
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace cellwarden::daly
