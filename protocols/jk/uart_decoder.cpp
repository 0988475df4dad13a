#include "protocols/jk/uart_decoder.h"

namespace cellwarden::jk {

void UartDecoder::feed(Direction direction, Bytes bytes, Sink& sink) {
  if (direction == Direction::to_bms) {
    requests_.feed(
        bytes, next_uart_frame, [&](Bytes) { on_request(sink); }, [](FrameError) {});
  } else {
    replies_.feed(
        bytes, next_uart_frame, [&](Bytes frame) { on_frame(frame, sink); },
        [&](FrameError why) {
          sink.emit({0, Rejected{why}});
        });
  }
}

void UartDecoder::on_request(Sink& sink) {
  heard_requests_ = true;
  answered_ = false;
  // What is unfinished now belongs to the request before.
  if (replies_.drop_rest()) sink.emit({0, Rejected{FrameError::length}});
}

/// An upload is sent unasked; a reply to nothing is stale or doubled, a read is our own request come back as an echo.
bool UartDecoder::expected(std::uint8_t kind) const {
  if (kind == UartFrame::upload) return true;
  return kind == UartFrame::reply && !(heard_requests_ && answered_);
}

void UartDecoder::on_frame(Bytes bytes, Sink& sink) {
  const UartFrame frame = open_uart_frame(bytes);
  if (!expected(frame.kind)) {
    sink.emit({0, Rejected{FrameError::unexpected}});
    return;
  }
  auto report = decode_uart_tags(frame.tags);
  if (!report) {
    sink.emit({0, Rejected{report.error()}});
    return;
  }
  sink.emit({0, GoodFrame{}});
  report->identity.brand = "JK";
  report->identity.protocol = "jk-uart";
  sink.emit({0, std::move(report->identity)});
  if (report->limits != Limits{}) sink.emit({0, std::move(report->limits)});
  if (!report->reading) return;
  answered_ = true;
  sink.emit({0, std::move(*report->reading)});
}

void UartDecoder::finish(Sink& sink) {
  replies_.flush(
      next_uart_frame, [&](Bytes frame) { on_frame(frame, sink); },
      [&](FrameError why) {
        sink.emit({0, Rejected{why}});
      });
}

}  // namespace cellwarden::jk
