#include "tests/simulator/jbd_device.h"

#include <cmath>

namespace simulator {

namespace {

void put16(Octets& into, int value) {
  into.push_back(static_cast<std::uint8_t>(value >> 8 & 0xFF));
  into.push_back(static_cast<std::uint8_t>(value & 0xFF));
}

int sum_of(Octets::const_iterator from, Octets::const_iterator to) {
  int sum = 0;
  while (from != to) sum += *from++;
  return (0x10000 - sum) & 0xFFFF;
}

constexpr std::uint8_t unknown_register = 0x80, not_allowed = 0x81, bad_checksum = 0x82;
constexpr int production_date = (26 << 9) | (3 << 5) | 14;  // 2026-03-14

}  // namespace

Octets jbd_reply(std::uint8_t reg, std::uint8_t status, const Octets& data) {
  Octets frame{0xDD, reg, status, static_cast<std::uint8_t>(data.size())};
  frame.insert(frame.end(), data.begin(), data.end());
  put16(frame, sum_of(frame.begin() + 2, frame.end()));
  frame.push_back(0x77);
  return frame;
}

Octets JbdDevice::receive(const Octets& bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  while (!received_.empty() && received_[0] != 0xDD) received_.erase(received_.begin());
  if (received_.size() < 4) return {};
  const std::size_t size = 4U + received_[3] + 3U;
  if (received_.size() < size) return {};
  const Octets frame(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(size));
  received_.clear();
  if (frame.back() != 0x77) return {};
  const int sum = frame[size - 3] << 8 | frame[size - 2];
  if (sum != sum_of(frame.begin() + 2, frame.end() - 3)) return jbd_reply(frame[2], bad_checksum, {});
  return answer(frame[1] == 0x5A, frame[2], Octets(frame.begin() + 4, frame.end() - 3));
}

Octets JbdDevice::answer(bool write, std::uint8_t reg, const Octets& data) {
  if (write) {
    ++writes_seen_;
    return jbd_reply(reg, 0, {});
  }
  if (reg == 0x03) {
    snapshot_ = pack_.measure();
    measured_ = true;
    if (on_snapshot) on_snapshot(snapshot_);
    return jbd_reply(reg, 0, basic_info());
  }
  if (reg == 0x04) {
    if (!measured_) snapshot_ = pack_.measure();
    Octets cells;
    for (const int mv : snapshot_.cells_mv) put16(cells, mv);
    return jbd_reply(reg, 0, cells);
  }
  if (reg == 0x05) return jbd_reply(reg, 0, Octets(options_.model.begin(), options_.model.end()));
  if (reg == 0xAA) return jbd_reply(reg, 0, Octets(24, 0));
  if (reg == 0xFA && options_.has_fa && data.size() == 3) return jbd_reply(reg, 0, parameters(data));
  if (reg >= 0x10 && reg < 0x40) return jbd_reply(reg, not_allowed, {});
  return jbd_reply(reg, unknown_register, {});
}

Octets JbdDevice::basic_info() {
  const Snapshot& now = snapshot_;
  const int nominal_cah = static_cast<int>(std::lround(pack_.options().capacity_ah * 100));
  Octets data;
  put16(data, now.pack_cv);
  put16(data, now.current_ca);
  put16(data, now.remaining_cah);
  put16(data, nominal_cah);
  put16(data, 12);
  put16(data, production_date);
  put16(data, static_cast<int>(now.balancing & 0xFFFF));
  put16(data, static_cast<int>(now.balancing >> 16));
  put16(data, now.protections);
  data.push_back(0x66);
  data.push_back(static_cast<std::uint8_t>(now.soc_pct));
  data.push_back(static_cast<std::uint8_t>((now.charge_on ? 1 : 0) | (now.discharge_on ? 2 : 0)));
  data.push_back(static_cast<std::uint8_t>(now.cells_mv.size()));
  data.push_back(static_cast<std::uint8_t>(now.temps_dk.size()));
  for (const int temp : now.temps_dk) put16(data, temp);
  if (options_.has_extension) {
    data.push_back(0);
    put16(data, 0);
    put16(data, nominal_cah);
    put16(data, now.remaining_cah);
    put16(data, now.balancing ? static_cast<int>(pack_.options().balance_a * 1000) : 0);
  }
  return data;
}

Octets JbdDevice::parameters(const Octets& data) const {
  Octets reply = data;
  const int first = data[0] << 8 | data[1];
  for (int n = first; n < first + data[2]; ++n) put16(reply, parameter(n));
  return reply;
}

/// jbd.md 3: parameter n is the classic register 0x10 + n.
int JbdDevice::parameter(int n) const {
  const PackOptions& pack = pack_.options();
  const auto mv = [](double volts) { return static_cast<int>(std::lround(volts * 1000)); };
  const auto pack_cv = [&](double cell_volts) { return static_cast<int>(std::lround(cell_volts * pack.cells * 100)); };
  switch (0x10 + n) {
    case 0x10:
    case 0x11:
      return static_cast<int>(pack.capacity_ah * 100);
    case 0x12:
      return 3500;
    case 0x13:
      return 2700;
    case 0x18:
      return 2731 + 650;
    case 0x1A:
      return 2731;
    case 0x1C:
      return 2731 + 700;
    case 0x1E:
      return 2731 - 200;
    case 0x20:
      return pack_cv(pack.cell_ovp_v);
    case 0x21:
      return pack_cv(pack.cell_ovp_release_v);
    case 0x22:
      return pack_cv(pack.cell_uvp_v);
    case 0x23:
      return pack_cv(pack.cell_uvp_release_v);
    case 0x24:
      return mv(pack.cell_ovp_v);
    case 0x25:
      return mv(pack.cell_ovp_release_v);
    case 0x26:
      return mv(pack.cell_uvp_v);
    case 0x27:
      return mv(pack.cell_uvp_release_v);
    case 0x28:
      return 12000;
    case 0x29:
      return -12000 & 0xFFFF;
    case 0x2A:
      return mv(pack.balance_start_v);
    case 0x2B:
      return mv(pack.balance_delta_v);
    case 0x2D:
      return 0x000E;
    case 0x2F:
      return pack.cells;
    default:
      return 0;
  }
}

}  // namespace simulator
