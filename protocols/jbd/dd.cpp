#include "protocols/jbd/dd.h"

#include <algorithm>
#include <cstdio>

#include "protocols/checksum.h"
#include "protocols/jbd/dd_tables.h"

namespace cellwarden::jbd {

namespace {

constexpr std::uint8_t start = 0xDD, end = 0x77, read_mark = 0xA5, write_mark = 0x5A;
constexpr std::size_t header = 4, trailer = 3;
constexpr std::uint16_t no_probe = 0x097F;
/// Longer than any reply: 95 parameters are 193 bytes.
constexpr std::size_t longest_data = 200;

std::uint16_t checksum(Bytes covered) { return static_cast<std::uint16_t>(0x10000 - sum16(covered)); }

Buffer request(Register reg, const Buffer& data) {
  Buffer frame{start, read_mark, static_cast<std::uint8_t>(reg), static_cast<std::uint8_t>(data.size())};
  frame.insert(frame.end(), data.begin(), data.end());
  const std::uint16_t sum = checksum(Bytes(frame).subspan(2));
  frame.insert(frame.end(), {static_cast<std::uint8_t>(sum >> 8), static_cast<std::uint8_t>(sum & 0xFF), end});
  return frame;
}

/// Requests and replies share their shape: the length is byte 3, the sum covers from byte 2.
FrameStep next_frame(Bytes received) {
  const auto at = static_cast<std::size_t>(std::ranges::find(received, start) - received.begin());
  if (at > 0) return {FrameStep::skip, at, FrameError::sync};
  if (received.size() < header) return {FrameStep::need_more};

  if (received[3] > longest_data) return {FrameStep::skip, 1, FrameError::length};
  const std::size_t size = header + received[3] + trailer;
  if (received.size() < size) return {FrameStep::need_more};
  if (received[size - 1] != end) return {FrameStep::skip, 1, FrameError::sync};
  if (u16_be(received, size - 3) != checksum(received.subspan(2, size - 5))) {
    return {FrameStep::skip, 1, FrameError::checksum};
  }
  return {FrameStep::frame, size};
}

std::string hex(unsigned value, int digits) {
  char text[16];
  std::snprintf(text, sizeof text, "%0*X", digits, value);
  return text;
}

double kelvin_tenths(std::uint16_t raw) { return (raw - 2731) * 0.1; }

std::vector<int> balancing_cells(Bytes data) {
  const unsigned long mask = u16_be(data, 12) | static_cast<unsigned long>(u16_be(data, 14)) << 16;
  std::vector<int> cells;
  for (int cell = 1; cell <= 32; ++cell) {
    if (mask >> (cell - 1) & 1) cells.push_back(cell);
  }
  return cells;
}

/// Newer boards: humidity, alarm bits, full, remaining again, balance current; shorter extensions end early.
void decode_extension(Bytes extension, double unit, Reading& into) {
  if (extension.size() >= 3) {
    const std::uint16_t bits = u16_be(extension, 1);
    into.warnings = alarms_of(bits, warning_bits);
    into.alarm_raw = *into.alarm_raw + " " + hex(bits, 4);
  }
  if (extension.size() >= 5 && u16_be(extension, 3) > 0) into.full_ah = u16_be(extension, 3) * unit;
  if (extension.size() >= 9) into.balance_current_a = u16_be(extension, 7) * 0.001;
}

}  // namespace

Buffer read_request(Register reg) { return request(reg, {}); }

Buffer parameters_request(std::uint16_t first, std::uint8_t count) {
  return request(Register::parameters,
                 {static_cast<std::uint8_t>(first >> 8), static_cast<std::uint8_t>(first & 0xFF), count});
}

FrameStep next_reply(Bytes received) { return next_frame(received); }

FrameStep next_request(Bytes received) {
  const FrameStep step = next_frame(received);
  if (step.kind != FrameStep::frame || received[1] == read_mark || received[1] == write_mark) return step;
  return {FrameStep::skip, 1, FrameError::sync};
}

Reply open_reply(Bytes frame) {
  const auto reg = frame[1] == read_mark ? std::nullopt : std::optional(frame[1]);
  return {reg, frame[2], frame.subspan(header, frame[3])};
}

Request open_request(Bytes frame) { return {frame[2], frame[1] == read_mark}; }

Result<BasicInfo> decode_basic_info(Bytes data) {
  if (data.size() < 23 || data.size() < 23 + 2U * data[22]) return FrameError::length;

  BasicInfo info;
  Reading& into = info.reading;
  const double unit = data[20] & 0x80 ? 0.1 : 0.01;
  into.pack_v = u16_be(data, 0) * 0.01;
  into.current_a = s16_be(data, 2) * unit;
  into.remaining_ah = u16_be(data, 4) * unit;
  into.full_ah = u16_be(data, 6) * unit;
  into.cycles = u16_be(data, 8);
  into.soc_pct = data[19];
  into.charge_on = data[20] & 0x01;
  into.discharge_on = data[20] & 0x02;
  into.balancing_cells = balancing_cells(data);
  into.balancing = !into.balancing_cells->empty();
  into.alarms = alarms_of(u16_be(data, 16), protection_bits);
  into.alarm_raw = hex(u16_be(data, 16), 4);
  for (std::size_t probe = 0; probe < data[22]; ++probe) {
    const auto raw = u16_be(data, 23 + 2 * probe);
    into.temps_c.push_back(raw == no_probe ? std::nullopt : std::optional(kelvin_tenths(raw)));
  }
  decode_extension(data.subspan(23 + 2U * data[22]), unit, into);
  into.power_w = *into.pack_v * *into.current_a;
  into.derived.emplace_back("power_w");

  info.cell_count = data[21];
  info.unit_x10 = data[20] & 0x80;
  info.identity.manufactured = date_of(u16_be(data, 10));
  info.identity.software = std::to_string(data[18] >> 4) + "." + std::to_string(data[18] & 0x0F);
  return info;
}

Result<std::vector<std::optional<double>>> decode_cells(Bytes data) {
  if (data.empty() || data.size() % 2 != 0) return FrameError::length;
  std::vector<std::optional<double>> cells;
  for (std::size_t at = 0; at < data.size(); at += 2) cells.push_back(u16_be(data, at) * 0.001);
  return cells;
}

std::string decode_text(Bytes data) {
  std::string text;
  for (const auto byte : data) {
    if (byte >= 0x20 && byte < 0x7F) text += static_cast<char>(byte);
  }
  return text;
}

Result<ErrorCounts> decode_error_counts(Bytes data) {
  if (data.size() < 22) return FrameError::length;
  const auto count = [&](std::size_t n) -> int { return u16_be(data, 2 * n); };
  ErrorCounts counts{count(0), count(1), count(2), count(3), count(4),  count(5),
                     count(6), count(7), count(8), count(9), count(10), {}};
  if (data.size() >= 24) counts.restarts = count(11);
  return counts;
}

Result<ConfigWords> decode_parameters(Bytes data) {
  if (data.size() < 3 || data.size() < 3 + 2U * data[2]) return FrameError::length;
  constexpr std::size_t words = 0x30;  // 0x10..0x3F; what follows is no register's twin
  const std::size_t first = u16_be(data, 0);
  ConfigWords config;
  for (std::size_t n = 0; n < data[2] && first + n < words; ++n)
    config[static_cast<std::uint8_t>(0x10 + first + n)] = u16_be(data, 3 + 2 * n);
  return config;
}

Result<std::uint16_t> decode_config(Bytes data) {
  if (data.size() != 2) return FrameError::length;
  return u16_be(data, 0);
}

Result<Identity> decode_config_text(std::uint8_t reg, Bytes data) {
  if (data.empty() || data.size() < 1U + data[0]) return FrameError::length;
  const std::string text = decode_text(data.subspan(1, data[0]));
  Identity identity;
  if (reg == 0xA1) identity.model = text;
  if (reg == 0xA2) identity.serial = text;
  return identity;
}

}  // namespace cellwarden::jbd
