#include "tests/simulator/jk_ble_device.h"

#include <algorithm>
#include <numeric>

namespace simulator {

namespace {

constexpr std::size_t request_size = 20, frame_size = 300;
constexpr std::uint8_t who = 0x97, settings_and_stream = 0x96, logbook = 0xA1;
const Octets request_start{0xAA, 0x55, 0x90, 0xEB}, frame_start{0x55, 0xAA, 0xEB, 0x90};
const Octets chatter{'A', 'T', '\r', '\n'};
/// Of a device's beat: a frame every 500 ms, the module's chatter every 300 ms.
constexpr int beats_per_frame = 5, beats_per_chatter = 3;

std::uint8_t sum_of(const Octets& bytes, std::size_t count) {
  return static_cast<std::uint8_t>(
      std::accumulate(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count), 0));
}

Octets acknowledge() {
  Octets bytes{0xAA, 0x55, 0x90, 0xEB, 0xC8, 0x01, 0x01};
  bytes.resize(request_size);
  bytes.back() = sum_of(bytes, request_size - 1);
  return bytes;
}

void append(Octets& into, const Octets& bytes) { into.insert(into.end(), bytes.begin(), bytes.end()); }

}  // namespace

/// Whole requests in turn; what cannot be one is skipped to the next header.
std::vector<Answer> JkBleDevice::receive(const Octets& bytes) {
  append(received_, bytes);
  std::vector<Answer> answers;
  for (;;) {
    const auto start = std::ranges::search(received_, request_start).begin();
    if (received_.end() - start < static_cast<std::ptrdiff_t>(request_size)) {
      received_.erase(received_.begin(),
                      std::min(start, received_.end() - std::min<std::ptrdiff_t>(3, std::ssize(received_))));
      return answers;
    }
    const Octets request(start, start + request_size);
    const bool whole = request.back() == sum_of(request, request_size - 1);
    received_.erase(received_.begin(), start + (whole ? request_size : 1));
    if (whole) answers.push_back({request, answer(request), options_.answer_time});
  }
}

bool JkBleDevice::intact(const Octets& reply) const {
  const auto frame = std::ranges::search(reply, frame_start).begin();
  if (reply.end() - frame < static_cast<std::ptrdiff_t>(frame_size)) return false;
  const Octets bytes(frame, frame + frame_size);
  return bytes.back() == sum_of(bytes, frame_size - 1);
}

void JkBleDevice::link_opened() {
  received_.clear();
  was_asked_who_ = streams_ = false;
  beats_ = 0;
}

Octets JkBleDevice::answer(const Octets& request) {
  const std::uint8_t command = request[4];
  const bool is_read = (command == who || command == settings_and_stream || command == logbook) && request[5] == 0;
  if (!is_read) {
    if (on_write) on_write(request);
    return acknowledge();
  }
  const std::uint8_t counter = ++counter_;  // the same in all frames of one answer
  Octets bytes;
  if (command == who) {
    was_asked_who_ = true;
    bytes = jk_info_frame(options_, counter);
  } else if (command == settings_and_stream) {
    bytes = jk_settings_frame(options_, pack_.options(), counter);
    if (options_.repeats_info) append(bytes, jk_info_frame(options_, counter));
    streams_ = was_asked_who_ || !options_.streams_after_who;
  } else {
    bytes = jk_logbook_frame(counter);
  }
  append(bytes, acknowledge());
  return bytes;
}

std::vector<Octets> JkBleDevice::unasked() {
  ++beats_;
  std::vector<Octets> said;
  if (streams_ && beats_ % beats_per_frame == 0) said.push_back(cell_frame());
  if (options_.module_chatters && beats_ % beats_per_chatter == 0) said.push_back(chatter);
  return said;
}

Octets JkBleDevice::cell_frame() {
  const Snapshot now = pack_.measure();
  if (on_snapshot) on_snapshot(now);
  return jk_cell_frame(options_, pack_.options(), now, ++counter_);
}

std::unique_ptr<Device> make_jk_ble(PackModel& pack, Keys& keys) {
  if (keys.text("ble", "").empty()) keys.refuse("protocol=jk-ble needs ble=ADDRESS");
  const std::string layout = keys.text("layout", "32s");
  if (layout != "32s" && layout != "24s") keys.refuse("layout=" + layout + " must be 32s or 24s");
  JkBleOptions options = layout == "32s" ? jk_32s() : jk_24s();
  options.model = keys.text("model", options.model);
  if (options.model.size() > 16) keys.refuse("model= has at most 16 characters");
  options.module_chatters = keys.flag("chatter", options.module_chatters);
  options.answer_time = std::chrono::milliseconds(keys.whole("answer_ms", 60, 0, 10000));
  if (pack.options().cells > options.most_cells) keys.refuse("such a JK has at most 24 cells");
  return std::make_unique<JkBleDevice>(pack, options);
}

}  // namespace simulator
