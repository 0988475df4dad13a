#include "protocols/jk/line_decoder.h"

#include <utility>

#include "protocols/jk/ble_cells.h"
#include "protocols/jk/ble_settings.h"

namespace cellwarden::jk {

namespace {

constexpr int master = 0;

/// T3 to T5, and not the rest.
bool asks_more_temps(const LineFrame& request) {
  constexpr int probes_there = 0x12D0, first = 0x12F8, end = 0x12FE;
  return request.start > probes_there && request.start <= first && request.start + 2 * request.count >= end;
}

}  // namespace

void LineDecoder::feed(Direction direction, Bytes bytes, Sink& sink) {
  const auto rule = [this](Bytes received) { return next_line_frame(received, pad_may_come_); };
  const auto on_each = [&](Bytes frame) { on_frame(frame, direction, sink); };
  if (direction == Direction::to_bms) {
    sent_.feed(bytes, rule, on_each, [](FrameError) {});
  } else {
    heard_.feed(bytes, rule, on_each, [&](FrameError why) { on_skip(why, sink); });
  }
}

void LineDecoder::on_frame(Bytes bytes, Direction direction, Sink& sink) {
  const LineFrame frame = open_line_frame(bytes);
  pad_may_come_ = frame.kind == LineFrame::data || frame.kind == LineFrame::done;
  switch (frame.kind) {
    case LineFrame::pad:
      return;
    case LineFrame::read:
    case LineFrame::trigger:
    case LineFrame::other_write:
      return on_request(frame, direction, sink);
    case LineFrame::registers:
      on_registers(frame, sink);
      break;
    case LineFrame::refusal:
      on_refusal(frame, sink);
      break;
    case LineFrame::done:
      on_done(frame, sink);
      break;
    case LineFrame::data:
      on_data(frame.payload, sink);
      break;
  }
  is_clean_ = true;
}

void LineDecoder::on_request(const LineFrame& frame, Direction direction, Sink& sink) {
  const Asked asked{frame.kind, frame.address, frame.start, frame.count};
  const bool is_ours = direction == Direction::to_bms;
  if (is_ours) {
    last_sent_ = asked;
    // What is unfinished now belongs to the request before.
    if (heard_.drop_rest()) reject(FrameError::length, sink);
  } else if (last_sent_) {
    // What we asked, come back; or somebody else asks here.
    if (asked != last_sent_ && frame.kind == LineFrame::trigger) hears_master_ = true;
    return;
  }
  resolve(sink);
  give_up(doubtful_, sink);
  is_clean_ = heard_requests_ = true;
  answer_ = Answer::none_yet;
  asked_ = asked;
  if (frame.kind != LineFrame::read) return;
  Pack& pack = packs_[frame.address];
  if (asks_more_temps(frame)) {
    pack.more_asked = true;
    return;
  }
  pack.alone |= area_of(frame.start, frame.count) == Area::live && pack.waiting && !pack.more_asked;
  end_wait(frame.address, sink);
}

void LineDecoder::on_registers(const LineFrame& frame, Sink& sink) {
  resolve(sink);
  if (!heard_requests_) return on_words_alone(frame.address, frame.payload, sink);
  const bool fits = asked_ && asked_->kind == LineFrame::read && asked_->address == frame.address &&
                    std::size_t{2} * asked_->count == frame.payload.size();
  if (!fits) return reject(FrameError::unexpected, sink);  // stale, doubled, or of nobody's request
  answer_ = Answer::over;
  on_words(frame.address, std::exchange(asked_, std::nullopt)->start, frame.payload, sink);
}

void LineDecoder::on_words(int address, std::uint16_t start, Bytes data, Sink& sink) {
  const auto area = area_of(start, data.size() / 2);
  if (!area) return good(address, sink);
  AreaFrame words(*area);
  words.put(start, data);
  if (holds_live(words)) return on_live(address, std::move(words), sink);
  Pack& pack = packs_[address];
  if (holds_settings(words)) {
    const auto limits = decode_settings(words);
    if (!limits) {
      answer_ = Answer::nonsense;
      return reject(limits.error(), sink);
    }
    good(address, sink);
    return sink.emit({address, *limits});
  }
  good(address, sink);
  if (*area == Area::device) {
    BleDevice device = decode_ble_device(words.frame());
    if (device.generation) pack.generation = device.generation;
    return introduce(address, std::move(device.identity), sink);
  }
  if (!holds_more_temps(words)) return;
  pack.alone = false;
  pack.has_more = true;
  if (pack.waiting) pack.waiting->put(start, data);
  tell_waiting(address, sink);
}

void LineDecoder::on_live(int address, AreaFrame live, Sink& sink) {
  const auto reading = decode_live(live, packs_[address].generation);
  if (!reading) {
    answer_ = Answer::nonsense;
    return reject(reading.error(), sink);
  }
  good(address, sink);
  Pack& pack = packs_[address];
  pack.waiting = std::move(live);
  pack.more_asked = false;
  if (pack.alone || holds_more_temps(*pack.waiting)) tell_waiting(address, sink);
}

/// How many there are says what they may be; the values must bear it out.
void LineDecoder::on_words_alone(int address, Bytes data, Sink& sink) {
  const std::size_t count = data.size() / 2;
  const auto as = [&](Area area, std::uint16_t start) {
    AreaFrame words(area);
    words.put(start, data);
    return words;
  };
  if (count == live_block.count) {
    const AreaFrame live = as(Area::live, live_block.start);
    if (is_sound(live.frame())) return on_words(address, live_block.start, data, sink);
  }
  if (count == live_block.count || count == settings_block.count) {
    const AreaFrame settings = as(Area::settings, settings_block.start);
    if (decode_settings(settings)) return on_words(address, settings_block.start, data, sink);
  }
  const auto waits = packs_.find(address);
  if (count == more_temps_block.count && waits != packs_.end() && waits->second.waiting)
    return on_words(address, more_temps_block.start, data, sink);
  reject(FrameError::unexpected, sink);
}

void LineDecoder::on_refusal(const LineFrame& frame, Sink& sink) {
  resolve(sink);
  const bool is_write = asked_ && asked_->kind != LineFrame::read;
  if (!asked_ || asked_->address != frame.address || is_write != (frame.function == 0x10))
    return reject(FrameError::unexpected, sink);
  answer_ = Answer::refused;
  reject(FrameError::refused, sink);
  const Asked asked = *std::exchange(asked_, std::nullopt);
  if (!is_write && packs_[asked.address].more_asked) tell_waiting(asked.address, sink);
}

void LineDecoder::on_data(Bytes data, Sink& sink) {
  resolve(sink);
  const bool is_asked = asked_ && asked_->kind == LineFrame::trigger;
  held_ = Held{{data.begin(), data.end()}, is_asked || !is_clean_};
}

/// The only word of who sent the data before it.
void LineDecoder::on_done(const LineFrame& frame, Sink& sink) {
  auto held = std::exchange(held_, std::nullopt);
  give_up(doubtful_, sink);
  const auto asked = std::exchange(asked_, std::nullopt);
  if (!held) {
    if (asked && asked->kind == LineFrame::other_write) return;
    return reject(FrameError::unexpected, sink);
  }
  const auto what = trigger_of(held->data);
  const bool is_its_data = what && static_cast<std::uint16_t>(*what) == frame.start && frame.count == 1;
  const bool was_asked =
      asked && asked->kind == LineFrame::trigger && asked->address == frame.address && asked->start == frame.start;
  const bool may_be_unheard = !asked && (way_ == Way::listen || !heard_requests_);
  if (!is_its_data || !(was_asked || may_be_unheard)) {
    if (way_ == Way::we_ask) asked_ = asked;  // another's: ours may still come
    return reject(FrameError::unexpected, sink);
  }
  answer_ = tell(frame.address, held->data, sink);
}

/// No `done` follows the data that is held: the master's own, or nobody's.
void LineDecoder::resolve(Sink& sink) {
  if (!held_) return;
  auto held = std::exchange(held_, std::nullopt);
  const bool is_settings = trigger_of(held->data) == Trigger::settings;
  if (way_ != Way::listen || (is_settings && own_address(held->data) != master)) {
    give_up(held, sink);
    return give_up(doubtful_, sink);
  }
  if (held->is_doubtful && !is_settings) {
    give_up(doubtful_, sink);
    doubtful_ = std::move(held);
    return;
  }
  if (auto vouched_for = std::exchange(doubtful_, std::nullopt)) tell(master, vouched_for->data, sink);
  asked_.reset();  // the master goes on: nobody answered
  tell(master, held->data, sink);
}

void LineDecoder::give_up(std::optional<Held>& held, Sink& sink) {
  if (std::exchange(held, std::nullopt)) reject(FrameError::unexpected, sink);
}

LineDecoder::Answer LineDecoder::tell(int address, Bytes data, Sink& sink) {
  Pack& pack = packs_[address];
  switch (kind_of_ble_frame(data)) {
    case BleFrame::settings: {
      const auto limits = decode_ble_settings(data, pack.generation);
      if (!limits) return reject(limits.error(), sink), Answer::nonsense;
      good(address, sink);
      sink.emit({address, *limits});
      return Answer::over;
    }
    case BleFrame::device: {
      BleDevice device = decode_ble_device(data);
      pack.generation = device.generation;
      good(address, sink);
      introduce(address, std::move(device.identity), sink);
      return Answer::over;
    }
    default:
      break;
  }
  auto reading = is_sound(data) ? decode_ble_cells(data, BleLayout::jk02_32s, pack.generation)
                                : Result<Reading>(FrameError::range);
  if (!reading) return reject(reading.error(), sink), Answer::nonsense;
  good(address, sink);
  introduce(address, {}, sink);  // more of it never passes on a chain
  sink.emit({address, std::move(*reading)});
  return Answer::over;
}

void LineDecoder::introduce(int address, Identity identity, Sink& sink) {
  identity.brand = "JK";
  identity.protocol = way_ == Way::listen ? "jk-listen" : "jk-modbus";
  sink.emit({address, std::move(identity)});
}

void LineDecoder::tell_waiting(int address, Sink& sink) {
  Pack& pack = packs_[address];
  const auto live = std::exchange(pack.waiting, std::nullopt);
  if (!live) return;
  auto reading = decode_live(*live, pack.generation);
  if (!reading) return reject(reading.error(), sink);
  introduce(address, {}, sink);
  sink.emit({address, std::move(*reading)});
}

/// The poll is over. A pack that has more than was heard of it is not told half.
void LineDecoder::end_wait(int address, Sink& sink) {
  Pack& pack = packs_[address];
  if (pack.has_more && pack.more_asked) pack.waiting.reset();
  tell_waiting(address, sink);
}

void LineDecoder::settle(Sink& sink) {
  for (const auto& [address, pack] : packs_) end_wait(address, sink);
}

void LineDecoder::forget() {
  for (auto& [address, pack] : packs_) pack.waiting.reset();
}

/// Between data and the word of who sent it anything may have been lost.
void LineDecoder::on_skip(FrameError why, Sink& sink) {
  reject(why, sink);
  is_clean_ = false;
  pad_may_come_ = false;
  give_up(held_, sink);
  give_up(doubtful_, sink);
}

void LineDecoder::pause(Sink& sink) {
  pad_may_come_ = false;
  heard_.flush([](Bytes received) { return next_line_frame(received, false); },
               [&](Bytes frame) { on_frame(frame, Direction::from_bms, sink); },
               [&](FrameError why) { on_skip(why, sink); });
  resolve(sink);
  give_up(doubtful_, sink);
  asked_.reset();
  is_clean_ = true;
}

void LineDecoder::finish(Sink& sink) {
  pause(sink);
  settle(sink);
}

/// Whose it would have been.
void LineDecoder::reject(FrameError why, Sink& sink) { sink.emit({asked_ ? asked_->address : 0, Rejected{why}}); }

}  // namespace cellwarden::jk
