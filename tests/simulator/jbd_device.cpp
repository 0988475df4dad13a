#include "tests/simulator/jbd_device.h"

#include <algorithm>
#include <cmath>

#include "tests/simulator/ble/address.h"
#include "tests/simulator/jbd_lock.h"

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
/// No request with more data than this exists; longer ones are noise that looks like a header.
constexpr std::uint8_t longest_request = 64;
constexpr int production_date = (26 << 9) | (3 << 5) | 14;  // 2026-03-14

}  // namespace

Octets jbd_reply(std::uint8_t reg, std::uint8_t status, const Octets& data) {
  Octets frame{0xDD, reg, status, static_cast<std::uint8_t>(data.size())};
  frame.insert(frame.end(), data.begin(), data.end());
  put16(frame, sum_of(frame.begin() + 2, frame.end()));
  frame.push_back(0x77);
  return frame;
}

/// Whole requests in turn; what cannot be one is skipped to the next DD.
std::vector<Answer> JbdDevice::receive(const Octets& bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  std::vector<Answer> answers;
  for (;;) {
    received_.erase(received_.begin(), std::find(received_.begin(), received_.end(), 0xDD));
    if (received_.size() < 4) return answers;
    const std::size_t size = 4U + received_[3] + 3U;
    if (received_[3] > longest_request || (received_.size() >= size && received_[size - 1] != 0x77)) {
      received_.erase(received_.begin());
      continue;
    }
    if (received_.size() < size) return answers;
    const auto end = received_.begin() + static_cast<std::ptrdiff_t>(size);
    const Octets request(received_.begin(), end);
    received_.erase(received_.begin(), end);
    answers.push_back({request, answer(request), options_.answer_time});
  }
}

bool JbdDevice::intact(const Octets& bytes) const {
  if (bytes.size() < 7 || bytes.size() != bytes[3] + 7U) return false;
  return reply(bytes[1], bytes[2], Octets(bytes.begin() + 4, bytes.end() - 3)) == bytes;
}

Octets JbdDevice::answer(const Octets& request) {
  const std::uint8_t reg = request[2];
  const auto trailer = request.end() - 3;
  if ((trailer[0] << 8 | trailer[1]) != sum_of(request.begin() + 2, trailer)) return reply(reg, bad_checksum, {});
  if (request[1] == 0xA5) return read(reg, Octets(request.begin() + 4, trailer));
  if (on_write) on_write(request);
  return reply(reg, 0, {});
}

Octets JbdDevice::reply(std::uint8_t reg, std::uint8_t status, const Octets& data) const {
  return jbd_reply(options_.old_reply ? 0xA5 : reg, status, data);
}

Octets JbdDevice::read(std::uint8_t reg, const Octets& data) {
  switch (reg) {
    case 0x03:
      take_snapshot();
      if (on_snapshot) on_snapshot(snapshot_);
      return reply(reg, 0, basic_info());
    case 0x04: {
      if (!measured_) take_snapshot();
      Octets cells;
      for (const int mv : snapshot_.cells_mv) put16(cells, mv);
      return reply(reg, 0, cells);
    }
    case 0x05:
      return reply(reg, 0, Octets(options_.model.begin(), options_.model.end()));
    case 0xAA:
      return reply(reg, 0, Octets(24, 0));
    case 0xFA:
      if (options_.has_fa && data.size() == 3) return reply(reg, 0, parameters(data));
      return reply(reg, unknown_register, {});
    default:
      return reply(reg, reg >= 0x10 && reg < 0x40 ? not_allowed : unknown_register, {});
  }
}

/// A big board counts in 100 mA and 100 mAh: two bytes end at 327.67 A and 655.35 Ah.
bool JbdDevice::in_tens() const {
  const PackOptions& pack = pack_.options();
  return pack.capacity_ah > 655 || std::max(pack.charge_a, pack.most_load_a()) > 327;
}

/// Taken at 0x03, and the 0x04 after it tells the same one.
void JbdDevice::take_snapshot() {
  snapshot_ = pack_.measure();
  measured_ = true;
  if (!in_tens()) return;
  const auto whole_tens = [](int value) { return static_cast<int>(std::lround(value / 10.0)) * 10; };
  snapshot_.current_ca = whole_tens(snapshot_.current_ca);
  snapshot_.remaining_cah = whole_tens(snapshot_.remaining_cah);
}

Octets JbdDevice::basic_info() const {
  const Snapshot& now = snapshot_;
  const int unit = in_tens() ? 10 : 1;
  const int nominal = static_cast<int>(std::lround(pack_.options().capacity_ah * 100 / unit));
  Octets data;
  put16(data, now.pack_cv);
  put16(data, now.current_ca / unit);
  put16(data, now.remaining_cah / unit);
  put16(data, nominal);
  put16(data, 12);
  put16(data, production_date);
  put16(data, static_cast<int>(now.balancing & 0xFFFF));
  put16(data, static_cast<int>(now.balancing >> 16));
  put16(data, now.protections);
  data.push_back(0x66);
  data.push_back(static_cast<std::uint8_t>(now.soc_pct));
  data.push_back(
      static_cast<std::uint8_t>((now.charge_on ? 1 : 0) | (now.discharge_on ? 2 : 0) | (unit == 10 ? 0x80 : 0)));
  data.push_back(static_cast<std::uint8_t>(now.cells_mv.size()));
  data.push_back(static_cast<std::uint8_t>(now.temps_dk.size()));
  for (const int temp : now.temps_dk) put16(data, temp);
  if (options_.has_extension) {
    data.push_back(0);
    put16(data, 0);
    put16(data, nominal);
    put16(data, now.remaining_cah / unit);
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
  const int unit = in_tens() ? 10 : 1;
  const auto over_current_ca =
      static_cast<int>(std::lround(100 * std::max({120.0, 1.2 * pack.charge_a, 1.2 * pack.most_load_a()})));
  const auto mv = [](double volts) { return static_cast<int>(std::lround(volts * 1000)); };
  const auto pack_cv = [&](double cell_volts) { return static_cast<int>(std::lround(cell_volts * pack.cells * 100)); };
  switch (0x10 + n) {
    case 0x10:
    case 0x11:
      return static_cast<int>(std::lround(pack.capacity_ah * 100 / unit));
    case 0x12:
      return mv(pack.full_cell_v);
    case 0x13:
      return mv(pack.empty_cell_v);
    case 0x18:
      return 2731 + 650;
    case 0x1A:
      return 2731;
    case 0x1C:
      return 2731 + 700;
    case 0x1E:
      return 2731 - 200;
    case 0x20:
      return pack_cv(pack.pack_ovp_v_per_cell);
    case 0x21:
      return pack_cv(pack.pack_ovp_release_v_per_cell);
    case 0x22:
      return pack_cv(pack.pack_uvp_v_per_cell);
    case 0x23:
      return pack_cv(pack.pack_uvp_release_v_per_cell);
    case 0x24:
      return mv(pack.cell_ovp_v);
    case 0x25:
      return mv(pack.cell_ovp_release_v);
    case 0x26:
      return mv(pack.cell_uvp_v);
    case 0x27:
      return mv(pack.cell_uvp_release_v);
    case 0x28:
      return over_current_ca / unit;
    case 0x29:
      return -over_current_ca / unit & 0xFFFF;
    case 0x2A:
      return mv(pack.balance_start_v);
    case 0x2B:
      return mv(pack.balance_delta_v);
    case 0x2D:
      return 0x000E | (unit == 10 ? 0x1000 : 0);
    case 0x2F:
      return pack.cells;
    default:
      return 0;
  }
}

std::unique_ptr<Device> make_jbd(PackModel& pack, Keys& keys) {
  JbdOptions options;
  options.model = keys.text("model", options.model);
  if (options.model.size() > 31) keys.refuse("model= has at most 31 characters");
  options.has_fa = keys.flag("fa", options.has_fa);
  options.has_extension = keys.flag("extension", options.has_extension);
  options.old_reply = keys.flag("old_reply", options.old_reply);
  options.answer_time = std::chrono::milliseconds(keys.whole("answer_ms", 20, 0, 10000));
  auto board = std::make_unique<JbdDevice>(pack, options);
  if (!keys.flag("lock", false)) return board;

  const std::string password = keys.text("password", "");
  const auto address = ble::address_from(keys.text("ble", ""), false);
  if (address.bytes.empty()) keys.refuse("lock=1 needs ble=ADDRESS");
  if (!password.empty() && password.size() != 6) keys.refuse("password= has six characters");
  return std::make_unique<JbdLock>(std::move(board), password, address.bytes, pack.options().seed);
}

}  // namespace simulator
