#include "protocols/daly/hkms_decoder.h"

namespace cellwarden::daly {

namespace {

/// What Daly's app reads at once of the settings and limits.
constexpr Block app_settings{0x100, 81};

std::optional<int> board_of(std::uint8_t address, std::uint8_t from) {
  const int board = address - from;
  return board >= 1 && board <= most_hkms_boards ? std::optional(board) : std::nullopt;
}

}  // namespace

std::optional<int> HkmsDecoder::board_asked(std::uint8_t address) const { return board_of(address, hkms_asked); }
std::optional<int> HkmsDecoder::board_answering(std::uint8_t address) const { return board_of(address, hkms_answers); }

/// Half a reading is not told: its poll was given up.
void HkmsDecoder::on_request(int board, const modbus::Request& request, Sink&) {
  if (request.start == measured_block.start) waiting_.erase(board);
}

void HkmsDecoder::on_registers(int board, const Registers& registers, Sink& sink) {
  if (is_blank(registers.data)) {
    became(Answer::blank);
    return sink.emit({board, GoodFrame{}});
  }
  if (registers.hold(measured_block.start, measured_block.count)) return on_measured(board, registers, sink);
  const Limits limits = decode_hkms_settings(registers).value();
  Identity identity = decode_hkms_identity(registers);
  sink.emit({board, GoodFrame{}});
  if (limits != Limits{}) sink.emit({board, limits});
  if (identity != Identity{}) {
    identity.brand = "Daly";
    identity.protocol = "daly-hkms";
    sink.emit({board, identity});
  }
  if (!registers.hold(state_block.start, state_block.count)) return;
  const auto waiting = waiting_.find(board);
  if (waiting == waiting_.end()) return;
  decode_state(registers, waiting->second);
  settle(board, sink);
}

void HkmsDecoder::on_measured(int board, const Registers& registers, Sink& sink) {
  if (is_hkms_asleep(registers)) {
    became(Answer::asleep);
    return sink.emit({board, Rejected{FrameError::range}});
  }
  Reading reading = decode_measured(registers).value();
  sink.emit({board, GoodFrame{}});
  Limits limits;
  limits.cell_count = static_cast<int>(reading.cells_v.size());
  sink.emit({board, limits});
  waiting_.insert_or_assign(board, std::move(reading));
}

/// The length alone says what a reply may be; the values must bear it out.
void HkmsDecoder::on_registers_alone(int board, Bytes data, Sink& sink) {
  const std::size_t count = data.size() / 2;
  const auto not_known = [&] { sink.emit({board, Rejected{FrameError::unexpected}}); };
  try {
    if (count == measured_block.count) {
      const Registers registers{measured_block.start, data};
      const bool says_values = !is_blank(data) && !is_hkms_asleep(registers);
      if (says_values && !agrees_with_highest(registers, decode_measured(registers).value())) return not_known();
      settle(board, sink);
      on_registers(board, registers, sink);
    } else if (count == state_block.count && waiting_.contains(board)) {
      on_registers(board, {state_block.start, data}, sink);
    } else if (count == app_settings.count) {
      on_registers(board, {app_settings.start, data}, sink);
    } else if (count == hkms_settings_block.count) {
      on_registers(board, {hkms_settings_block.start, data}, sink);
    } else if (count == hkms_limits_block.count) {
      on_registers(board, {hkms_limits_block.start, data}, sink);
    } else if (count == hkms_identity_block.count) {
      on_registers(board, {hkms_identity_block.start, data}, sink);
    } else {
      not_known();
    }
  } catch (const BadFrame& bad) {
    sink.emit({board, Rejected{bad.why}});
  }
}

void HkmsDecoder::settle(int board, Sink& sink) {
  const auto waiting = waiting_.extract(board);
  if (!waiting.empty()) sink.emit({board, std::move(waiting.mapped())});
}

void HkmsDecoder::on_end(Sink& sink) {
  while (!waiting_.empty()) settle(waiting_.begin()->first, sink);
}

}  // namespace cellwarden::daly
