#include "protocols/modbus_rtu.h"

#include <algorithm>

#include "protocols/checksum.h"

namespace cellwarden::modbus {

namespace {

constexpr std::uint8_t read_registers = 0x03, write_register = 0x06, write_registers = 0x10, refusal = 0x80;
constexpr std::size_t shortest = 5, fixed_size = 8, crc_size = 2;

FrameStep skip_to(Bytes received, std::uint8_t address) {
  const auto at = std::ranges::find(received, address) - received.begin();
  return {FrameStep::skip, static_cast<std::size_t>(at), FrameError::sync};
}

/// A frame of `size` bytes, once they are there.
FrameStep check(Bytes received, std::size_t size) {
  if (received.size() < size) return {FrameStep::need_more};
  const unsigned crc = received[size - 2] | static_cast<unsigned>(received[size - 1]) << 8;
  if (crc != crc16(received.first(size - crc_size))) return {FrameStep::skip, 1, FrameError::checksum};
  return {FrameStep::frame, size};
}

bool is_read_or_write(std::uint8_t function) {
  return function == read_registers || function == write_register || function == write_registers;
}

}  // namespace

Buffer read_request(std::uint8_t address, std::uint16_t start, std::uint16_t count) {
  Buffer frame{address, read_registers};
  for (const std::uint16_t word : {start, count}) {
    frame.push_back(static_cast<std::uint8_t>(word >> 8));
    frame.push_back(static_cast<std::uint8_t>(word & 0xFF));
  }
  const std::uint16_t crc = crc16(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  return frame;
}

FrameStep next_reply(Bytes received, std::uint8_t address, Bytes asked) {
  if (received[0] != address) return skip_to(received, address);
  const std::size_t there = std::min(received.size(), asked.size());
  if (there > 0 && std::ranges::equal(received.first(there), asked.first(there))) {
    return there < asked.size() ? FrameStep{FrameStep::need_more} : FrameStep{FrameStep::frame, there};
  }
  if (received.size() < 3) return {FrameStep::need_more};

  const std::uint8_t function = received[1], bytes = received[2];
  if (is_read_or_write(static_cast<std::uint8_t>(function & ~refusal)) && function >= refusal) {
    return check(received, shortest);
  }
  if (!is_read_or_write(function)) return {FrameStep::skip, 1, FrameError::sync};
  if (function != read_registers || bytes == 0) return check(received, fixed_size);
  if (bytes % 2 != 0 || bytes > 2 * most_registers) return {FrameStep::skip, 1, FrameError::length};
  return check(received, shortest + bytes);
}

FrameStep next_request(Bytes received, std::uint8_t address) {
  if (received[0] != address) return skip_to(received, address);
  if (received.size() < 2) return {FrameStep::need_more};
  if (!is_read_or_write(received[1])) return {FrameStep::skip, 1, FrameError::sync};
  if (received[1] != write_registers) return check(received, fixed_size);
  constexpr std::size_t byte_count_at = 6;
  if (received.size() <= byte_count_at) return {FrameStep::need_more};
  return check(received, byte_count_at + 1 + received[byte_count_at] + crc_size);
}

Request open_request(Bytes frame) { return {frame[1], u16_be(frame, 2), u16_be(frame, 4)}; }

Reply open_reply(Bytes frame) {
  const auto function = static_cast<std::uint8_t>(frame[1] & ~refusal);
  if (frame[1] >= refusal) return {Reply::refused, function, {}};
  if (function != read_registers) return {frame.size() == fixed_size ? Reply::done : Reply::echo, function, {}};
  if (frame[2] == 0 || frame.size() != shortest + frame[2]) return {Reply::echo, function, {}};
  return {Reply::registers, function, frame.subspan(3, frame[2])};
}

}  // namespace cellwarden::modbus
