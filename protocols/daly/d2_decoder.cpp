#include "protocols/daly/d2_decoder.h"

namespace cellwarden::daly {

namespace {

/// The live and the board's own registers in one, as Daly's app reads newer boards.
constexpr std::size_t wide_live_count = 80;

bool reaches_into(const modbus::Request& request, const Block& block) {
  return request.start < block.start + block.count && block.start < request.start + request.count;
}

}  // namespace

std::optional<int> D2Decoder::board_asked(std::uint8_t address) const {
  return address == d2_slave ? std::optional(0) : std::nullopt;
}

void D2Decoder::on_request(int, const modbus::Request& request, Sink& sink) {
  const bool is_live = reaches_into(request, live_block);
  if (is_live || !reaches_into(request, board_block)) {
    alone_ |= is_live && waiting_.has_value();
    settle(sink);
  } else {
    alone_ = false;
  }
}

void D2Decoder::on_registers(int, const Registers& registers, Sink& sink) {
  if (is_blank(registers.data)) {
    became(Answer::blank);
    sink.emit({0, GoodFrame{}});
    if (registers.hold(board_block.start)) settle(sink);
    return;
  }
  if (registers.hold(live_block.start, live_block.count)) return on_live(registers, sink);
  const Limits limits = decode_settings(registers).value();
  Identity identity = decode_identity(registers);
  sink.emit({0, GoodFrame{}});
  if (limits != Limits{}) sink.emit({0, limits});
  if (identity != Identity{}) {
    identity.brand = "Daly";
    identity.protocol = "daly-modbus";
    sink.emit({0, identity});
  }
  if (!registers.hold(board_block.start)) return;
  if (waiting_) decode_board(registers, *waiting_);
  settle(sink);
}

void D2Decoder::on_live(const Registers& registers, Sink& sink) {
  if (is_asleep(registers)) {
    became(Answer::asleep);
    sink.emit({0, Rejected{FrameError::range}});
    return;
  }
  Reading reading = decode_live(registers).value();
  sink.emit({0, GoodFrame{}});
  Limits limits;
  limits.cell_count = static_cast<int>(reading.cells_v.size());
  sink.emit({0, limits});
  waiting_ = std::move(reading);
  if (alone_ || registers.hold(board_block.start, board_block.count)) settle(sink);
}

/// The length alone says what a reply may be; the values must bear it out.
void D2Decoder::on_registers_alone(int board, Bytes data, Sink& sink) {
  const std::size_t count = data.size() / 2;
  const auto not_known = [&] { sink.emit({0, Rejected{FrameError::unexpected}}); };
  try {
    if (count == live_block.count || count == wide_live_count) {
      const Registers registers{live_block.start, data};
      if (!is_blank(data) && !is_asleep(registers) && !agrees_with_itself(registers, decode_live(registers).value())) {
        return not_known();
      }
      settle(sink);
      on_registers(board, registers, sink);
    } else if (count == board_block.count && waiting_) {
      on_registers(board, {board_block.start, data}, sink);
    } else if (count == settings_block.count) {
      on_registers(board, {settings_block.start, data}, sink);
    } else if (count == identity_block.count) {
      on_registers(board, {identity_block.start, data}, sink);
    } else {
      not_known();
    }
  } catch (const BadFrame& bad) {
    sink.emit({0, Rejected{bad.why}});
  }
}

void D2Decoder::settle(Sink& sink) {
  if (waiting_) sink.emit({0, std::move(*waiting_)});
  waiting_.reset();
}

}  // namespace cellwarden::daly
