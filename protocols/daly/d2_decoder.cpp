#include "protocols/daly/d2_decoder.h"

#include <algorithm>

namespace cellwarden::daly {

namespace {

/// Captures show three replies in one notification.
constexpr std::size_t most_in_flight = 4;
/// The live and the board's own registers in one, as Daly's app reads newer boards.
constexpr std::size_t wide_live_count = 80;

bool reaches_into(const modbus::Request& request, const Block& block) {
  return request.start < block.start + block.count && block.start < request.start + request.count;
}

}  // namespace

void D2Decoder::feed(Direction direction, Bytes bytes, Sink& sink) {
  if (direction == Direction::to_bms) {
    requests_.feed(
        bytes, [](Bytes received) { return modbus::next_request(received, d2_slave); },
        [&](Bytes frame) { on_request(frame, sink); }, [](FrameError) {});
  } else {
    replies_.feed(
        bytes, next_d2_reply, [&](Bytes frame) { on_reply(frame, sink); },
        [&](FrameError why) {
          sink.emit({0, Rejected{why}});
        });
  }
}

void D2Decoder::on_request(Bytes frame, Sink& sink) {
  const modbus::Request request = modbus::open_request(frame);
  heard_requests_ = true;
  answer_ = Answer::none_yet;
  // What is unfinished now belongs to the request before.
  if (replies_.drop_rest()) sink.emit({0, Rejected{FrameError::length}});
  const bool is_live = reaches_into(request, live_block);
  if (is_live || !reaches_into(request, board_block)) {
    alone_ |= is_live && waiting_.has_value();
    settle(sink);
  } else {
    alone_ = false;
  }
  std::erase(in_flight_, request);
  in_flight_.push_back(request);
  if (in_flight_.size() > most_in_flight) in_flight_.pop_front();
}

/// The request that this reply answers. Those before it will have no answer any more.
std::optional<modbus::Request> D2Decoder::request_of(const modbus::Reply& reply) {
  if (reply.kind == modbus::Reply::echo) return std::nullopt;
  const auto fits = [&](const modbus::Request& request) {
    return request.function == reply.function &&
           (reply.kind != modbus::Reply::registers || 2U * request.count == reply.data.size());
  };
  const auto found = std::ranges::find_if(in_flight_, fits);
  if (found == in_flight_.end()) return std::nullopt;
  // Of two that ask for as much one may be lost: it cannot be told which.
  const bool is_clear =
      reply.kind != modbus::Reply::registers || std::find_if(found + 1, in_flight_.end(), fits) == in_flight_.end();
  const modbus::Request request = *found;
  in_flight_.erase(in_flight_.begin(), found + 1);
  return is_clear ? std::optional(request) : std::nullopt;
}

void D2Decoder::on_reply(Bytes frame, Sink& sink) {
  if (is_greeting(frame)) return;
  const modbus::Reply reply = modbus::open_reply(frame);
  const bool is_registers = reply.kind == modbus::Reply::registers;
  if (!heard_requests_ && is_registers) return on_replies_alone(reply.data, sink);
  const auto request = request_of(reply);
  if (!request) {
    // Nobody asked: stale, doubled, or our own request come back as an echo.
    sink.emit({0, Rejected{FrameError::unexpected}});
    return;
  }
  if (reply.kind == modbus::Reply::refused) {
    answer_ = Answer::refused;
    sink.emit({0, Rejected{FrameError::refused}});
    return;
  }
  answer_ = Answer::over;
  if (!is_registers) return sink.emit({0, GoodFrame{}});
  try {
    on_registers({request->start, reply.data}, sink);
  } catch (const BadFrame& bad) {
    answer_ = Answer::blank;
    sink.emit({0, Rejected{bad.why}});
  }
}

void D2Decoder::on_registers(const Registers& registers, Sink& sink) {
  if (is_blank(registers.data)) {
    answer_ = Answer::blank;
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
    answer_ = Answer::asleep;
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
void D2Decoder::on_replies_alone(Bytes data, Sink& sink) {
  const std::size_t count = data.size() / 2;
  const auto not_known = [&] { sink.emit({0, Rejected{FrameError::unexpected}}); };
  try {
    if (count == live_block.count || count == wide_live_count) {
      const Registers registers{live_block.start, data};
      if (!is_blank(data) && !is_asleep(registers) && !agrees_with_itself(registers, decode_live(registers).value())) {
        return not_known();
      }
      settle(sink);
      on_registers(registers, sink);
    } else if (count == board_block.count && waiting_) {
      on_registers({board_block.start, data}, sink);
    } else if (count == settings_block.count) {
      on_registers({settings_block.start, data}, sink);
    } else if (count == identity_block.count) {
      on_registers({identity_block.start, data}, sink);
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

void D2Decoder::finish(Sink& sink) {
  replies_.flush(
      next_d2_reply, [&](Bytes frame) { on_reply(frame, sink); },
      [&](FrameError why) {
        sink.emit({0, Rejected{why}});
      });
  settle(sink);
}

}  // namespace cellwarden::daly
