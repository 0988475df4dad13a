#include "protocols/jk/uart_tags.h"

#include <algorithm>
#include <cstdio>

#include "protocols/checksum.h"
#include "protocols/jk/jk_alarms.h"

namespace cellwarden::jk {

namespace {

constexpr std::uint8_t start = 0x4E, second = 0x57, end_mark = 0x68;
constexpr std::size_t header = 11, trailer = 9, end_mark_from_end = 5;
/// L of the read request, which is the shortest frame, and of more than 32 cells.
constexpr std::size_t shortest = 19, longest = 600;

constexpr std::uint8_t cells_tag = 0x79, first_fixed_tag = 0x80, last_tag = 0xC0, password_tag = 0xB2;
/// 0: no such tag.
// clang-format off
constexpr std::array<std::uint8_t, last_tag - first_fixed_tag + 1> value_sizes = {
    /*       0  1  2   3  4  5  6   7  8  9   A  B  C  D  E  F */
    /* 80 */ 2, 2, 2,  2, 2, 1, 1,  2, 0, 4,  2, 2, 2, 0, 2, 2,
    /* 90 */ 2, 2, 2,  2, 2, 2, 2,  2, 2, 2,  2, 2, 2, 1, 2, 2,
    /* A0 */ 2, 2, 2,  2, 2, 2, 2,  2, 2, 1,  4, 1, 1, 2, 1, 1,
    /* B0 */ 2, 1, 10, 1, 8, 4, 4, 15, 1, 4, 24, 1, 1, 1, 2, 2,
    /* C0 */ 1};
// clang-format on

/// The values of one frame, still raw, by tag.
class Tags {
 public:
  static Result<Tags> split(Bytes bytes);

  bool has(std::uint8_t tag) const { return !value(tag).empty(); }
  bool complete() const { return complete_; }
  Bytes value(std::uint8_t tag) const { return values_[tag - cells_tag]; }
  std::optional<unsigned> number(std::uint8_t tag) const;
  std::optional<double> scaled(std::uint8_t tag, double unit) const;
  /// A limit of 0 V, 0 A or 0 Ah is none.
  std::optional<double> limit(std::uint8_t tag, double unit) const;
  std::optional<double> celsius(std::uint8_t tag) const;

 private:
  std::array<Bytes, last_tag - cells_tag + 1> values_;
  bool complete_ = true;  ///< no unknown tag hides what follows it
};

Result<Tags> Tags::split(Bytes bytes) {
  Tags tags;
  while (!bytes.empty()) {
    const std::uint8_t tag = bytes[0];
    std::size_t size = 0;
    if (tag == cells_tag) {
      if (bytes.size() < 2) return FrameError::length;
      size = bytes[1] + 1U;
    } else if (tag >= first_fixed_tag && tag <= last_tag) {
      size = value_sizes[tag - first_fixed_tag];
    }
    if (size == 0) {
      tags.complete_ = false;
      return tags;
    }
    if (bytes.size() < 1 + size) return FrameError::length;
    if (tag != password_tag) tags.values_[tag - cells_tag] = bytes.subspan(1, size);
    bytes = bytes.subspan(1 + size);
  }
  return tags;
}

std::optional<unsigned> Tags::number(std::uint8_t tag) const {
  if (!has(tag)) return std::nullopt;
  unsigned all = 0;
  for (const auto byte : value(tag)) all = all << 8 | byte;
  return all;
}

std::optional<double> Tags::scaled(std::uint8_t tag, double unit) const {
  const auto raw = number(tag);
  return raw ? std::optional(*raw * unit) : std::nullopt;
}

std::optional<double> Tags::limit(std::uint8_t tag, double unit) const {
  const auto found = scaled(tag, unit);
  return found && *found > 0 ? found : std::nullopt;
}

std::optional<double> Tags::celsius(std::uint8_t tag) const {
  return has(tag) ? std::optional<double>(s16_be(value(tag), 0)) : std::nullopt;
}

/// Tags 80..82. What lies beyond the coding is no temperature: a probe that is not there.
std::optional<double> probe_c(const Tags& tags, std::uint8_t tag) {
  const auto raw = tags.number(tag);
  if (!raw || *raw > 140) return std::nullopt;
  return *raw > 100 ? 100.0 - *raw : *raw;
}

/// The coding of 84 is told by C0, which comes later: hidden behind an unknown tag, the current is unknown.
std::optional<double> current_a(const Tags& tags) {
  const unsigned raw = *tags.number(0x84);
  const auto version = tags.number(0xC0);
  if (!version && !tags.complete()) return std::nullopt;
  if (version.value_or(0) == 0) return (10000.0 - raw) * 0.01;
  if (*version != 1) return std::nullopt;
  const double magnitude = (raw & 0x7FFF) * 0.01;
  return raw & 0x8000 ? magnitude : 0.0 - magnitude;
}

Result<std::vector<std::optional<double>>> cells_v(const Tags& tags) {
  const Bytes value = tags.value(cells_tag).subspan(1);
  if (value.empty() || value.size() % 3 != 0) return FrameError::length;
  std::vector<std::optional<double>> cells;
  for (std::size_t at = 0; at < value.size(); at += 3) {
    if (value[at] != cells.size() + 1) return FrameError::range;
    cells.push_back(u16_be(value, at + 1) * 0.001);
  }
  if (tags.number(0x8A).value_or(static_cast<unsigned>(cells.size())) != cells.size()) return FrameError::range;
  return cells;
}

void set_state(const Tags& tags, Reading& into) {
  std::string words;
  const auto keep_raw = [&](unsigned word) {
    char text[16];
    std::snprintf(text, sizeof text, "%s%04X", words.empty() ? "" : " ", word);
    words += text;
  };
  if (const auto bits = tags.number(0x8B)) {
    set_alarms(*bits, uart_alarm_bits, into);
    keep_raw(*bits);
  }
  if (const auto status = tags.number(0x8C)) {
    into.charge_on = *status & 1;
    into.discharge_on = *status & 2;
    into.balancing = *status & 4;
    if (*status & 8 && into.alarms) into.alarms->push_back(Alarm::other);
    keep_raw(*status);
  }
  if (!words.empty()) into.alarm_raw = words;
}

Result<Reading> reading_of(const Tags& tags) {
  Reading reading;
  auto cells = cells_v(tags);
  if (!cells) return cells.error();
  reading.cells_v = std::move(*cells);
  reading.pack_v = tags.scaled(0x83, 0.01);
  reading.soc_pct = tags.number(0x85);
  if (const auto cycles = tags.number(0x87)) reading.cycles = static_cast<int>(*cycles);
  reading.mos_temp_c = probe_c(tags, 0x80);
  if (tags.has(0x81) || tags.has(0x82)) reading.temps_c = {probe_c(tags, 0x81), probe_c(tags, 0x82)};
  set_state(tags, reading);

  reading.current_a = current_a(tags);
  if (reading.current_a) {
    reading.power_w = *reading.pack_v * *reading.current_a;
    reading.derived.emplace_back("power_w");
  }
  reading.full_ah = tags.limit(0xB9, 1);
  if (const auto capacity_ah = reading.full_ah ? reading.full_ah : tags.limit(0xAA, 1)) {
    reading.remaining_ah = *reading.soc_pct * 0.01 * *capacity_ah;
    reading.derived.emplace_back("remaining_ah");
  }
  return reading;
}

Limits limits_of(const Tags& tags) {
  Limits limits;
  limits.pack_ovp_v = tags.limit(0x8E, 0.01);
  limits.pack_uvp_v = tags.limit(0x8F, 0.01);
  limits.cell_ovp_v = tags.limit(0x90, 0.001);
  limits.cell_ovp_release_v = tags.limit(0x91, 0.001);
  limits.cell_uvp_v = tags.limit(0x93, 0.001);
  limits.cell_uvp_release_v = tags.limit(0x94, 0.001);
  limits.discharge_ocp_a = tags.limit(0x97, 1);
  limits.charge_ocp_a = tags.limit(0x99, 1);
  limits.balance_start_v = tags.limit(0x9B, 0.001);
  limits.balance_delta_v = tags.limit(0x9C, 0.001);
  limits.mos_otp_c = tags.celsius(0x9E);
  limits.charge_otp_c = tags.celsius(0xA3);
  limits.discharge_otp_c = tags.celsius(0xA4);
  limits.charge_utp_c = tags.celsius(0xA5);
  limits.discharge_utp_c = tags.celsius(0xA7);
  if (const auto cells = tags.number(0xA9); cells && *cells > 0) limits.cell_count = static_cast<int>(*cells);
  limits.capacity_ah = tags.limit(0xAA, 1);
  const auto chemistry = tags.number(0xAF);
  if (chemistry == 0U) limits.chemistry = "lfp";
  if (chemistry == 2U) limits.chemistry = "lto";
  return limits;
}

std::string text_of(Bytes value) {
  std::string text;
  for (const auto byte : value) {
    if (byte >= 0x20 && byte < 0x7F) text += static_cast<char>(byte);
  }
  return text;
}

bool only_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

void set_versions(std::string text, Identity& into) {
  const auto without_padding = [](std::string part) {
    part.erase(part.find_last_not_of("_ ") + 1);
    return part.empty() ? std::nullopt : std::optional(part);
  };
  const auto split = text.find("_S");
  if (split != std::string::npos) {
    into.hardware = without_padding(text.substr(0, split));
    text.erase(0, split + 2);
  }
  into.software = without_padding(text);
}

Identity identity_of(const Tags& tags) {
  Identity identity;
  if (tags.has(0xB7)) set_versions(text_of(tags.value(0xB7)), identity);
  if (tags.has(0xBA)) {
    const std::string text = text_of(tags.value(0xBA).last(12));
    if (text.starts_with("JK")) identity.model = text;
    if (only_digits(text)) identity.serial = text;
  }
  const std::string date = text_of(tags.value(0xB5));
  if (date.size() == 4 && only_digits(date)) {
    const std::string month = date.substr(2);
    if (month >= "01" && month <= "12") identity.manufactured = "20" + date.substr(0, 2) + "-" + month;
  }
  return identity;
}

}  // namespace

Buffer uart_read_all() {
  return {start, second, 0x00, 0x13, 0, 0, 0, 0, 0x06, 0x03, 0x00, 0, 0, 0, 0, 0, end_mark, 0, 0, 0x01, 0x29};
}

FrameStep next_uart_frame(Bytes received) {
  const auto at = static_cast<std::size_t>(std::ranges::find(received, start) - received.begin());
  if (at > 0) return {FrameStep::skip, at, FrameError::sync};
  if (received.size() < 2) return {FrameStep::need_more};
  if (received[1] != second) return {FrameStep::skip, 1, FrameError::sync};
  if (received.size() < 4) return {FrameStep::need_more};

  const std::size_t length = u16_be(received, 2), size = length + 2;
  if (length < shortest || length > longest) return {FrameStep::skip, 1, FrameError::length};
  if (received.size() < size) return {FrameStep::need_more};
  if (received[size - end_mark_from_end] != end_mark) return {FrameStep::skip, 1, FrameError::sync};
  if (u16_be(received, size - 2) != sum16(received.first(size - 2))) return {FrameStep::skip, 1, FrameError::checksum};
  return {FrameStep::frame, size};
}

UartFrame open_uart_frame(Bytes frame) { return {frame[10], frame.subspan(header, frame.size() - header - trailer)}; }

Result<UartReport> decode_uart_tags(Bytes tags) {
  const auto split = Tags::split(tags);
  if (!split) return split.error();
  UartReport report;
  if (split->has(cells_tag) && split->has(0x83) && split->has(0x84) && split->has(0x85)) {
    auto reading = reading_of(*split);
    if (!reading) return reading.error();
    report.reading = std::move(*reading);
  }
  report.limits = limits_of(*split);
  report.identity = identity_of(*split);
  return report;
}

}  // namespace cellwarden::jk
