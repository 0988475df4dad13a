#include "protocols/jbd/jbd_decoder.h"

#include <algorithm>

#include "protocols/jbd/dd_tables.h"

namespace cellwarden::jbd {

namespace {

constexpr auto basic_info = static_cast<std::uint8_t>(Register::basic_info);
constexpr auto cell_voltages = static_cast<std::uint8_t>(Register::cell_voltages);
constexpr auto model = static_cast<std::uint8_t>(Register::model);
constexpr auto error_counts = static_cast<std::uint8_t>(Register::error_counts);
constexpr auto parameters = static_cast<std::uint8_t>(Register::parameters);

/// Unknown register, not allowed, checksum, password (jbd.md 1).
constexpr std::uint8_t first_error = 0x80, request_damaged = 0x82, last_error = 0x83;

/// 0x04 sends a zero for the last input of a board with one cell less (jbd.md 2.2).
void drop_unused_inputs(std::vector<std::optional<double>>& cells, std::size_t fitted) {
  while (cells.size() > fitted && cells.back() == 0) cells.pop_back();
}

/// DD frames, and those of the module in front of the board.
FrameStep next_request_of_either(Bytes received) {
  return received[0] == 0xFF ? login::next_frame(received) : next_request(received);
}

}  // namespace

/// What begins a frame of the one kind may lie in the data of the other: the request says which to look for.
FrameStep JbdDecoder::next_reply_step(Bytes received) const {
  return asked_module_ ? login::next_frame(received) : next_reply(received);
}

void JbdDecoder::feed(Direction direction, Bytes bytes, Sink& sink) {
  if (direction == Direction::to_bms) {
    requests_.feed(
        bytes, next_request_of_either, [&](Bytes frame) { on_request(frame, sink); }, [](FrameError) {});
  } else {
    replies_.feed(
        bytes, [this](Bytes received) { return next_reply_step(received); },
        [&](Bytes frame) { on_reply(frame, sink); },
        [&](FrameError why) {
          sink.emit({0, Rejected{why}});
        });
  }
}

void JbdDecoder::on_request(Bytes frame, Sink& sink) {
  heard_requests_ = true;
  answer_ = Answer::none_yet;
  module_answer_.reset();
  asked_module_.reset();
  if (frame[0] == 0xFF) {
    asked_module_ = login::open_frame(frame).command;
    if (replies_.drop_rest()) sink.emit({0, Rejected{FrameError::length}});
    return;
  }
  const Request request = open_request(frame);
  asked_ = request.reg;
  asked_write_ = !request.read;
  last_request_.assign(frame.begin(), frame.end());
  // What is unfinished now belongs to the request before.
  if (replies_.drop_rest()) sink.emit({0, Rejected{FrameError::length}});
  if (request.reg != cell_voltages) half_.reset();
}

void JbdDecoder::on_module_reply(Bytes frame, Sink& sink) {
  const login::Frame reply = login::open_frame(frame);
  if (module_answer_ || reply.command != asked_module_ || reply.data.size() != 1) {
    return sink.emit({0, Rejected{FrameError::unexpected}});
  }
  module_answer_ = reply.data[0];
  const bool is_verdict = reply.command != static_cast<std::uint8_t>(login::Command::random);
  if (is_verdict && *module_answer_ == login::wrong) return sink.emit({0, Rejected{FrameError::refused}});
  sink.emit({0, GoodFrame{}});
}

void JbdDecoder::on_reply(Bytes frame, Sink& sink) {
  if (asked_module_) return on_module_reply(frame, sink);
  if (std::ranges::equal(frame, last_request_)) {
    // Our own request come back (RS485): as an old board's "DD A5" reply it would read as a refusal.
    sink.emit({0, Rejected{FrameError::unexpected}});
    return;
  }
  const Reply reply = open_reply(frame);
  const bool is_ours = asked_ && reply.reg.value_or(*asked_) == *asked_;
  if (heard_requests_ ? !is_ours : !reply.reg) {
    // Nobody asked: stale, doubled, or our own request come back as an echo.
    sink.emit({0, Rejected{FrameError::unexpected}});
    return;
  }
  const std::uint8_t reg = reply.reg ? *reply.reg : *asked_;
  if (reply.status != 0) {
    if (reply.status < first_error || reply.status > last_error) return sink.emit({0, Rejected{FrameError::range}});
    sink.emit({0, Rejected{FrameError::refused}});
    // Our request came to it damaged: the next try will do.
    if (reply.status == request_damaged) return;
    asked_.reset();
    answer_ = Answer::refused;
    return;
  }
  try {
    if (asked_ && asked_write_) {
      sink.emit({0, GoodFrame{}});
    } else {
      on_data(reg, reply.data, sink);
    }
    asked_.reset();
    answer_ = Answer::ok;
  } catch (const BadFrame& bad) {
    sink.emit({0, Rejected{bad.why}});
  }
}

void JbdDecoder::on_data(std::uint8_t reg, Bytes data, Sink& sink) {
  if (reg == basic_info) {
    half_ = decode_basic_info(data).value();
    unit_x10_ = half_->unit_x10;
    sink.emit({0, GoodFrame{}});
    Identity identity = half_->identity;
    identity.brand = "JBD";
    identity.protocol = "jbd";
    sink.emit({0, identity});
  } else if (reg == cell_voltages) {
    on_cells(data, sink);
  } else if (reg == model) {
    Identity identity;
    identity.model = decode_text(data);
    sink.emit({0, GoodFrame{}});
    sink.emit({0, identity});
  } else if (reg == error_counts) {
    decode_error_counts(data).value();
    sink.emit({0, GoodFrame{}});
  } else if (reg == parameters) {
    on_config(decode_parameters(data).value(), sink);
  } else if (reg >= 0x10 && reg <= 0x3F) {
    on_config({{reg, decode_config(data).value()}}, sink);
  } else if (reg >= 0xA0 && reg <= 0xA2) {
    on_text(reg, data, sink);
  } else {
    sink.emit({0, GoodFrame{}});  // intact and of no use to us: 0x00, passwords, calibration
  }
}

void JbdDecoder::on_cells(Bytes data, Sink& sink) {
  auto cells = decode_cells(data).value();
  if (!half_) {
    sink.emit({0, GoodFrame{}});
    cells_alone_.emplace();
    cells_alone_->cells_v = std::move(cells);
    return;
  }
  const auto fitted = static_cast<std::size_t>(half_->cell_count);
  drop_unused_inputs(cells, fitted);
  if (cells.size() != fitted) throw BadFrame(FrameError::range);
  sink.emit({0, GoodFrame{}});
  half_->reading.cells_v = std::move(cells);
  sink.emit({0, std::move(half_->reading)});
  half_.reset();
  cells_alone_.reset();
}

void JbdDecoder::on_config(const ConfigWords& words, Sink& sink) {
  for (const auto& [reg, raw] : words) config_[reg] = raw;
  sink.emit({0, GoodFrame{}});
  const Limits limits = limits_of(config_, unit_x10_);
  if (limits != Limits{}) sink.emit({0, limits});
  Identity identity = identity_of(config_);
  if (barcode_) identity.serial = barcode_;
  if (identity != Identity{}) sink.emit({0, identity});
}

void JbdDecoder::on_text(std::uint8_t reg, Bytes data, Sink& sink) {
  const Identity identity = decode_config_text(reg, data).value();
  sink.emit({0, GoodFrame{}});
  if (identity.serial) barcode_ = identity.serial;
  if (identity != Identity{}) sink.emit({0, identity});
}

void JbdDecoder::finish(Sink& sink) {
  replies_.flush([this](Bytes received) { return next_reply_step(received); },
                 [&](Bytes frame) { on_reply(frame, sink); },
                 [&](FrameError why) {
                   sink.emit({0, Rejected{why}});
                 });
  if (half_) sink.emit({0, std::move(half_->reading)});
  if (!half_ && cells_alone_) sink.emit({0, std::move(*cells_alone_)});
  half_.reset();
  cells_alone_.reset();
}

}  // namespace cellwarden::jbd
