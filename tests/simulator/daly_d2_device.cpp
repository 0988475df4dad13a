#include "tests/simulator/daly_d2_device.h"

#include <algorithm>
#include <cmath>

namespace simulator {

namespace {

constexpr std::uint8_t slave = 0xD2, read_registers = 0x03, write_one = 0x06, write_many = 0x10;
constexpr int most_registers = 80, mos_block = 0x3E, behind_mos_block = 0x47;
constexpr int absent = 0x00FF;

/// CRC-16 of Modbus, low byte first, over the first `count` bytes.
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

void close_frame(Octets& frame) {
  const int crc = crc_of(frame, frame.size());
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
}

/// Of the request that begins these bytes; 0: there are too few to tell.
std::size_t request_size(const Octets& bytes) {
  if (bytes.size() < 2) return 0;
  if (bytes[1] != write_many) return 8;
  return bytes.size() < 7 ? 0 : 9U + bytes[6];
}

int word(const Octets& bytes, std::size_t at) { return bytes[at] << 8 | bytes[at + 1]; }
int mv(double volts) { return static_cast<int>(std::lround(volts * 1000)); }
int tenths(double value) { return static_cast<int>(std::lround(value * 10)); }
int to_tens(int value) { return static_cast<int>(std::lround(value / 10.0)) * 10; }

}  // namespace

/// Whole requests in turn; what cannot be one is skipped to the next D2.
std::vector<Answer> DalyD2Device::receive(const Octets& bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  std::vector<Answer> answers;
  for (;;) {
    received_.erase(received_.begin(), std::find(received_.begin(), received_.end(), slave));
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

bool DalyD2Device::intact(const Octets& reply) const {
  return reply.size() >= 5 && reply[0] == slave && reply[1] == read_registers && reply.size() == 5U + reply[2] &&
         is_sound(reply);
}

Octets DalyD2Device::answer(const Octets& request) {
  if (request[1] != read_registers) {
    if (on_write && (request[1] == write_one || request[1] == write_many)) on_write(request);
    return {};
  }
  const int start = word(request, 2), count = word(request, 4);
  if (count < 1 || count > most_registers) return {};
  if (!options_.has_mos_block && start >= mos_block && start < behind_mos_block) return {};
  if (start < mos_block || registers_.empty()) measure();  // behind it stands what belongs to the last one
  Octets reply{slave, read_registers, static_cast<std::uint8_t>(2 * count)};
  for (int at = start; at < start + count; ++at) {
    const auto known = registers_.find(at);
    const int value = known == registers_.end() ? 0xFFFF : known->second;
    reply.push_back(static_cast<std::uint8_t>(value >> 8 & 0xFF));
    reply.push_back(static_cast<std::uint8_t>(value & 0xFF));
  }
  close_frame(reply);
  return reply;
}

/// Rounded to what the registers hold: 0.1 V, 0.1 A, 0.1 Ah, whole degrees.
void DalyD2Device::measure() {
  Snapshot now = pack_.measure();
  now.pack_cv = to_tens(now.pack_cv);
  now.current_ca = std::clamp(to_tens(now.current_ca), -299900, 299900);
  now.remaining_cah = to_tens(now.remaining_cah);
  for (int& temp : now.temps_dk) temp = 2731 + to_tens(temp - 2731);
  if (on_snapshot) on_snapshot(now);
  put_live(now);
  put_settings();
  put_identity();
}

void DalyD2Device::put_live(const Snapshot& now) {
  const auto degrees = [](int dk) { return (dk - 2731) / 10 + 40; };
  const auto cells = static_cast<int>(now.cells_mv.size()), probes = static_cast<int>(now.temps_dk.size());
  const auto [low, high] = std::ranges::minmax_element(now.cells_mv);
  const auto [cold, hot] = std::ranges::minmax_element(now.temps_dk);
  auto& at = registers_;
  for (int cell = 0; cell < 32; ++cell) at[cell] = cell < cells ? now.cells_mv[static_cast<std::size_t>(cell)] : 0;
  for (int probe = 0; probe < 8; ++probe)
    at[0x20 + probe] = probe < probes ? degrees(now.temps_dk[static_cast<std::size_t>(probe)]) : absent;
  at[0x28] = now.pack_cv / 10;
  at[0x29] = 30000 + now.current_ca / 10;
  at[0x2A] = now.soc_pct * 10;
  at[0x2B] = *high, at[0x2C] = *low;
  at[0x2D] = degrees(*hot), at[0x2E] = degrees(*cold);
  at[0x2F] = now.current_ca > 0 ? 1 : now.current_ca < 0 ? 2 : 0;
  at[0x30] = now.remaining_cah / 10;
  at[0x31] = cells, at[0x32] = probes;
  at[0x33] = 12;
  at[0x34] = now.balancing != 0;
  at[0x35] = now.charge_on, at[0x36] = now.discharge_on;
  int sum_mv = 0;
  for (const int cell_mv : now.cells_mv) sum_mv += cell_mv;
  at[0x37] = sum_mv / cells, at[0x38] = *high - *low;
  at[0x39] = static_cast<int>(std::labs(1L * now.pack_cv * now.current_ca) / 10000);
  const auto bit = [&](int from, int to) { return now.protections & (1 << from) ? 1 << to : 0; };
  at[0x3A] = bit(0, 1) | bit(1, 3) | bit(2, 5) | bit(3, 7);
  at[0x3B] = at[0x3C] = at[0x3D] = 0;
  at[0x3E] = static_cast<int>(now.balancing & 0xFFFF), at[0x3F] = static_cast<int>(now.balancing >> 16);
  at[0x40] = 30000 - (now.balancing ? mv(pack_.options().balance_a) : 0);
  at[0x41] = 0;
  at[0x42] = degrees(*hot) + 2;
  for (int unknown = 0x43; unknown < behind_mos_block; ++unknown) at[unknown] = 0;
}

/// daly.md 2.3: each limit twice, the warning and what cuts.
void DalyD2Device::put_settings() {
  const PackOptions& pack = pack_.options();
  const auto pack_dv = [&](double cell_volts) { return tenths(cell_volts * pack.cells); };
  const int fields[] = {tenths(pack.capacity_ah),
                        3200,
                        1,
                        pack.cells,
                        0,
                        0,
                        2,
                        0,
                        0,
                        0,
                        3600,  // to 8A
                        mv(pack.cell_ovp_v) - 50,
                        mv(pack.cell_ovp_v),
                        mv(pack.cell_uvp_v) + 100,
                        mv(pack.cell_uvp_v),
                        pack_dv(pack.pack_ovp_v_per_cell) - 5,
                        pack_dv(pack.pack_ovp_v_per_cell),
                        pack_dv(pack.pack_uvp_v_per_cell) + 10,
                        pack_dv(pack.pack_uvp_v_per_cell),  // to 92
                        30000 - 1200,
                        30000 - 1500,
                        30000 + 1800,
                        30000 + 2000,  // charge, discharge, 0.1 A
                        40 + 55,
                        40 + 65,
                        40 + 0,
                        40 - 5,
                        40 + 60,
                        40 + 70,
                        40 - 15,
                        40 - 20,  // to 9E
                        300,
                        500,
                        15,
                        20,
                        mv(pack.balance_start_v),
                        mv(pack.balance_delta_v),
                        1,
                        1,
                        1000,
                        40 + 90};
  int at = 0x80;
  for (const int field : fields) registers_[at++] = field;
}

void DalyD2Device::put_identity() {
  put_text(0xA9, "SIM_D2_V1.0", 8);
  put_text(0xB1, "H2.0_103R", 8);
  put_text(0xB9, "2603140001", 16);
  put_text(0xC9, "123456", 3);  // the parameter password: readable, and nobody's business
  put_text(0xCC, "2603", 2);
}

void DalyD2Device::put_text(int from, const std::string& text, int registers) {
  for (int i = 0; i < registers; ++i) {
    const auto letter = [&](int n) {
      return static_cast<std::size_t>(n) < text.size() ? static_cast<unsigned char>(text[static_cast<std::size_t>(n)])
                                                       : 0;
    };
    registers_[from + i] = letter(2 * i) << 8 | letter(2 * i + 1);
  }
}

std::unique_ptr<Device> make_daly_d2(PackModel& pack, Keys& keys) {
  DalyD2Options options;
  options.has_mos_block = keys.flag("mos_block", options.has_mos_block);
  options.answer_time = std::chrono::milliseconds(keys.whole("answer_ms", 20, 0, 10000));
  if (std::max(pack.options().charge_a, pack.options().most_load_a()) > 2999)
    keys.refuse("a Daly tells at most 2999 A");
  return std::make_unique<DalyD2Device>(pack, options);
}

}  // namespace simulator
