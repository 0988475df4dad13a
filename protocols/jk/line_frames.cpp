#include "protocols/jk/line_frames.h"

#include <algorithm>
#include <cstdlib>

#include "protocols/checksum.h"
#include "protocols/jk/ble_cells.h"

namespace cellwarden::jk {

namespace {

constexpr std::uint8_t read_function = 0x03, write_function = 0x10, refused = 0x80, data_start = 0x55;
constexpr std::size_t shortest = 5, fixed_size = 8, before_written = 7, crc_size = 2;
constexpr int highest_modbus_address = 247;

bool crc_fits(Bytes received, std::size_t size) {
  const unsigned crc = received[size - 2] | static_cast<unsigned>(received[size - 1]) << 8;
  return crc == crc16(received.first(size - crc_size));
}
FrameStep skip(FrameError why) { return {FrameStep::skip, 1, why}; }
/// A frame of `size` bytes, once they are there.
FrameStep check(Bytes received, std::size_t size) {
  if (received.size() < size) return {FrameStep::need_more};
  return crc_fits(received, size) ? FrameStep{FrameStep::frame, size} : skip(FrameError::checksum);
}

/// A read of JK's registers, or the registers of one: the third byte is the number's upper half, or how many follow.
FrameStep next_read(Bytes received) {
  const std::uint8_t third = received[2];
  if (third >= 0x10 && third <= 0x14) {
    if (received.size() < fixed_size) return {FrameStep::need_more};
    if (crc_fits(received, fixed_size)) return {FrameStep::frame, fixed_size};
  }
  if (third == 0 || third % 2 != 0 || third > 2 * modbus::most_registers) return skip(FrameError::length);
  return check(received, shortest + third);
}

/// A write, or what says that it is done.
FrameStep next_write(Bytes received) {
  if (received.size() < fixed_size) return {FrameStep::need_more};
  if (crc_fits(received, fixed_size)) return {FrameStep::frame, fixed_size};
  const std::size_t written = received[6];
  if (written != std::size_t{2} * u16_be(received, 4)) return skip(FrameError::checksum);
  return check(received, before_written + written + crc_size);
}

bool is_trigger(std::uint16_t start) { return start == 0x161C || start == 0x161E || start == 0x1620; }

}  // namespace

Buffer trigger_request(std::uint8_t address, Trigger what) {
  const auto start = static_cast<std::uint16_t>(what);
  Buffer frame{address,
               write_function,
               static_cast<std::uint8_t>(start >> 8),
               static_cast<std::uint8_t>(start & 0xFF),
               0,
               1,
               2,
               0,
               0};
  const std::uint16_t crc = crc16(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  return frame;
}

FrameStep next_line_frame(Bytes received, bool pad_may_come) {
  const std::uint8_t address = received[0];
  if (address == 0) return pad_may_come ? FrameStep{FrameStep::frame, 1} : skip(FrameError::sync);
  if (address == data_start && (received.size() < 2 || received[1] == 0xAA)) return next_ble_frame(received);
  if (address > highest_modbus_address) return skip(FrameError::sync);
  if (received.size() < 3) return {FrameStep::need_more};
  const std::uint8_t function = received[1];
  if (function == read_function) return next_read(received);
  if (function == write_function) return next_write(received);
  if (function == (read_function | refused) || function == (write_function | refused)) return check(received, shortest);
  return skip(FrameError::sync);
}

LineFrame open_line_frame(Bytes frame) {
  if (frame.size() == 1) return {LineFrame::pad};
  if (frame.size() == ble_frame_size) return {.kind = LineFrame::data, .payload = frame};
  LineFrame open{.kind = LineFrame::refusal, .address = frame[0], .function = frame[1]};
  if (open.function >= refused) {
    open.function = static_cast<std::uint8_t>(open.function & ~refused);
    return open;
  }
  if (open.function == read_function && frame.size() == shortest + frame[2]) {
    open.kind = LineFrame::registers;
    open.payload = frame.subspan(3, frame[2]);
    return open;
  }
  open.start = u16_be(frame, 2), open.count = u16_be(frame, 4);
  if (open.function == read_function) {
    open.kind = LineFrame::read;
  } else if (frame.size() == fixed_size) {
    open.kind = LineFrame::done;
  } else {
    open.kind = is_trigger(open.start) && open.count == 1 ? LineFrame::trigger : LineFrame::other_write;
  }
  return open;
}

std::optional<Trigger> trigger_of(Bytes data) {
  switch (kind_of_ble_frame(data)) {
    case BleFrame::settings:
      return Trigger::settings;
    case BleFrame::cells:
      return Trigger::cells;
    case BleFrame::device:
      return Trigger::device;
    default:
      return std::nullopt;
  }
}

std::uint32_t own_address(Bytes settings) { return u32_le(settings, 270); }

bool is_sound(Bytes cells) {
  constexpr std::size_t mask = 70, pack_mv = 150, pack_cv = 234;
  const long mv = static_cast<long>(u32_le(cells, pack_mv)), cv = u16_le(cells, pack_cv);
  if (std::labs(mv - 10 * cv) > 10) return false;
  return layout_by_cells(cells) == BleLayout::jk02_32s || (u32_le(cells, mask) == 0 && mv < 500);
}

}  // namespace cellwarden::jk
