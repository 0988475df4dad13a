#include "protocols/jbd/up_decoder.h"

#include <cmath>

namespace cellwarden::jbd {

namespace {

/// Forwards for the others; its limits, and with some firmware more, are all packs' together.
constexpr int master = 1;
/// Two moments of one pack's full capacity do not differ by that much.
constexpr double sum_apart = 0.02;

}  // namespace

void UpDecoder::feed(Direction direction, Bytes bytes, Sink& sink) {
  if (direction == Direction::to_bms) {
    requests_.feed(
        bytes, up::next_frame, [&](Bytes frame) { on_request(frame, sink); }, [](FrameError) {});
  } else {
    replies_.feed(
        bytes, up::next_frame, [&](Bytes frame) { on_reply(frame, sink); },
        [&](FrameError why) {
          sink.emit({unit_, Rejected{why}});
        });
  }
}

void UpDecoder::on_request(Bytes bytes, Sink& sink) {
  const up::Frame frame = up::open_frame(bytes);
  heard_requests_ = true;
  answer_ = Answer::none_yet;
  // What is unfinished now belongs to the request before.
  if (replies_.drop_rest()) sink.emit({unit_, Rejected{FrameError::length}});
  unit_ = frame.unit;
  asked_ = {frame.unit, frame.block};
  if (unit_ == master && frame.block.function != up::Function::own_status) settle(sink);
}

void UpDecoder::on_reply(Bytes bytes, Sink& sink) {
  const up::Frame frame = up::open_frame(bytes);
  const bool is_write = frame.block.function == up::Function::write;
  // Our own request come back (RS485) has no data. Where requests are heard, a reply belongs to the last one.
  const bool is_ours = !asked_ ? !heard_requests_ : asked_->unit == frame.unit && asked_->block == frame.block;
  if (!is_ours || (frame.data.empty() && !is_write)) {
    sink.emit({unit_, Rejected{FrameError::unexpected}});
    return;
  }
  if (!heard_requests_) unit_ = frame.unit;
  asked_.reset();
  answer_ = Answer::over;
  try {
    on_data(frame, sink);
  } catch (const BadFrame& bad) {
    answer_ = Answer::blank;
    sink.emit({frame.unit, Rejected{bad.why}});
  }
}

void UpDecoder::on_data(const up::Frame& frame, Sink& sink) {
  if (frame.block == up::status_block) return on_status(frame.unit, frame.data, sink);
  if (frame.block == up::own_status_block) return on_own_status(frame.unit, frame.data, sink);
  Limits limits;
  if (frame.block == up::thresholds_block) {
    limits = up::decode_thresholds(frame.data).value();
  } else if (frame.block == up::identity_block) {
    up::About about = up::decode_identity(frame.data).value();
    limits = about.limits;
    units_[frame.unit].spare.model = std::exchange(about.identity.model, std::nullopt);
    tell(frame.unit, about.identity, sink);
  } else if (frame.block == up::product_block) {
    tell(frame.unit, up::decode_product(frame.data).value(), sink);
  }
  sink.emit({frame.unit, GoodFrame{}});
  if (limits != Limits{}) sink.emit({frame.unit, limits});
}

void UpDecoder::on_status(int number, Bytes data, Sink& sink) {
  if (up::is_asleep(data)) {
    answer_ = Answer::asleep;
    return sink.emit({number, Rejected{FrameError::range}});
  }
  up::Status status = up::decode_status(data).value();
  sink.emit({number, GoodFrame{}});
  Unit& unit = units_[number];
  merge(unit.spare, status.identity);
  unit.full_ah = status.reading.full_ah;
  if (holds_) return;
  if (number != master) return tell(number, std::move(status), sink);
  settle(sink);
  unit.waiting = std::move(status);
}

/// Of a sum only what is no sum, the master's alarms and its temperatures, stands beside its own status; what it draws
/// itself nobody knows.
void UpDecoder::on_own_status(int number, Bytes data, Sink& sink) {
  const Reading own = up::decode_own_status(data).value();
  sink.emit({number, GoodFrame{}});
  Unit& unit = units_[number];
  if (unit.full_ah && own.full_ah) unit.is_sum = std::abs(*unit.full_ah - *own.full_ah) > sum_apart * *own.full_ah;
  if (!unit.waiting) return;
  up::Status status = std::move(*unit.waiting);
  unit.waiting.reset();
  if (unit.is_sum) {
    merge(status.reading, own);
    status.reading.current_a.reset();
    status.reading.power_w.reset();
    status.reading.derived.clear();
    status.limits.capacity_ah = own.full_ah;
  }
  tell(number, std::move(status), sink);
}

void UpDecoder::tell(int number, up::Status status, Sink& sink) {
  sink.emit({number, std::move(status.limits)});
  sink.emit({number, std::move(status.reading)});
}

void UpDecoder::tell(int number, Identity identity, Sink& sink) {
  if (identity == Identity{}) return;
  merge(units_[number].told, identity);
  identity.brand = "JBD";
  identity.protocol = "jbd-up";
  sink.emit({number, std::move(identity)});
}

bool UpDecoder::is_sum() const {
  const auto unit = units_.find(master);
  return unit != units_.end() && unit->second.is_sum;
}

/// A sum without what unit 1 says of itself is no reading of it.
void UpDecoder::settle(Sink& sink) {
  const auto unit = units_.find(master);
  if (unit == units_.end() || !unit->second.waiting) return;
  up::Status status = std::move(*unit->second.waiting);
  unit->second.waiting.reset();
  if (!unit->second.is_sum) tell(master, std::move(status), sink);
}

void UpDecoder::introduce(Sink& sink) {
  for (auto& [number, unit] : units_) {
    Identity news = unit.spare;
    if (unit.told.model) news.model.reset();
    if (unit.told.serial) news.serial.reset();
    if (unit.told.software) news.software.reset();
    tell(number, std::move(news), sink);
  }
}

void UpDecoder::finish(Sink& sink) {
  replies_.flush(
      up::next_frame, [&](Bytes frame) { on_reply(frame, sink); },
      [&](FrameError why) {
        sink.emit({unit_, Rejected{why}});
      });
  settle(sink);
  introduce(sink);
}

}  // namespace cellwarden::jbd
