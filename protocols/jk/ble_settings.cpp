#include "protocols/jk/ble_settings.h"

namespace cellwarden::jk {

namespace {

constexpr int first_with_discharge_utp = 19;

/// A limit of 0 is none.
std::optional<double> limit(Bytes frame, std::size_t at) {
  const auto raw = u32_le(frame, at);
  return raw > 0 ? std::optional(raw * 0.001) : std::nullopt;
}
double celsius(Bytes frame, std::size_t at) { return s32_le(frame, at) * 0.1; }

bool is_cell_mv(std::uint32_t mv) { return mv >= 500 && mv <= 5000; }
bool is_cell_v(float v) { return v >= 0.5F && v <= 5.0F; }

bool is_celsius(double c) { return c >= -60 && c <= 200; }

bool is_jk02(Bytes frame) {
  const auto uvp = u32_le(frame, 10), ovp = u32_le(frame, 18), cells = u32_le(frame, 114);
  return is_cell_mv(uvp) && is_cell_mv(ovp) && uvp < ovp && cells >= 1 && cells <= 32 &&
         is_celsius(celsius(frame, 82)) && is_celsius(celsius(frame, 90)) && is_celsius(celsius(frame, 98)) &&
         is_celsius(celsius(frame, 106));
}

bool is_jk04(Bytes frame) {
  const auto cells = u32_le(frame, 34);
  const float delta = f32_le(frame, 106), most_a = f32_le(frame, 110);
  return cells >= 1 && cells <= 24 && is_cell_v(f32_le(frame, 38)) && is_cell_v(f32_le(frame, 98)) && delta >= 0 &&
         delta <= 1 && most_a >= 0 && most_a <= 50;
}

Limits jk02_limits(Bytes frame, std::optional<int> generation) {
  Limits limits;
  limits.cell_uvp_v = limit(frame, 10);
  limits.cell_uvp_release_v = limit(frame, 14);
  limits.cell_ovp_v = limit(frame, 18);
  limits.cell_ovp_release_v = limit(frame, 22);
  limits.balance_delta_v = limit(frame, 26);
  limits.soc_full_cell_v = limit(frame, 30);
  limits.soc_empty_cell_v = limit(frame, 34);
  limits.charge_ocp_a = limit(frame, 50);
  limits.discharge_ocp_a = limit(frame, 62);
  limits.balance_current_max_a = limit(frame, 78);
  limits.charge_otp_c = celsius(frame, 82);
  limits.discharge_otp_c = celsius(frame, 90);
  limits.charge_utp_c = celsius(frame, 98);
  limits.mos_otp_c = celsius(frame, 106);
  limits.capacity_ah = limit(frame, 130);
  limits.balance_start_v = limit(frame, 138);
  if (generation.value_or(0) >= first_with_discharge_utp) limits.discharge_utp_c = static_cast<std::int8_t>(frame[296]);

  const auto cells = static_cast<int>(u32_le(frame, 114));
  limits.cell_count = cells;
  // JK asks for so much a cell; a charger is set to so much for all of them.
  if (const auto each = limit(frame, 38)) limits.requested_charge_v = *each * cells;
  if (const auto each = limit(frame, 42)) limits.requested_float_v = *each * cells;
  return limits;
}

Limits jk04_limits(Bytes frame) {
  Limits limits;
  limits.cell_count = static_cast<int>(u32_le(frame, 34));
  limits.balance_start_v = f32_le(frame, 98);
  limits.balance_delta_v = f32_le(frame, 106);
  limits.balance_current_max_a = f32_le(frame, 110);
  return limits;
}

}  // namespace

Result<Limits> decode_ble_settings(Bytes frame, std::optional<int> generation) {
  if (is_jk02(frame)) return jk02_limits(frame, generation);
  if (is_jk04(frame)) return jk04_limits(frame);
  return FrameError::range;
}

}  // namespace cellwarden::jk
