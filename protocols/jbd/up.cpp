#include "protocols/jbd/up.h"

#include <algorithm>
#include <cstdio>

#include "protocols/checksum.h"
#include "protocols/jbd/dd.h"
#include "protocols/jbd/dd_tables.h"
#include "protocols/jbd/up_tables.h"

namespace cellwarden::jbd::up {

namespace {

constexpr std::size_t header = 8, crc_size = 2, serial_length = 30;
/// A write's data begin with a key; the own status counts its end in words.
constexpr std::size_t key_length = 4;
constexpr std::size_t most_cells = 32, most_temps = 8;
constexpr double highest_soc_pct = 110;

bool is_unit(std::uint8_t byte) { return byte >= 1 && byte <= most_units; }

bool is_function(std::uint8_t byte) {
  return byte == static_cast<std::uint8_t>(Function::own_status) || byte == static_cast<std::uint8_t>(Function::read) ||
         byte == static_cast<std::uint8_t>(Function::write);
}

/// The most data that a frame of this block can hold.
std::size_t room(const Block& block) {
  if (block.end < block.start) return 0;
  const std::size_t span = block.end - block.start;
  return block.function == Function::own_status ? 2 * span : span + key_length;
}

std::string text(Bytes data) {
  std::string words = decode_text(data.first(static_cast<std::size_t>(std::ranges::find(data, 0) - data.begin())));
  words.erase(words.find_last_not_of(' ') + 1);
  return words;
}
std::optional<std::string> some(std::string words) {
  return words.empty() ? std::nullopt : std::optional(std::move(words));
}

std::optional<std::string> date(Bytes data, std::size_t at) {
  const int year = u16_be(data, at), month = u16_be(data, at + 2), day = u16_be(data, at + 4);
  if (year < 2000 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  char written[32];
  std::snprintf(written, sizeof written, "%04d-%02d-%02d", year, month, day);
  return written;
}

/// 0 would be -50 C.
std::optional<double> celsius(std::uint16_t raw) {
  return raw == 0 || raw == 0xFFFF ? std::nullopt : std::optional((raw - 500) * 0.1);
}
std::optional<double> above_zero(std::uint16_t raw, double unit) {
  return raw > 0 ? std::optional(raw * unit) : std::nullopt;
}
std::optional<double> health(std::uint16_t raw) { return raw <= 100 ? std::optional<double>(raw) : std::nullopt; }

std::vector<std::optional<double>> cells(Bytes data, std::size_t at, std::size_t count) {
  std::vector<std::optional<double>> all;
  for (std::size_t cell = 0; cell < count; ++cell) all.emplace_back(u16_be(data, at + 2 * cell) * 0.001);
  return all;
}

void put_balancing(std::uint16_t bits, Reading& into) {
  const std::size_t count = into.cells_v.size();
  if (count > 16 || bits >> count != 0) return;
  into.balancing = bits != 0;
  into.balancing_cells.emplace();
  for (std::size_t cell = 0; cell < count; ++cell) {
    if (bits >> cell & 1) into.balancing_cells->push_back(static_cast<int>(cell) + 1);
  }
}

void put_alarms(std::uint32_t faults, std::uint32_t alarms, Reading& into) {
  into.alarms = alarms_of(faults, fault_bits);
  into.warnings = alarms_of(alarms, alarm_bits);
  char words[32];
  std::snprintf(words, sizeof words, "%08X %08X", faults, alarms);
  into.alarm_raw = words;
}

/// What warns and what cuts. A limit that is crossed upwards lies above its warning and its release.
struct Threshold {
  std::uint16_t warns, cuts, releases;
  bool is_high() const { return cuts >= warns && cuts > releases; }
  bool is_low() const { return cuts <= warns && cuts < releases && cuts > 0; }
};
Threshold threshold(Bytes data, std::size_t at) {
  constexpr std::size_t triple = 6;
  return {u16_be(data, at), u16_be(data, at + triple), u16_be(data, at + triple + 2)};
}

void put_high(const Threshold& of, double unit, std::optional<double>& limit, std::optional<double>& release) {
  if (of.is_high()) limit = of.cuts * unit, release = of.releases * unit;
}
void put_low(const Threshold& of, double unit, std::optional<double>& limit, std::optional<double>& release) {
  if (of.is_low()) limit = of.cuts * unit, release = of.releases * unit;
}
std::optional<double> high_c(const Threshold& of) { return of.is_high() ? celsius(of.cuts) : std::nullopt; }
std::optional<double> low_c(const Threshold& of) { return of.is_low() ? celsius(of.cuts) : std::nullopt; }

/// Warning, first and second limit lie in this order.
std::optional<double> current_limit(Bytes data, std::size_t at) {
  const std::uint16_t warns = u16_be(data, at), first = u16_be(data, at + 6), second = u16_be(data, at + 14);
  return warns > 0 && warns <= first && first <= second ? std::optional(first * 0.1) : std::nullopt;
}

}  // namespace

Buffer read_request(int unit, const Block& block) {
  Buffer frame{static_cast<std::uint8_t>(unit), static_cast<std::uint8_t>(block.function)};
  for (const std::uint16_t word : {block.start, block.end, std::uint16_t{0}}) {
    frame.push_back(static_cast<std::uint8_t>(word >> 8));
    frame.push_back(static_cast<std::uint8_t>(word & 0xFF));
  }
  const std::uint16_t crc = crc16(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  return frame;
}

FrameStep next_frame(Bytes received) {
  const auto at = static_cast<std::size_t>(std::ranges::find_if(received, is_unit) - received.begin());
  if (at > 0) return {FrameStep::skip, at, FrameError::sync};
  if (received.size() > 1 && !is_function(received[1])) return {FrameStep::skip, 1, FrameError::sync};
  if (received.size() < header) return {FrameStep::need_more};

  const std::size_t length = u16_be(received, 6);
  if (length > room(open_frame(received).block)) return {FrameStep::skip, 1, FrameError::length};
  const std::size_t size = header + length + crc_size;
  if (size > Reassembler::capacity) return {FrameStep::skip, 1, FrameError::length};
  if (received.size() < size) return {FrameStep::need_more};
  if (u16_le(received, size - crc_size) != crc16(received.first(size - crc_size))) {
    return {FrameStep::skip, 1, FrameError::checksum};
  }
  return {FrameStep::frame, size};
}

Frame open_frame(Bytes frame) {
  const Block block{static_cast<Function>(frame[1]), u16_be(frame, 2), u16_be(frame, 4)};
  const std::size_t length = std::min<std::size_t>(u16_be(frame, 6), frame.size() - header);
  return {frame[0], block, frame.subspan(header, length)};
}

bool is_asleep(Bytes status) {
  constexpr std::size_t cell_count_at = 66;
  return status.size() > cell_count_at + 1 && (u16_be(status, 0) == 0 || u16_be(status, cell_count_at) == 0);
}

Result<Status> decode_status(Bytes data) {
  constexpr std::size_t cell_count_at = 66, cells_at = 68, behind = 6;
  if (data.size() < cells_at) return FrameError::length;
  const std::size_t cell_count = u16_be(data, cell_count_at), temps_at = cells_at + 2 * cell_count + 2;
  if (cell_count > most_cells) return FrameError::range;
  if (data.size() < temps_at) return FrameError::length;
  const std::size_t temp_count = u16_be(data, temps_at - 2), end = temps_at + 2 * temp_count;
  if (temp_count > most_temps) return FrameError::range;
  if (data.size() < end + behind + serial_length) return FrameError::length;

  Status status;
  Reading& reading = status.reading;
  reading.cells_v = cells(data, cells_at, cell_count);
  reading.pack_v = u16_be(data, 0) * 0.01;
  reading.current_a = (static_cast<double>(u32_be(data, 4)) - 300000) * 0.01;
  reading.power_w = *reading.pack_v * *reading.current_a;
  reading.derived.emplace_back("power_w");
  reading.soc_pct = u16_be(data, 8) * 0.01;
  if (*reading.soc_pct > highest_soc_pct) return FrameError::range;
  reading.remaining_ah = u16_be(data, 10) * 0.01;
  reading.full_ah = above_zero(u16_be(data, 12), 0.01);
  reading.mos_temp_c = celsius(u16_be(data, 16));
  reading.soh_pct = health(u16_be(data, 22));
  put_alarms(u32_be(data, 24), u32_be(data, 28), reading);
  reading.discharge_on = data[33] & 0x01;
  reading.charge_on = data[33] & 0x02;
  reading.cycles = u16_be(data, 36);
  for (std::size_t at = temps_at; at < end; at += 2) reading.temps_c.push_back(celsius(u16_be(data, at)));
  put_balancing(u16_be(data, end + 2), reading);

  status.limits.cell_count = static_cast<int>(cell_count);
  status.limits.capacity_ah = above_zero(u16_be(data, 14), 0.01);
  status.limits.requested_charge_v = above_zero(u16_be(data, 58), 0.1);
  status.identity.serial = some(text(data.subspan(end + behind, serial_length)));
  const int high = data[end + 4], low = data[end + 5];
  if (high > 0 || low > 0) {
    status.identity.software = high > 0 ? std::to_string(high) + "." + std::to_string(low) : std::to_string(low);
  }
  return status;
}

Result<Limits> decode_thresholds(Bytes data) {
  constexpr std::size_t voltages = 48, known_size = 208;
  if (data.size() < voltages) return FrameError::length;
  Limits limits;
  put_high(threshold(data, 0), 0.001, limits.cell_ovp_v, limits.cell_ovp_release_v);
  put_low(threshold(data, 12), 0.001, limits.cell_uvp_v, limits.cell_uvp_release_v);
  put_high(threshold(data, 24), 0.01, limits.pack_ovp_v, limits.pack_ovp_release_v);
  put_low(threshold(data, 36), 0.01, limits.pack_uvp_v, limits.pack_uvp_release_v);
  if (limits.cell_ovp_v && limits.cell_uvp_v && *limits.cell_ovp_v <= *limits.cell_uvp_v) return FrameError::range;
  if (limits.pack_ovp_v && limits.pack_uvp_v && *limits.pack_ovp_v <= *limits.pack_uvp_v) return FrameError::range;
  if (data.size() != known_size) return limits;
  limits.charge_ocp_a = current_limit(data, 48);
  limits.discharge_ocp_a = current_limit(data, 68);
  limits.charge_otp_c = high_c(threshold(data, 88));
  limits.charge_utp_c = low_c(threshold(data, 100));
  limits.discharge_otp_c = high_c(threshold(data, 112));
  limits.discharge_utp_c = low_c(threshold(data, 124));
  limits.mos_otp_c = high_c(threshold(data, 136));
  return limits;
}

Result<About> decode_identity(Bytes data) {
  constexpr std::size_t serial_at = 16, date_at = 46, product_at = 88, product_length = 32;
  if (data.size() < product_at) return FrameError::length;
  About about;
  about.identity.serial = some(text(data.subspan(serial_at, serial_length)));
  about.identity.manufactured = date(data, date_at);
  about.identity.model = some(text(data.subspan(product_at, std::min(product_length, data.size() - product_at))));
  about.limits.balance_start_v = above_zero(u16_be(data, 4), 0.001);
  about.limits.balance_delta_v = above_zero(u16_be(data, 6), 0.001);
  return about;
}

Result<Identity> decode_product(Bytes data) {
  constexpr std::size_t model_at = 12, model_length = 16;
  if (data.size() < model_at + model_length) return FrameError::length;
  Identity identity;
  identity.hardware = std::to_string(u16_be(data, 2));
  identity.software =
      std::to_string(u16_be(data, 4)) + "." + std::to_string(u16_be(data, 6)) + "." + std::to_string(u16_be(data, 8));
  identity.model = some(text(data.subspan(model_at, model_length)));
  return identity;
}

Result<Reading> decode_own_status(Bytes data) {
  constexpr std::size_t known_cells = 16, known_size = 116, temp_count_at = 106;
  if (data.size() < known_size) return FrameError::length;
  if (u16_be(data, 0) != known_cells) return FrameError::range;  // where all else lies is not known then
  const std::size_t temp_count = data[temp_count_at], temps_at = temp_count_at + 2;
  if (temp_count > (known_size - temps_at) / 2) return FrameError::range;

  Reading reading;
  reading.cells_v = cells(data, 2, known_cells);
  reading.pack_v = u16_be(data, 38) * 0.01;
  reading.full_ah = above_zero(u16_be(data, 48), 0.01);
  reading.remaining_ah = u16_be(data, 50) * 0.01;
  reading.cycles = u16_be(data, 52);
  reading.soc_pct = u16_be(data, 54);
  if (*reading.soc_pct > highest_soc_pct) return FrameError::range;
  reading.soh_pct = health(u16_be(data, 56));
  reading.discharge_on = data[63] & 0x01;
  reading.charge_on = data[63] & 0x02;
  for (std::size_t n = 0; n < temp_count; ++n) {
    const std::uint16_t raw = u16_be(data, temps_at + 2 * n);
    reading.temps_c.push_back(raw == 0 ? std::nullopt : std::optional((raw - 2731) * 0.1));
  }
  return reading;
}

}  // namespace cellwarden::jbd::up
