#include "tests/simulator/jk_modbus_device.h"

#include <algorithm>

#include "tests/simulator/jk_areas.h"

namespace simulator {

namespace {

constexpr std::uint8_t read_registers = 0x03, write_one = 0x06, write_many = 0x10;
constexpr int most_registers = 120, cells = 0x1620, settings = 0x161E, who = 0x161C;
constexpr std::uint8_t no_such_register = 2;
constexpr std::size_t frame_size = 300;

/// CRC-16 of Modbus over the first `count` bytes.
int crc_of(const Octets& bytes, std::size_t count) {
  unsigned crc = 0xFFFF;
  for (std::size_t i = 0; i < count; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
  }
  return static_cast<int>(crc);
}
bool is_sound(const Octets& frame) {
  if (frame.size() < 4) return false;
  const std::size_t covered = frame.size() - 2;
  return crc_of(frame, covered) == (frame[covered] | frame[covered + 1] << 8);
}
Octets closed(Octets frame) {
  const int crc = crc_of(frame, frame.size());
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  return frame;
}

/// Of the request that begins these bytes; 0: there are too few to tell.
std::size_t request_size(const Octets& bytes) {
  if (bytes.size() < 2) return 0;
  if (bytes[1] != write_many) return 8;
  return bytes.size() < 7 ? 0 : 9U + bytes[6];
}
int word(const Octets& bytes, std::size_t at) { return bytes[at] << 8 | bytes[at + 1]; }

bool sum_fits(const Octets& frame) {
  unsigned sum = 0;
  for (std::size_t i = 0; i + 1 < frame.size(); ++i) sum += frame[i];
  return sum % 256 == frame.back();
}

}  // namespace

/// Whole requests in turn; what cannot be one is skipped to its own address.
std::vector<Answer> JkModbusDevice::receive(const Octets& bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  std::vector<Answer> answers;
  for (;;) {
    const auto own = static_cast<std::uint8_t>(options_.address);
    received_.erase(received_.begin(), std::find(received_.begin(), received_.end(), own));
    const std::size_t size = request_size(received_);
    if (size == 0 || received_.size() < size) return answers;
    const Octets request(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(size));
    if (!is_sound(request)) {
      received_.erase(received_.begin());
      continue;
    }
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(size));
    const Octets reply = answer(request);
    if (!reply.empty()) answers.push_back({request, reply, options_.answer_time});
  }
}

bool JkModbusDevice::intact(const Octets& reply) const {
  if (reply.size() >= 5 && reply[0] == options_.address && reply[1] == read_registers)
    return reply.size() == 5U + reply[2] && is_sound(reply);
  if (reply.size() < frame_size + 8) return false;
  const Octets data(reply.begin(), reply.begin() + frame_size);
  return data[0] == 0x55 && data[1] == 0xAA && data[2] == 0xEB && data[3] == 0x90 && sum_fits(data);
}

Octets JkModbusDevice::answer(const Octets& request) {
  if (request[1] == read_registers) return options_.answers_reads ? read(request) : Octets{};
  const int what = word(request, 2);
  const bool is_trigger = request[1] == write_many && (what == cells || what == settings || what == who) &&
                          word(request, 4) == 1 && word(request, 7) == 0;
  if (is_trigger) return options_.answers_triggers ? triggered(request) : Octets{};
  if (on_write && (request[1] == write_one || request[1] == write_many)) on_write(request);
  return {};
}

/// jk.md 3.2: so many words from that byte on.
Octets JkModbusDevice::read(const Octets& request) {
  const int start = word(request, 2), count = word(request, 4), base = start & 0xFE00;
  const auto refusal = closed({request[0], static_cast<std::uint8_t>(read_registers | 0x80), no_such_register});
  if (count < 1 || count > most_registers) return refusal;
  Octets area;
  if (base == 0x1000) area = jk_settings_area(pack_.options(), options_.address);
  if (base == 0x1200) {
    if (start == base || live_.empty()) measure();  // what stands behind the first read belongs to it
    area = live_;
  }
  if (base == 0x1400) area = jk_device_area(jk_on_rs485(options_));
  const int first = start - base, end = first + 2 * count;
  if (end > static_cast<int>(area.size())) return refusal;
  Octets reply{request[0], read_registers, static_cast<std::uint8_t>(2 * count)};
  reply.insert(reply.end(), area.begin() + first, area.begin() + end);
  return closed(reply);
}

void JkModbusDevice::measure() {
  const Snapshot now = pack_.measure();
  if (on_snapshot) on_snapshot(now);
  live_ = jk_live_area(pack_.options(), now, options_.has_more_temps);
}

Octets JkModbusDevice::triggered(const Octets& request) {
  const JkBleOptions board = jk_on_rs485(options_);
  const int what = word(request, 2);
  Octets reply;
  if (what == who) reply = jk_info_frame(board, 0);
  if (what == settings) reply = jk_settings_frame(board, pack_.options(), 0);
  if (what == cells) {
    const Snapshot now = pack_.measure();
    if (on_snapshot) on_snapshot(now);
    reply = jk_cell_frame(board, pack_.options(), now, 0);
  }
  const Octets done = closed(Octets(request.begin(), request.begin() + 6));
  reply.push_back(0);
  reply.insert(reply.end(), done.begin(), done.end());
  reply.push_back(0);
  return reply;
}

JkBleOptions jk_on_rs485(const JkModbusOptions& options) {
  JkBleOptions board = jk_32s();
  board.model = options.model, board.hardware = "15A", board.software = options.software;
  board.address = options.address;
  return board;
}

std::unique_ptr<Device> make_jk_modbus(PackModel& pack, Keys& keys) {
  JkModbusOptions options;
  options.address = keys.whole("address", 1, 1, 15);
  options.has_more_temps = keys.flag("more_temps", options.has_more_temps);
  options.answers_reads = keys.flag("reads", options.answers_reads);
  options.answers_triggers = keys.flag("triggers", options.answers_triggers);
  options.model = keys.text("model", options.model);
  if (options.model.size() > 16) keys.refuse("model= has at most 16 characters");
  options.answer_time = std::chrono::milliseconds(keys.whole("answer_ms", 10, 0, 10000));
  return std::make_unique<JkModbusDevice>(pack, options);
}

}  // namespace simulator
