#include "tests/simulator/jbd_up_device.h"

#include <algorithm>
#include <cmath>

namespace simulator {

namespace {

constexpr std::uint8_t read_block = 0x78, write_block = 0x79, own_block = 0x45;
constexpr std::size_t header = 8;

int crc_of(const Octets& bytes, std::size_t count) {
  unsigned crc = 0xFFFF;
  for (std::size_t i = 0; i < count; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
  }
  return static_cast<int>(crc);
}

int word(const Octets& bytes, std::size_t at) { return bytes[at] << 8 | bytes[at + 1]; }

bool is_sound(const Octets& frame) {
  const std::size_t covered = frame.size() - 2;
  return crc_of(frame, covered) == (frame[covered] | frame[covered + 1] << 8);
}

int mv(double volts) { return static_cast<int>(std::lround(volts * 1000)); }

/// Words, texts and what comes between, high byte first.
struct Data {
  Octets bytes;
  Data& words(const std::vector<int>& values) {
    for (const int value : values) {
      bytes.push_back(static_cast<std::uint8_t>(value >> 8 & 0xFF));
      bytes.push_back(static_cast<std::uint8_t>(value & 0xFF));
    }
    return *this;
  }
  Data& u32(long value) { return words({static_cast<int>(value >> 16 & 0xFFFF), static_cast<int>(value & 0xFFFF)}); }
  Data& text(const std::string& letters, std::size_t length) {
    const std::size_t end = bytes.size() + length;
    bytes.insert(bytes.end(), letters.begin(), letters.end());
    bytes.resize(end);
    return *this;
  }
};

}  // namespace

/// Whole requests in turn; what cannot be one, or is another unit's, is skipped.
std::vector<Answer> JbdUpDevice::receive(const Octets& bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  std::vector<Answer> answers;
  for (;;) {
    const auto is_function = [](int byte) { return byte == read_block || byte == write_block || byte == own_block; };
    while (received_.size() > 1 && (received_[0] != options_.number || !is_function(received_[1])))
      received_.erase(received_.begin());
    if (received_.size() < header) return answers;
    const std::size_t size = header + static_cast<std::size_t>(word(received_, 6)) + 2;
    constexpr std::size_t longest_request = 64;
    if (size <= longest_request && received_.size() < size) return answers;
    const Octets request(received_.begin(),
                         received_.begin() + static_cast<std::ptrdiff_t>(std::min(size, received_.size())));
    if (size > longest_request || !is_sound(request)) {
      received_.erase(received_.begin());
      continue;
    }
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(size));
    const Octets reply = answer(request);
    if (!reply.empty()) answers.push_back({request, reply, options_.answer_time});
  }
}

bool JbdUpDevice::intact(const Octets& reply) const {
  return reply.size() >= header + 2 && reply[0] == options_.number &&
         (reply[1] == read_block || reply[1] == own_block) &&
         reply.size() == header + static_cast<std::size_t>(word(reply, 6)) + 2 && is_sound(reply);
}

Octets JbdUpDevice::answer(const Octets& request) {
  if (request[1] == write_block) {
    if (on_write) on_write(request);
    return {};
  }
  const int start = word(request, 2), end = word(request, 4);
  // A read from here makes the discharge limit 0 for a moment: as bad as a write.
  if (request[1] == read_block && start == 0x2000 && on_write) on_write(request);
  if (options_.silent) return {};
  Octets data;
  if (request[1] == own_block) {
    if (is_master() && start == 0 && end == 0x54) data = own_status();
  } else if (start == 0x1000 && end == 0x10A0) {
    data = status();
  } else if (is_master()) {
    if (start == 0x1800 && end == 0x1900) data = thresholds();
    if (start == 0x1C00 && end == 0x1CA0) data = identity();
    if (start == 0x2810 && end == 0x283C) data = product();
  }
  if (data.empty()) return {};
  Octets reply(request.begin(), request.begin() + 6);
  reply.push_back(static_cast<std::uint8_t>(data.size() >> 8));
  reply.push_back(static_cast<std::uint8_t>(data.size()));
  reply.insert(reply.end(), data.begin(), data.end());
  const int crc = crc_of(reply, reply.size());
  reply.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  reply.push_back(static_cast<std::uint8_t>(crc >> 8));
  return reply;
}

Octets JbdUpDevice::status() {
  snapshot_ = pack_.measure();
  if (on_snapshot && !options_.silent) on_snapshot(snapshot_);
  const Snapshot& now = snapshot_;
  const PackOptions& pack = pack_.options();
  const int packs = options_.packs, sum = options_.sums ? packs : 1;
  const auto number = [](const auto& list, auto at) { return static_cast<int>(at - list.begin()) + 1; };
  const auto raw_temp = [](int dk) { return dk - 2731 + 500; };
  const auto [low, high] = std::ranges::minmax_element(now.cells_mv);
  const auto [cold, hot] = std::ranges::minmax_element(now.temps_dk);
  const int capacity = static_cast<int>(std::lround(pack.capacity_ah * 100)), cells = pack.cells;
  const int charge_v = static_cast<int>(std::lround(pack.pack_ovp_v_per_cell * cells * 10));
  const int discharge_v = static_cast<int>(std::lround(pack.pack_uvp_v_per_cell * cells * 10));
  int sum_mv = 0;
  for (const int cell_mv : now.cells_mv) sum_mv += cell_mv;

  Data data;
  data.words({now.pack_cv, 0}).u32(300000L + sum * now.current_ca);
  data.words({now.soc_pct * 100, sum * now.remaining_cah, sum * capacity, sum * capacity, raw_temp(*hot) + 20,
              raw_temp(*hot),
              now.current_ca > 0   ? 1
              : now.current_ca < 0 ? 2
                                   : 0,
              100});
  data.u32(now.protections & 0x000F).u32(0);
  data.words({(now.discharge_on ? 1 : 0) | (now.charge_on ? 2 : 0), 4, 12, number(now.cells_mv, high), *high,
              number(now.cells_mv, low), *low, sum_mv / cells, number(now.temps_dk, hot), raw_temp(*hot),
              number(now.temps_dk, cold), raw_temp(*cold), raw_temp(*hot), charge_v, packs * 1000, discharge_v,
              packs * 1000, cells});
  data.words(now.cells_mv);
  data.words({static_cast<int>(now.temps_dk.size())});
  for (const int temp : now.temps_dk) data.words({raw_temp(temp)});
  data.words({0, static_cast<int>(now.balancing & 0xFFFF), is_master() ? 0x0C04 : 0x000C}).text(serial(), 30);
  data.words({0, 0, 2, 3, 0x5AA6, 0});
  return data.bytes;
}

/// Value, release, delay; what warns before what cuts.
Octets JbdUpDevice::thresholds() const {
  const PackOptions& pack = pack_.options();
  const auto cv = [&](double cell_volts) { return static_cast<int>(std::lround(cell_volts * pack.cells * 100)); };
  Data data;
  data.words({mv(pack.cell_ovp_v) - 50, mv(pack.cell_ovp_release_v), 3000, mv(pack.cell_ovp_v),
              mv(pack.cell_ovp_release_v), 3000, mv(pack.cell_uvp_v) + 100, mv(pack.cell_uvp_release_v), 3000,
              mv(pack.cell_uvp_v), mv(pack.cell_uvp_release_v), 3000});
  data.words({cv(pack.pack_ovp_v_per_cell) - 50, cv(pack.pack_ovp_release_v_per_cell), 3000,
              cv(pack.pack_ovp_v_per_cell), cv(pack.pack_ovp_release_v_per_cell), 3000,
              cv(pack.pack_uvp_v_per_cell) + 50, cv(pack.pack_uvp_release_v_per_cell), 1000,
              cv(pack.pack_uvp_v_per_cell), cv(pack.pack_uvp_release_v_per_cell), 3000});
  data.words(
      {1050, 1000, 2000, 1200, 2000, 600, 10, 1300, 500, 600, 1050, 1000, 2000, 1200, 2000, 60, 10, 1400, 200, 60});
  data.words({1050, 1000, 3000, 1150, 1000, 3000, 550, 600, 1000, 500,  550,  1000, 1050, 1000, 1000,
              1150, 1000, 1000, 350,  400,  1000, 300, 350, 1000, 1450, 1300, 1000, 1550, 1350, 1000});
  data.bytes.resize(208);
  return data.bytes;
}

Octets JbdUpDevice::identity() const {
  const PackOptions& pack = pack_.options();
  Data data;
  data.words({0, 0, mv(pack.balance_start_v), mv(pack.balance_delta_v), 500, 600, 5680, 1500});
  data.text("UP16S019" + serial(), 30).words({2026, 3, 14}).text(serial(), 30).words({2026, 3, 15});
  data.text("SIM-LFP48100", 46);
  return data.bytes;
}

Octets JbdUpDevice::product() const {
  Data data;
  data.words({33, 3, 12, 4, 8, 36}).text("UP16S019.16S200A", 16).text("JBD", 16);
  return data.bytes;
}

/// Sixteen places for cells, temperatures from 0 K; its text has the bytes of each word swapped.
Octets JbdUpDevice::own_status() {
  if (snapshot_.cells_mv.empty()) snapshot_ = pack_.measure();
  const Snapshot& now = snapshot_;
  const auto [low, high] = std::ranges::minmax_element(now.cells_mv);
  const auto [cold, hot] = std::ranges::minmax_element(now.temps_dk);
  std::vector<int> cells = now.cells_mv, temps = now.temps_dk;
  const int cell_count = static_cast<int>(cells.size()), temp_count = static_cast<int>(temps.size());
  cells.resize(16), temps.resize(4);
  Data data;
  data.words({cell_count}).words(cells).words({*high, *low, now.pack_cv}).u32(now.current_ca);
  data.words({*hot, *cold, static_cast<int>(std::lround(pack_.options().capacity_ah * 100)), now.remaining_cah, 12,
              now.soc_pct, 100, 0, 0, (now.discharge_on ? 1 : 0) | (now.charge_on ? 2 : 0), 0});
  data.text("", 30).words({1000, 1000, 8, *hot + 20, *hot, temp_count << 8 | 4}).words(temps);
  return data.bytes;
}

std::unique_ptr<Device> make_jbd_up(PackModel& pack, Keys& keys) {
  JbdUpOptions options;
  options.number = keys.whole("address", 1, 1, 16);
  options.packs = keys.whole("packs", 1, 1, 16);
  options.sums = keys.flag("sums", false);
  const std::string sleep = keys.text("asleep", "");
  if (sleep != "" && sleep != "silent") keys.refuse("asleep=" + sleep + " must be silent");
  options.silent = !sleep.empty();
  options.answer_time = std::chrono::milliseconds(keys.whole("answer_ms", 300, 0, 10000));
  if (pack.options().cells > 16) keys.refuse("a JBD of the UP series has at most 16 cells");
  if (pack.options().capacity_ah * options.packs > 650) keys.refuse("a JBD of the UP series tells at most 655.35 Ah");
  return std::make_unique<JbdUpDevice>(pack, options);
}

}  // namespace simulator
