#include "protocols/daly/a5.h"

#include <algorithm>
#include <numeric>

namespace cellwarden::daly {

namespace {

constexpr std::uint8_t start = 0xA5, payload_size = 8;
constexpr std::size_t header = 4;
static_assert(frame_size == header + payload_size + 1);
constexpr int zero_current = 30000, zero_celsius = 40;
constexpr int most_cells = 48, most_temps = 21;
constexpr std::size_t cells_per_frame = 3;

std::uint8_t sum_of(Bytes covered) {
  return static_cast<std::uint8_t>(std::accumulate(covered.begin(), covered.end(), 0U));
}

bool is_no_sensor(std::uint8_t raw) { return raw == 0x00 || raw == 0xFF; }

}  // namespace

Buffer read_request(std::uint8_t host, Command command, std::uint8_t fill) {
  Buffer frame{start, host, static_cast<std::uint8_t>(command), payload_size};
  frame.resize(frame_size - 1, fill);
  frame.push_back(sum_of(frame));
  return frame;
}

FrameStep next_frame(Bytes received) {
  const auto at = static_cast<std::size_t>(std::ranges::find(received, start) - received.begin());
  if (at > 0) return {FrameStep::skip, at, FrameError::sync};
  if (received.size() < header) return {FrameStep::need_more};

  if (received[3] != payload_size) return {FrameStep::skip, 1, FrameError::length};
  if (received.size() < frame_size) return {FrameStep::need_more};
  if (received[frame_size - 1] != sum_of(received.first(frame_size - 1))) {
    return {FrameStep::skip, 1, FrameError::checksum};
  }
  return {FrameStep::frame, frame_size};
}

Frame open_frame(Bytes frame) { return {frame[1], frame[2], frame.subspan(header, payload_size)}; }

std::optional<int> board_of_host(std::uint8_t host) {
  if (host < first_host || host >= first_host + most_boards) return std::nullopt;
  return host - first_host + 1;
}

Result<PackValues> decode_pack(Bytes payload) {
  const int volts = u16_be(payload, 0), amps = u16_be(payload, 4), soc = u16_be(payload, 6);
  const bool asleep = volts == 0 || amps == 0;
  if (!asleep && soc > 1100) return FrameError::range;
  return PackValues{volts * 0.1, (zero_current - amps) * 0.1, soc * 0.1, asleep};
}

Result<CellExtremes> decode_cell_extremes(Bytes payload) {
  const int max_n = payload[2], min_n = payload[5];
  if (u16_be(payload, 0) < u16_be(payload, 3)) return FrameError::range;
  if (max_n < 1 || max_n > most_cells || min_n < 1 || min_n > most_cells) return FrameError::range;
  return CellExtremes{u16_be(payload, 0) * 0.001, u16_be(payload, 3) * 0.001};
}

Result<State> decode_state(Bytes payload) {
  if (payload[0] > 2 || payload[1] > 1 || payload[2] > 1) return FrameError::range;
  State state{static_cast<State::Flow>(payload[0]), payload[1] == 1, payload[2] == 1, std::nullopt};
  if (const auto mah = u32_be(payload, 4); mah > 0) state.remaining_ah = mah * 0.001;
  return state;
}

Result<Counts> decode_counts(Bytes payload) {
  if (payload[0] > most_cells || payload[1] > most_temps || payload[2] > 1 || payload[3] > 1) return FrameError::range;
  return Counts{payload[0], payload[1], u16_be(payload, 5)};
}

std::uint64_t decode_balancing(Bytes payload) {
  std::uint64_t bits = 0;
  for (std::size_t byte = 0; byte < 6; ++byte) bits |= static_cast<std::uint64_t>(payload[byte]) << (8 * byte);
  return bits;
}

Faults decode_faults(Bytes payload) {
  std::uint64_t bits = 0;
  for (std::size_t byte = 0; byte < 7; ++byte) bits |= static_cast<std::uint64_t>(payload[byte]) << (8 * byte);
  return {bits, payload[7]};
}

Result<Values> decode_cells(Bytes data, int count) {
  if (data.size() < 2 * static_cast<std::size_t>(count)) return FrameError::length;
  Values cells;
  for (std::size_t cell = 0; cell < static_cast<std::size_t>(count); ++cell) {
    cells.push_back(u16_be(data, 2 * cell) * 0.001);
  }
  return cells;
}

Result<Values> decode_temps(Bytes data, int count) {
  if (data.size() < static_cast<std::size_t>(count)) return FrameError::length;
  Values temps;
  for (const auto raw : data.first(static_cast<std::size_t>(count))) {
    temps.push_back(is_no_sensor(raw) ? std::nullopt : std::optional<double>(raw - zero_celsius));
  }
  return temps;
}

std::optional<int> cells_in(Bytes data) {
  std::size_t count = data.size() / 2;
  while (count > 0 && u16_be(data, 2 * (count - 1)) == 0) --count;
  if (count == 0) return std::nullopt;
  // A zero behind it in the same frame: this board clears what it does not use.
  if (count % cells_per_frame != 0) return static_cast<int>(count);
  if (count == cells_per_frame) return std::nullopt;
  const std::size_t last = count - 1, above = last - cells_per_frame;
  if (u16_be(data, 2 * last) == u16_be(data, 2 * above)) return std::nullopt;
  return static_cast<int>(count);
}

std::optional<int> temps_in(Bytes data) {
  const auto first_absent = std::ranges::find_if(data, is_no_sensor);
  if (first_absent == data.end() || !std::all_of(first_absent, data.end(), is_no_sensor)) return std::nullopt;
  return static_cast<int>(first_absent - data.begin());
}

}  // namespace cellwarden::daly
