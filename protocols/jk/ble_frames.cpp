#include "protocols/jk/ble_frames.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "protocols/checksum.h"

namespace cellwarden::jk {

namespace {

using Marker = std::array<std::uint8_t, 4>;
constexpr Marker data_start = {0x55, 0xAA, 0xEB, 0x90}, command_start = {0xAA, 0x55, 0x90, 0xEB},
                 noise = {'A', 'T', '\r', '\n'};
constexpr std::size_t command_size = 20;
constexpr std::uint8_t settings = 1, cells = 2, device = 3, logbook = 5;

std::uint8_t sum8(Bytes covered) { return static_cast<std::uint8_t>(sum16(covered)); }
bool sum_fits(Bytes frame) { return frame.back() == sum8(frame.first(frame.size() - 1)); }

Buffer command(std::uint8_t number) {
  Buffer frame(command_start.begin(), command_start.end());
  frame.push_back(number);
  frame.resize(command_size - 1);
  frame.push_back(sum8(frame));
  return frame;
}

FrameStep next_command(Bytes received) {
  if (received.size() < command_size) return {FrameStep::need_more};
  if (!sum_fits(received.first(command_size))) return {FrameStep::skip, 1, FrameError::checksum};
  return {FrameStep::frame, command_size};
}

FrameStep next_data(Bytes received) {
  if (received.size() <= data_start.size()) return {FrameStep::need_more};
  const std::uint8_t type = received[data_start.size()];
  if (type != settings && type != cells && type != device && type != logbook)
    return {FrameStep::skip, 1, FrameError::sync};

  // Another frame begins inside this one, which has lost a notification then.
  const Bytes body = received.first(std::min(received.size(), ble_frame_size + data_start.size() - 1)).subspan(1);
  const auto inside = std::search(body.begin(), body.end(), data_start.begin(), data_start.end());
  if (inside != body.end())
    return {FrameStep::skip, 1 + static_cast<std::size_t>(inside - body.begin()), FrameError::length};

  if (received.size() < ble_frame_size) return {FrameStep::need_more};
  if (!sum_fits(received.first(ble_frame_size))) return {FrameStep::skip, 1, FrameError::checksum};
  return {FrameStep::frame, ble_frame_size};
}

bool may_begin(std::uint8_t byte) { return byte == data_start[0] || byte == command_start[0] || byte == noise[0]; }

/// Printable ASCII up to the first 00.
std::optional<std::string> text_at(Bytes frame, std::size_t at, std::size_t size) {
  std::string text;
  for (const auto byte : frame.subspan(at, size)) {
    if (byte == 0) break;
    if (byte >= 0x20 && byte < 0x7F) text += static_cast<char>(byte);
  }
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::string> date_of(const std::optional<std::string>& yymmdd) {
  if (!yymmdd || yymmdd->size() != 6) return std::nullopt;
  if (!std::ranges::all_of(*yymmdd, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const std::string year = yymmdd->substr(0, 2), month = yymmdd->substr(2, 2), day = yymmdd->substr(4);
  if (month < "01" || month > "12" || day < "01" || day > "31") return std::nullopt;
  return "20" + year + "-" + month + "-" + day;
}

std::optional<int> generation_of(const std::optional<std::string>& software) {
  if (!software) return std::nullopt;
  const char* const end = software->data() + software->size();
  int number = 0;
  const auto [after, error] = std::from_chars(software->data(), end, number);
  if (error != std::errc() || after == end || *after != '.' || number < 0) return std::nullopt;
  return number;
}

bool any_set(Bytes bytes) {
  return std::ranges::any_of(bytes, [](auto byte) { return byte != 0; });
}

std::optional<BleLayout> expected_layout(std::optional<int> generation, Bytes frame) {
  constexpr int first_32s = 11, last_jk04 = 3;
  if (!generation) return any_set(frame.subspan(150, 4)) ? std::optional(BleLayout::jk02_32s) : std::nullopt;
  if (*generation >= first_32s) return BleLayout::jk02_32s;
  if (*generation <= last_jk04) return BleLayout::jk04;
  // JK-B5A24S counts its software as the others do; it knows neither its birthday nor its serial number.
  return any_set(frame.subspan(78, 24)) ? BleLayout::jk02_24s : BleLayout::jk04;
}

}  // namespace

Buffer ble_ask_device() { return command(0x97); }
Buffer ble_start_stream() { return command(0x96); }

FrameStep next_ble_frame(Bytes received) {
  const auto at = static_cast<std::size_t>(std::ranges::find_if(received, may_begin) - received.begin());
  if (at > 0) return {FrameStep::skip, at, FrameError::sync};

  const std::uint8_t first = received[0];
  const Marker& marker = first == data_start[0] ? data_start : first == command_start[0] ? command_start : noise;
  const std::size_t there = std::min(received.size(), marker.size());
  if (!std::equal(marker.begin(), marker.begin() + static_cast<std::ptrdiff_t>(there), received.begin()))
    return {FrameStep::skip, 1, FrameError::sync};
  if (there < marker.size()) return {FrameStep::need_more};
  if (first == data_start[0]) return next_data(received);
  if (first == command_start[0]) return next_command(received);
  return {FrameStep::frame, noise.size()};
}

BleFrame kind_of_ble_frame(Bytes frame) {
  if (frame.size() == noise.size()) return BleFrame::noise;
  if (frame.size() == command_size) return BleFrame::command;
  switch (frame[data_start.size()]) {
    case settings:
      return BleFrame::settings;
    case cells:
      return BleFrame::cells;
    case device:
      return BleFrame::device;
    default:
      return BleFrame::logbook;
  }
}

bool is_ble_noise(Bytes notification) { return std::ranges::equal(notification, noise); }

bool begins_ble_frame(Bytes notification) {
  constexpr std::size_t smallest_cut = 20;
  return notification.size() >= smallest_cut && std::ranges::equal(notification.first(data_start.size()), data_start);
}

BleDevice decode_ble_device(Bytes frame) {
  BleDevice found;
  found.identity.model = text_at(frame, 6, 16);
  found.identity.hardware = text_at(frame, 22, 8);
  found.identity.software = text_at(frame, 30, 8);
  found.identity.manufactured = date_of(text_at(frame, 78, 8));
  found.identity.serial = text_at(frame, 86, 16);
  found.generation = generation_of(found.identity.software);
  found.layout = expected_layout(found.generation, frame);
  return found;
}

}  // namespace cellwarden::jk
