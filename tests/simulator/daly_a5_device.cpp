#include "tests/simulator/daly_a5_device.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace simulator {

namespace {

constexpr std::size_t frame_size = 13;

std::uint8_t sum_of(const Octets& bytes, std::size_t count) {
  return static_cast<std::uint8_t>(
      std::accumulate(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count), 0));
}

bool is_frame(const Octets& bytes) {
  return bytes.size() == frame_size && bytes[0] == 0xA5 && bytes[3] == 0x08 && bytes[12] == sum_of(bytes, 12);
}

bool is_read(int command) {
  return (command >= 0x90 && command <= 0x98) || (command >= 0x50 && command <= 0x60) || command == 0x62 ||
         command == 0x63 || command == 0xD8;
}

int tenths(double value) { return static_cast<int>(std::lround(value * 10)); }
int thousandths(double value) { return static_cast<int>(std::lround(value * 1000)); }

}  // namespace

void DalyA5Device::put16(std::size_t at, int value) {
  payload_[at] = static_cast<std::uint8_t>(value >> 8 & 0xFF);
  payload_[at + 1] = static_cast<std::uint8_t>(value & 0xFF);
}

void DalyA5Device::put32(std::size_t at, long value) {
  put16(at, static_cast<int>(value >> 16));
  put16(at + 2, static_cast<int>(value & 0xFFFF));
}

Octets DalyA5Device::frame(int command) const {
  Octets bytes{0xA5, static_cast<std::uint8_t>(options_.number), static_cast<std::uint8_t>(command), 0x08};
  bytes.insert(bytes.end(), payload_.begin(), payload_.end());
  bytes.push_back(sum_of(bytes, 12));
  return bytes;
}

/// Whole requests in turn; what cannot be one is skipped to the next A5. Those for other boards are not ours to answer.
std::vector<Answer> DalyA5Device::receive(const Octets& bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  std::vector<Answer> answers;
  for (;;) {
    received_.erase(received_.begin(), std::find(received_.begin(), received_.end(), 0xA5));
    if (received_.size() < frame_size) return answers;
    const Octets request(received_.begin(), received_.begin() + frame_size);
    if (!is_frame(request)) {
      received_.erase(received_.begin());
      continue;
    }
    received_.erase(received_.begin(), received_.begin() + frame_size);
    const bool for_us = request[1] == 0x40 + options_.number - 1 || (request[1] == 0x80 && options_.number == 1);
    if (!for_us) continue;
    const Octets reply = answer(request);
    if (!reply.empty()) answers.push_back({request, reply, options_.answer_time});
  }
}

bool DalyA5Device::intact(const Octets& bytes) const {
  if (bytes.empty() || bytes.size() % frame_size != 0) return false;
  for (auto at = bytes.begin(); at != bytes.end(); at += frame_size) {
    if (!is_frame(Octets(at, at + frame_size))) return false;
  }
  return true;
}

Octets DalyA5Device::answer(const Octets& request) {
  const int command = request[2];
  if (!is_read(command)) {
    if (on_write) on_write(request);
    return {};
  }
  if (options_.sleep == DalyA5Options::silent) return {};
  if (options_.sleep == DalyA5Options::zeros) {
    payload_.fill(0);
    return frame(command);
  }
  return command >= 0x90 ? live(command) : settings(command);
}

/// Rounded to what the board sends: 0.1 V, whole degrees.
void DalyA5Device::take_snapshot() {
  snapshot_ = pack_.measure();
  const auto whole_tens = [](int value) { return static_cast<int>(std::lround(value / 10.0)) * 10; };
  snapshot_.pack_cv = whole_tens(snapshot_.pack_cv);
  snapshot_.current_ca = std::clamp(whole_tens(snapshot_.current_ca), -299900, 299900);
  for (int& temp : snapshot_.temps_dk) temp = 2731 + whole_tens(temp - 2731);
  if (on_snapshot) on_snapshot(snapshot_);
}

/// A board measures when it is asked for its counts or, by who does not ask for these, for its voltage; until then it
/// tells the same.
Octets DalyA5Device::live(int command) {
  if (command == 0x94 || (command == 0x90 && !fresh_) || snapshot_.cells_mv.empty()) take_snapshot();
  if (command == 0x94 || command == 0x90) fresh_ = command == 0x94;

  const Snapshot& now = snapshot_;
  const auto count = static_cast<std::uint8_t>(now.cells_mv.size());
  if (command == 0x90) {
    put16(0, now.pack_cv / 10);
    put16(2, 0);
    put16(4, 30000 - now.current_ca / 10);
    put16(6, now.soc_pct * 10);
  } else if (command == 0x91) {
    const auto [low, high] = std::minmax_element(now.cells_mv.begin(), now.cells_mv.end());
    put16(0, *high);
    payload_[2] = static_cast<std::uint8_t>(high - now.cells_mv.begin() + 1);
    put16(3, *low);
    payload_[5] = static_cast<std::uint8_t>(low - now.cells_mv.begin() + 1);
  } else if (command == 0x92) {
    const auto [low, high] = std::minmax_element(now.temps_dk.begin(), now.temps_dk.end());
    payload_[0] = static_cast<std::uint8_t>((*high - 2731) / 10 + 40);
    payload_[1] = static_cast<std::uint8_t>(high - now.temps_dk.begin() + 1);
    payload_[2] = static_cast<std::uint8_t>((*low - 2731) / 10 + 40);
    payload_[3] = static_cast<std::uint8_t>(low - now.temps_dk.begin() + 1);
  } else if (command == 0x93) {
    payload_[0] = now.current_ca > 0 ? 1 : now.current_ca < 0 ? 2 : 0;
    payload_[1] = now.charge_on;
    payload_[2] = now.discharge_on;
    payload_[3] = ++life_;
    put32(4, 10L * now.remaining_cah);
  } else if (command == 0x94) {
    payload_[0] = count;
    payload_[1] = static_cast<std::uint8_t>(now.temps_dk.size());
    payload_[2] = now.current_ca > 0;
    payload_[3] = now.current_ca < 0;
    payload_[4] = 0;
    put16(5, 12);
  } else if (command == 0x95) {
    return cells(now);
  } else if (command == 0x96) {
    return temperatures(now);
  } else if (command == 0x97) {
    for (std::size_t byte = 0; byte < 6; ++byte) {
      const unsigned bits = byte < 4 ? now.balancing >> (8 * byte) & 0xFF : 0;
      payload_[byte] = static_cast<std::uint8_t>(bits);
    }
  } else {
    payload_.fill(0);  // 0x98: cell over- and under-voltage that cut are bits 1 and 3; 0xD8: zeros
    if (command == 0x98 && (now.protections & 1)) payload_[0] |= 0x02;
    if (command == 0x98 && (now.protections & 2)) payload_[0] |= 0x08;
  }
  return frame(command);
}

Octets DalyA5Device::cells(const Snapshot& now) {
  const std::size_t needed = (now.cells_mv.size() + 2) / 3;
  Octets all;
  for (std::size_t number = 1; number <= (options_.all_frames ? 16 : needed); ++number) {
    payload_[0] = static_cast<std::uint8_t>(number);
    for (std::size_t place = 0; place < 3; ++place) {
      const std::size_t cell = (number - 1) * 3 + place;
      if (cell < now.cells_mv.size()) put16(1 + 2 * place, now.cells_mv[cell]);
      if (number > needed) put16(1 + 2 * place, 0);
    }
    const Octets one = frame(0x95);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

Octets DalyA5Device::temperatures(const Snapshot& now) {
  Octets all;
  for (std::size_t number = 1; number <= (options_.all_frames ? 3U : 2U); ++number) {
    payload_.fill(0);
    payload_[0] = static_cast<std::uint8_t>(number);
    for (std::size_t place = 0; place < 7 && number == 1 && place < now.temps_dk.size(); ++place)
      payload_[1 + place] = static_cast<std::uint8_t>((now.temps_dk[place] - 2731) / 10 + 40);
    const Octets one = frame(0x96);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

Octets DalyA5Device::text(int command, const std::string& words, int frames) {
  Octets all;
  for (int number = 1; number <= frames; ++number) {
    payload_[0] = static_cast<std::uint8_t>(number);
    for (std::size_t place = 0; place < 7; ++place) {
      const std::size_t at = static_cast<std::size_t>(number - 1) * 7 + place;
      payload_[1 + place] = at < words.size() ? static_cast<std::uint8_t>(words[at]) : 0;
    }
    const Octets one = frame(command);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

Octets DalyA5Device::settings(int command) {
  if (!options_.has_settings) return {};
  const PackOptions& pack = pack_.options();
  const double cut_a = std::max({120.0, 1.2 * pack.charge_a, 1.2 * pack.most_load_a()});
  payload_.fill(0);
  switch (command) {
    case 0x50:
      put32(0, std::lround(pack.capacity_ah * 1000));
      put32(4, 3200);
      break;
    case 0x51:
      payload_ = {1, static_cast<std::uint8_t>(pack.cells), 0, 0, 2, 0, 0, 0};
      break;
    case 0x53:
      payload_ = {0, 0, 26, 3, 14, 0xFF, 0xFF, 0};
      break;
    case 0x54:
      payload_ = {'2', '0', '2', '6', '0', '3', '1', '4'};
      break;
    case 0x57:
      return text(command, "SIM-DALY-" + pack.name.substr(0, 26), 5);
    case 0x59:
      put16(0, thousandths(pack.cell_ovp_v - 0.05));
      put16(2, thousandths(pack.cell_ovp_v));
      put16(4, thousandths(pack.cell_uvp_v + 0.2));
      put16(6, thousandths(pack.cell_uvp_v));
      break;
    case 0x5A:
      put16(0, tenths(pack.cells * (pack.cell_ovp_v - 0.05)));
      put16(2, tenths(pack.cells * pack.cell_ovp_v));
      put16(4, tenths(pack.cells * (pack.cell_uvp_v + 0.2)));
      put16(6, tenths(pack.cells * pack.cell_uvp_v));
      break;
    case 0x5B:
      put16(0, 30000 - tenths(0.9 * cut_a));
      put16(2, 30000 - tenths(cut_a));
      put16(4, 30000 + tenths(1.1 * cut_a));
      put16(6, 30000 + tenths(1.25 * cut_a));
      break;
    case 0x5F:
      put16(0, thousandths(pack.balance_start_v));
      put16(2, thousandths(pack.balance_delta_v));
      break;
    case 0x62:
      return text(command, "SIM-A5-1.02", 2);
    case 0x63:
      return text(command, "DL-SIM-R16-01E", 2);
    default:
      break;  // 0x52, 0x5C to 0x5E, 0x60: nothing of it is known for sure
  }
  return frame(command);
}

std::unique_ptr<Device> make_daly_a5(PackModel& pack, Keys& keys) {
  DalyA5Options options;
  options.number = keys.whole("address", 1, 1, 16);
  options.all_frames = keys.flag("all_frames", false);
  options.has_settings = keys.flag("settings", true);
  const std::string sleep = keys.text("asleep", "no");
  if (sleep != "no" && sleep != "zeros" && sleep != "silent") keys.refuse("asleep= is no, zeros or silent");
  options.sleep = sleep == "zeros"    ? DalyA5Options::zeros
                  : sleep == "silent" ? DalyA5Options::silent
                                      : DalyA5Options::awake;
  options.answer_time = std::chrono::milliseconds(keys.whole("answer_ms", 20, 0, 10000));
  return std::make_unique<DalyA5Device>(pack, options);
}

}  // namespace simulator
