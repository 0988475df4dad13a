#include "tests/simulator/jk_uart_device.h"

#include <algorithm>
#include <cmath>

namespace simulator {

namespace {

void put(Octets& into, std::initializer_list<int> bytes) {
  for (const int byte : bytes) into.push_back(static_cast<std::uint8_t>(byte & 0xFF));
}
void tag1(Octets& into, int tag, int value) { put(into, {tag, value}); }
void tag2(Octets& into, int tag, int value) { put(into, {tag, value >> 8, value}); }
void tag4(Octets& into, int tag, int value) { put(into, {tag, value >> 24, value >> 16, value >> 8, value}); }
void tag_text(Octets& into, int tag, const std::string& text) {
  put(into, {tag});
  into.insert(into.end(), text.begin(), text.end());
}

int sum_of(Octets::const_iterator from, Octets::const_iterator to) {
  int sum = 0;
  while (from != to) sum += *from++;
  return sum & 0xFFFF;
}

bool whole(const Octets& frame) {
  if (frame.size() < 21 || frame[0] != 0x4E || frame[1] != 0x57) return false;
  if (frame[2] * 256U + frame[3] + 2U != frame.size()) return false;
  return (frame[frame.size() - 2] << 8 | frame.back()) == sum_of(frame.begin(), frame.end() - 2);
}

constexpr int activate = 0x01, read_one = 0x03, read_all = 0x06;
/// No request is longer; a greater length is noise that looks like a header.
constexpr std::size_t longest_request = 64;

int mv(double volts) { return static_cast<int>(std::lround(volts * 1000)); }

/// 0..100 as they are, below zero 100 and the degrees of frost.
int temperature(int dk) {
  const int celsius = static_cast<int>(std::lround((dk - 2731) / 10.0));
  return celsius >= 0 ? celsius : 100 - celsius;
}

}  // namespace

Octets jk_uart_reply(std::uint8_t command, const Octets& tags) {
  Octets frame;
  const int length = static_cast<int>(tags.size()) + 18;
  put(frame, {0x4E, 0x57, length >> 8, length, 0, 0, 0, 0, command, 0x00, 0x01});
  frame.insert(frame.end(), tags.begin(), tags.end());
  put(frame, {0, 0, 0, 0, 0x68, 0, 0});
  const int sum = sum_of(frame.begin(), frame.end());
  put(frame, {sum >> 8, sum});
  return frame;
}

/// Whole requests in turn; what cannot be one is skipped to the next 4E.
std::vector<Answer> JkUartDevice::receive(const Octets& bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  std::vector<Answer> answers;
  for (;;) {
    received_.erase(received_.begin(), std::find(received_.begin(), received_.end(), 0x4E));
    if (received_.size() < 4) return answers;
    const std::size_t size = received_[2] * 256U + received_[3] + 2U;
    if (received_[1] != 0x57 || size < 21 || size > longest_request) {
      received_.erase(received_.begin());
      continue;
    }
    if (received_.size() < size) return answers;
    const auto end = received_.begin() + static_cast<std::ptrdiff_t>(size);
    const Octets request(received_.begin(), end);
    if (!whole(request)) {
      received_.erase(received_.begin());
      continue;
    }
    received_.erase(received_.begin(), end);
    answers.push_back({request, answer(request), options_.answer_time});
  }
}

bool JkUartDevice::intact(const Octets& reply) const { return whole(reply); }

Octets JkUartDevice::answer(const Octets& request) {
  const std::uint8_t command = request[8];
  if (command != read_all && command != read_one) {
    if (on_write) on_write(request);
    return command == activate ? Octets{} : jk_uart_reply(command, {request[11]});
  }
  const Snapshot now = measured();
  if (on_snapshot) on_snapshot(now);
  Octets tags = live_tags(now);
  const Octets settings = setting_tags();
  tags.insert(tags.end(), settings.begin(), settings.end());
  return jk_uart_reply(command, tags);
}

/// Rounded as the tags carry it: whole degrees, and the charge left as its whole percents of the capacity.
Snapshot JkUartDevice::measured() {
  Snapshot now = pack_.measure();
  for (int& dk : now.temps_dk) dk = 2731 + 10 * static_cast<int>(std::lround((dk - 2731) / 10.0));
  now.remaining_cah = now.soc_pct * static_cast<int>(std::lround(pack_.options().capacity_ah));
  return now;
}

Octets JkUartDevice::live_tags(const Snapshot& now) const {
  const int cells = static_cast<int>(now.cells_mv.size());
  Octets tags;
  tag1(tags, 0x79, 3 * cells);
  for (int cell = 1; cell <= cells; ++cell) tag2(tags, cell, now.cells_mv[static_cast<std::size_t>(cell) - 1]);
  tag2(tags, 0x80, temperature(now.temps_dk[0] + 20));
  tag2(tags, 0x81, temperature(now.temps_dk[0]));
  tag2(tags, 0x82, temperature(now.temps_dk[1]));
  tag2(tags, 0x83, now.pack_cv);
  const int magnitude = std::abs(now.current_ca);
  if (options_.old_current) {
    tag2(tags, 0x84, 10000 - now.current_ca);
  } else {
    tag2(tags, 0x84, now.current_ca > 0 ? 0x8000 | magnitude : magnitude);
  }
  tag1(tags, 0x85, now.soc_pct);
  tag1(tags, 0x86, 2);
  tag2(tags, 0x87, 12);
  tag4(tags, 0x89, 1234);
  tag2(tags, 0x8A, cells);
  tag2(tags, 0x8B, (now.protections & 1 ? 1 << 10 : 0) | (now.protections & 2 ? 1 << 11 : 0));
  tag2(tags, 0x8C, (now.charge_on ? 1 : 0) | (now.discharge_on ? 2 : 0) | (now.balancing ? 4 : 0));
  return tags;
}

Octets JkUartDevice::setting_tags() const {
  const PackOptions& pack = pack_.options();
  const int capacity = static_cast<int>(std::lround(pack.capacity_ah));
  Octets tags;
  tag2(tags, 0x8E, mv(pack.cell_ovp_v) * pack.cells / 10);
  tag2(tags, 0x8F, mv(pack.cell_uvp_v) * pack.cells / 10);
  tag2(tags, 0x90, mv(pack.cell_ovp_v)), tag2(tags, 0x91, mv(pack.cell_ovp_release_v)), tag2(tags, 0x92, 5);
  tag2(tags, 0x93, mv(pack.cell_uvp_v)), tag2(tags, 0x94, mv(pack.cell_uvp_release_v)), tag2(tags, 0x95, 5);
  tag2(tags, 0x96, 300);
  tag2(tags, 0x97, 200), tag2(tags, 0x98, 300), tag2(tags, 0x99, 150), tag2(tags, 0x9A, 30);
  tag2(tags, 0x9B, mv(pack.balance_start_v)), tag2(tags, 0x9C, mv(pack.balance_delta_v)), tag1(tags, 0x9D, 1);
  tag2(tags, 0x9E, 90), tag2(tags, 0x9F, 70), tag2(tags, 0xA0, 100), tag2(tags, 0xA1, 100), tag2(tags, 0xA2, 20);
  tag2(tags, 0xA3, 65), tag2(tags, 0xA4, 70);
  tag2(tags, 0xA5, -5), tag2(tags, 0xA6, 0), tag2(tags, 0xA7, -20), tag2(tags, 0xA8, -10);
  tag1(tags, 0xA9, pack.cells), tag4(tags, 0xAA, capacity), tag1(tags, 0xAB, 1), tag1(tags, 0xAC, 1);
  tag2(tags, 0xAD, 1000), tag1(tags, 0xAE, 1), tag1(tags, 0xAF, 1), tag2(tags, 0xB0, 10), tag1(tags, 0xB1, 20);
  tag_text(tags, 0xB2, std::string("1234SECRET"));
  tag1(tags, 0xB3, 0);
  tag_text(tags, 0xB4, "Input Us"), tag_text(tags, 0xB5, "2603"), tag4(tags, 0xB6, 60000);
  tag_text(tags, 0xB7, "11.XW_S11.261__"), tag1(tags, 0xB8, 0), tag4(tags, 0xB9, capacity);
  std::string model = options_.model;
  model.resize(12);
  tag_text(tags, 0xBA, "Input Userda" + model);
  tag1(tags, 0xC0, options_.old_current ? 0 : 1);
  return tags;
}

std::unique_ptr<Device> make_jk_uart(PackModel& pack, Keys& keys) {
  JkUartOptions options;
  options.model = keys.text("model", options.model);
  if (options.model.size() > 12) keys.refuse("model= has at most 12 characters");
  options.old_current = keys.flag("old_current", options.old_current);
  options.answer_time = std::chrono::milliseconds(keys.whole("answer_ms", 100, 0, 10000));
  const double most_a = options.old_current ? 100 : 327;
  if (std::max(pack.options().charge_a, pack.options().most_load_a()) > most_a)
    keys.refuse("a JK tells at most " + std::to_string(static_cast<int>(most_a)) + " A this way");
  if (pack.options().cells > 32) keys.refuse("a JK has at most 32 cells");
  return std::make_unique<JkUartDevice>(pack, options);
}

}  // namespace simulator
