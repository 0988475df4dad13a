#include "tests/simulator/daly_hkms_device.h"

#include <algorithm>
#include <cmath>

namespace simulator {

namespace {

constexpr std::uint8_t read_registers = 0x03, write_one = 0x06, write_many = 0x10;
constexpr int most_registers = 81, state = 0x41, absent = 0x00FF;

int crc_of(const Octets& bytes, std::size_t count) {
  unsigned crc = 0xFFFF;
  for (std::size_t i = 0; i < count; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
  }
  return static_cast<int>(crc);
}

bool is_sound(const Octets& frame) {
  const std::size_t covered = frame.size() - 2;
  return crc_of(frame, covered) == (frame[covered] | frame[covered + 1] << 8);
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
int degrees(int dk) { return (dk - 2731) / 10 + 40; }

}  // namespace

/// Whole requests in turn; what cannot be one, or is another board's, is skipped.
std::vector<Answer> DalyHkmsDevice::receive(const Octets& bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  std::vector<Answer> answers;
  for (;;) {
    received_.erase(received_.begin(), std::find(received_.begin(), received_.end(), asked_as()));
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

bool DalyHkmsDevice::intact(const Octets& reply) const {
  return reply.size() >= 5 && reply[0] == answers_as() && reply[1] == read_registers && reply.size() == 5U + reply[2] &&
         is_sound(reply);
}

Octets DalyHkmsDevice::answer(const Octets& request) {
  if (request[1] != read_registers) {
    if (on_write && (request[1] == write_one || request[1] == write_many)) on_write(request);
    return {};
  }
  if (options_.sleep == DalyHkmsOptions::silent) return {};
  const int start = word(request, 2), count = word(request, 4);
  if (count < 1 || count > most_registers) return {};
  if (start < state || registers_.empty()) measure();  // behind it stands what belongs to the last one
  Octets reply{static_cast<std::uint8_t>(answers_as()), read_registers, static_cast<std::uint8_t>(2 * count)};
  for (int at = start; at < start + count; ++at) {
    const auto known = registers_.find(at);
    const bool zero = options_.sleep == DalyHkmsOptions::zeros;
    const int value = zero ? 0 : known == registers_.end() ? 0xFFFF : known->second;
    reply.push_back(static_cast<std::uint8_t>(value >> 8 & 0xFF));
    reply.push_back(static_cast<std::uint8_t>(value & 0xFF));
  }
  const int crc = crc_of(reply, reply.size());
  reply.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  reply.push_back(static_cast<std::uint8_t>(crc >> 8));
  return reply;
}

/// Rounded to what the registers hold: 0.1 V, 0.1 A, 0.1 Ah, whole degrees.
void DalyHkmsDevice::measure() {
  Snapshot now = pack_.measure();
  now.pack_cv = to_tens(now.pack_cv);
  now.current_ca = std::clamp(to_tens(now.current_ca), -299900, 299900);
  now.remaining_cah = to_tens(now.remaining_cah);
  for (int& temp : now.temps_dk) temp = 2731 + to_tens(temp - 2731);
  if (on_snapshot && options_.sleep == DalyHkmsOptions::awake) on_snapshot(now);
  put_live(now);
  put_alarms(now);
  put_settings();
}

void DalyHkmsDevice::put_all(int from, const std::vector<int>& values) {
  for (const int value : values) registers_[from++] = value;
}

void DalyHkmsDevice::put_live(const Snapshot& now) {
  const auto cells = static_cast<int>(now.cells_mv.size()), probes = static_cast<int>(now.temps_dk.size());
  const auto number = [](const auto& list, auto at) { return static_cast<int>(at - list.begin()) + 1; };
  const auto [low, high] = std::ranges::minmax_element(now.cells_mv);
  const auto [cold, hot] = std::ranges::minmax_element(now.temps_dk);
  auto& at = registers_;
  for (int cell = 0; cell < 48; ++cell) at[cell] = cell < cells ? now.cells_mv[static_cast<std::size_t>(cell)] : 0;
  for (int probe = 0; probe < 8; ++probe)
    at[0x30 + probe] = probe < probes ? degrees(now.temps_dk[static_cast<std::size_t>(probe)]) : absent;
  put_all(0x38, {now.pack_cv / 10, 30000 + now.current_ca / 10, now.soc_pct * 10, ++heartbeat_ & 0xFFFF, cells, probes,
                 *high, number(now.cells_mv, high), *low, number(now.cells_mv, low), *high - *low, degrees(*hot),
                 number(now.temps_dk, hot), degrees(*cold), number(now.temps_dk, cold), (*hot - *cold) / 10});
  at[0x48] = now.current_ca > 0 ? 1 : now.current_ca < 0 ? 2 : 0;
  put_all(0x49, {0, 0, now.remaining_cah / 10, 12, now.balancing ? 1 : 0,
                 30000 - (now.balancing ? mv(pack_.options().balance_a) : 0), static_cast<int>(now.balancing & 0xFFFF),
                 static_cast<int>(now.balancing >> 16), 0, now.charge_on, now.discharge_on, 0, 0, 0});
  int sum_mv = 0;
  for (const int cell_mv : now.cells_mv) sum_mv += cell_mv;
  put_all(0x57, {sum_mv / cells, static_cast<int>(std::labs(1L * now.pack_cv * now.current_ca) / 10000), 0,
                 degrees(*hot) + 2, degrees(*hot) + 1, absent, 0, 0});
}

/// Each level has three bits; 2 is a protection. The low byte of a register comes first.
void DalyHkmsDevice::put_alarms(const Snapshot& now) {
  for (int reg = 0x66; reg <= 0x73; ++reg) registers_[reg] = 0;
  const auto level = [&](int bit) { return now.protections & (1 << bit) ? 2 : 0; };
  registers_[0x6D] = level(0) | level(1) << 3;
  registers_[0x6F] = level(2) | level(3) << 3;
}

/// Groups of L1, L2, release, delay.
void DalyHkmsDevice::put_settings() {
  const PackOptions& pack = pack_.options();
  const auto pack_dv = [&](double cell_volts) { return tenths(cell_volts * pack.cells); };
  const long capacity = std::lround(pack.capacity_ah * 1000);
  for (int reg = 0x100; reg <= 0x178; ++reg) registers_[reg] = 0;
  put_all(0x100,
          {1, 16, 1, pack.cells, 0, 0, 2, 0, 0, static_cast<int>(capacity >> 16), static_cast<int>(capacity & 0xFFFF)});
  put_all(0x114, {3200, 0xFFFF, 500, 1000, 3, 1, mv(pack.balance_start_v), mv(pack.balance_delta_v)});
  put_all(0x121, {1, 1});
  put_text(0x126, "123456", 3);  // the password: readable, and nobody's business
  put_all(0x130, {mv(pack.cell_ovp_v) - 50, mv(pack.cell_ovp_v), mv(pack.cell_ovp_release_v), 1000,
                  mv(pack.cell_uvp_v) + 100, mv(pack.cell_uvp_v), mv(pack.cell_uvp_release_v), 1000,
                  pack_dv(pack.pack_ovp_v_per_cell) - 5, pack_dv(pack.pack_ovp_v_per_cell),
                  pack_dv(pack.pack_ovp_release_v_per_cell), 1000, pack_dv(pack.pack_uvp_v_per_cell) + 10,
                  pack_dv(pack.pack_uvp_v_per_cell), pack_dv(pack.pack_uvp_release_v_per_cell), 1000});
  put_all(0x140, {30000 - 1200, 30000 - 1500, 1000, 30000 - 3000, 1000, 30000 + 1800, 30000 + 2000, 1000, 30000 + 4000,
                  1000, 40 + 55, 40 + 65, 40 + 55, 1000, 40 + 5, 40 + 0, 40 + 5, 1000});
  put_text(0x178, "41_260321_0323SIM-DL-BMS", 14);
  put_text(0x186, "SIM41_0323", 7);
  put_text(0x18D, "210LC21090000" + std::to_string(options_.number), 12);
}

void DalyHkmsDevice::put_text(int from, const std::string& text, int registers) {
  for (int i = 0; i < registers; ++i) {
    const auto letter = [&](int n) {
      const auto at = static_cast<std::size_t>(n);
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
    };
    registers_[from + i] = letter(2 * i) << 8 | letter(2 * i + 1);
  }
}

std::unique_ptr<Device> make_daly_hkms(PackModel& pack, Keys& keys) {
  DalyHkmsOptions options;
  options.number = keys.whole("address", 1, 1, 16);
  const std::string sleep = keys.text("asleep", "");
  if (sleep != "" && sleep != "zeros" && sleep != "silent") keys.refuse("asleep=" + sleep + " must be zeros or silent");
  if (!sleep.empty()) options.sleep = sleep == "zeros" ? DalyHkmsOptions::zeros : DalyHkmsOptions::silent;
  options.answer_time = std::chrono::milliseconds(keys.whole("answer_ms", 20, 0, 10000));
  if (std::max(pack.options().charge_a, pack.options().most_load_a()) > 2999)
    keys.refuse("a Daly tells at most 2999 A");
  return std::make_unique<DalyHkmsDevice>(pack, options);
}

}  // namespace simulator
