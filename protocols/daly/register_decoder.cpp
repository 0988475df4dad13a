#include "protocols/daly/register_decoder.h"

#include <algorithm>

#include "protocols/daly/greeting.h"

namespace cellwarden::daly {

namespace {

/// Captures show three replies in one notification.
constexpr std::size_t most_in_flight = 4;
constexpr std::string_view greeting = module_greeting;

bool is_greeting(Bytes frame) { return frame[0] == greeting.front(); }

/// Behind the first byte, at the next that may begin a frame.
template <class Begins>
FrameStep skip_to(Bytes received, const Begins& begins) {
  const auto next = std::find_if(received.begin() + 1, received.end(), begins);
  return {FrameStep::skip, static_cast<std::size_t>(next - received.begin()), FrameError::sync};
}

}  // namespace

FrameStep RegisterDecoder::next_request(Bytes received) const {
  const auto begins = [&](std::uint8_t byte) { return board_asked(byte).has_value(); };
  return begins(received[0]) ? modbus::next_request(received, received[0]) : skip_to(received, begins);
}

/// Some modules' greeting counts as a frame, and so does a request of our own that comes back (RS485).
FrameStep RegisterDecoder::next_reply(Bytes received) const {
  const std::size_t length = std::min(received.size(), greeting.size());
  if (std::equal(greeting.begin(), greeting.begin() + static_cast<std::ptrdiff_t>(length), received.begin(),
                 received.begin() + static_cast<std::ptrdiff_t>(length))) {
    return length < greeting.size() ? FrameStep{FrameStep::need_more} : FrameStep{FrameStep::frame, length};
  }
  if (board_answering(received[0])) return modbus::next_reply(received, received[0]);
  if (board_asked(received[0])) return modbus::next_request(received, received[0]);
  return skip_to(received, [&](std::uint8_t byte) {
    return board_answering(byte) || board_asked(byte) || byte == greeting.front();
  });
}

void RegisterDecoder::feed(Direction direction, Bytes bytes, Sink& sink) {
  if (direction == Direction::to_bms) {
    requests_.feed(
        bytes, [this](Bytes received) { return next_request(received); },
        [&](Bytes frame) { take_request(frame, sink); }, [](FrameError) {});
  } else {
    replies_.feed(
        bytes, [this](Bytes received) { return next_reply(received); }, [&](Bytes frame) { take_reply(frame, sink); },
        [&](FrameError why) {
          sink.emit({board_, Rejected{why}});
        });
  }
}

void RegisterDecoder::take_request(Bytes frame, Sink& sink) {
  const Asked asked{*board_asked(frame[0]), modbus::open_request(frame)};
  heard_requests_ = true;
  answer_ = Answer::none_yet;
  // What is unfinished now belongs to the request before.
  if (replies_.drop_rest()) sink.emit({board_, Rejected{FrameError::length}});
  board_ = asked.board;
  on_request(asked.board, asked.request, sink);
  std::erase(in_flight_, asked);
  in_flight_.push_back(asked);
  if (in_flight_.size() > most_in_flight) in_flight_.pop_front();
}

/// The request that this reply answers. Those before it will have no answer any more.
std::optional<modbus::Request> RegisterDecoder::request_of(int board, const modbus::Reply& reply) {
  if (reply.kind == modbus::Reply::echo) return std::nullopt;
  const auto fits = [&](const Asked& asked) {
    return asked.board == board && asked.request.function == reply.function &&
           (reply.kind != modbus::Reply::registers || std::size_t{2} * asked.request.count == reply.data.size());
  };
  const auto found = std::ranges::find_if(in_flight_, fits);
  if (found == in_flight_.end()) return std::nullopt;
  // Of two that ask for as much one may be lost: it cannot be told which.
  const bool is_clear =
      reply.kind != modbus::Reply::registers || std::find_if(found + 1, in_flight_.end(), fits) == in_flight_.end();
  const modbus::Request request = found->request;
  in_flight_.erase(in_flight_.begin(), found + 1);
  return is_clear ? std::optional(request) : std::nullopt;
}

void RegisterDecoder::take_reply(Bytes frame, Sink& sink) {
  if (is_greeting(frame)) return;
  const auto board = board_answering(frame[0]);
  if (!board) return sink.emit({board_, Rejected{FrameError::unexpected}});
  const modbus::Reply reply = modbus::open_reply(frame);
  const bool is_registers = reply.kind == modbus::Reply::registers;
  if (!heard_requests_ && is_registers) {
    board_ = *board;
    return on_registers_alone(*board, reply.data, sink);
  }
  const auto request = request_of(*board, reply);
  if (!request) {
    // Nobody asked: stale, doubled, another board's, or our own request come back as an echo.
    sink.emit({board_, Rejected{FrameError::unexpected}});
    return;
  }
  if (reply.kind == modbus::Reply::refused) {
    answer_ = Answer::refused;
    sink.emit({*board, Rejected{FrameError::refused}});
    return;
  }
  answer_ = Answer::over;
  if (!is_registers) return sink.emit({*board, GoodFrame{}});
  try {
    on_registers(*board, {request->start, reply.data}, sink);
  } catch (const BadFrame& bad) {
    answer_ = Answer::blank;
    sink.emit({*board, Rejected{bad.why}});
  }
}

void RegisterDecoder::finish(Sink& sink) {
  replies_.flush([this](Bytes received) { return next_reply(received); }, [&](Bytes frame) { take_reply(frame, sink); },
                 [&](FrameError why) {
                   sink.emit({board_, Rejected{why}});
                 });
  on_end(sink);
}

}  // namespace cellwarden::daly
