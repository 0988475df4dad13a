#include "tests/simulator/jk_master_device.h"

namespace simulator {

namespace {

constexpr int cells = 0x1620, settings = 0x161E;
constexpr int last_address = 15;
constexpr std::uint8_t write_many = 0x10;
constexpr std::size_t frame_size = 300, beats_between_rounds = 6;

Octets trigger(int address, int what) {
  Octets bytes{static_cast<std::uint8_t>(address),
               write_many,
               static_cast<std::uint8_t>(what >> 8),
               static_cast<std::uint8_t>(what & 0xFF),
               0,
               1,
               2,
               0,
               0};
  unsigned crc = 0xFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
  }
  bytes.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  bytes.push_back(static_cast<std::uint8_t>(crc >> 8));
  return bytes;
}

}  // namespace

std::vector<Answer> JkMasterDevice::receive(const Octets& bytes) {
  if (on_write) on_write(bytes);
  return {};
}

/// data | 00 | address | 10 | what ..
void JkMasterDevice::overhear(const Octets& bytes) {
  if (bytes.size() > frame_size + 2 && bytes[frame_size + 2] == write_many) there_.insert(bytes[frame_size + 1]);
}

bool JkMasterDevice::intact(const Octets& reply) const {
  if (reply.size() == 11) return reply == trigger(reply[0], reply[2] << 8 | reply[3]);
  if (reply.size() < frame_size || reply[0] != 0x55 || reply[1] != 0xAA) return false;
  unsigned sum = 0;
  for (std::size_t i = 0; i + 1 < frame_size; ++i) sum += reply[i];
  return sum % 256 == reply[frame_size - 1];
}

std::vector<Octets> JkMasterDevice::unasked() {
  if (round_.empty()) begin_round();
  const Octets now = round_.front();
  round_.pop_front();
  if (now.empty()) return {};
  if (now.size() > 1) return {now};
  // Its own: measured when it is said.
  JkBleOptions board = jk_on_rs485(options_);
  board.address = 0;
  if (now[0] == 1) return {jk_settings_frame(board, pack_.options(), 0)};
  const Snapshot measured = pack_.measure();
  if (on_snapshot) on_snapshot(measured);
  return {jk_cell_frame(board, pack_.options(), measured, 0)};
}

void JkMasterDevice::begin_round() {
  const auto ask = [&](int address, int what) { round_.push_back(trigger(address, what)), round_.emplace_back(); };
  for (int address = 1; address <= last_address; ++address) {
    ask(address, cells);
    if (there_.contains(address)) ask(address, settings);
  }
  round_.push_back({2}), round_.push_back({1});  // its cells, its settings
  round_.resize(round_.size() + beats_between_rounds);
  there_.clear();
}

std::unique_ptr<Device> make_jk_chain(PackModel& pack, Keys& keys) {
  JkModbusOptions options;
  options.address = keys.whole("address", 0, 0, last_address);
  options.model = keys.text("model", options.model);
  if (options.model.size() > 16) keys.refuse("model= has at most 16 characters");
  options.answer_time = std::chrono::milliseconds(keys.whole("answer_ms", 10, 0, 10000));
  if (options.address == 0) return std::make_unique<JkMasterDevice>(pack, options);
  return std::make_unique<JkModbusDevice>(pack, options);
}

}  // namespace simulator
