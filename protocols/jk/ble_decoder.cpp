#include "protocols/jk/ble_decoder.h"

#include <utility>

#include "protocols/jk/ble_cells.h"
#include "protocols/jk/ble_settings.h"

namespace cellwarden::jk {

void BleDecoder::feed(Direction direction, Bytes bytes, Sink& sink) {
  // A frame says itself what it is: requests tell nothing.
  if (direction == Direction::to_bms || is_ble_noise(bytes) || doubles_.is_second(bytes)) return;
  frames_.feed(
      bytes, next_ble_frame, [&](Bytes frame) { on_frame(frame, sink); },
      [&](FrameError why) {
        sink.emit({0, Rejected{why}});
      });
}

void BleDecoder::on_frame(Bytes frame, Sink& sink) {
  switch (kind_of_ble_frame(frame)) {
    case BleFrame::device:
      return on_device(frame, sink);
    case BleFrame::settings:
      return on_settings(frame, sink);
    case BleFrame::cells:
      return on_cells(frame, sink);
    case BleFrame::logbook:
      return sink.emit({0, GoodFrame{}});
    case BleFrame::noise:
    case BleFrame::command:  // acknowledges, and what we asked come back
      return;
  }
}

void BleDecoder::on_device(Bytes frame, Sink& sink) {
  BleDevice device = decode_ble_device(frame);
  // A capture may go on with another BMS.
  if (device != device_) layout_.reset();
  device_ = device;
  ++heard_.devices;
  sink.emit({0, GoodFrame{}});
  device.identity.brand = "JK";
  device.identity.protocol = "jk-ble";
  sink.emit({0, std::move(device.identity)});
}

void BleDecoder::on_settings(Bytes frame, Sink& sink) {
  auto limits = decode_ble_settings(frame, device_.generation);
  if (!limits) return sink.emit({0, Rejected{limits.error()}});
  ++heard_.settings;
  sink.emit({0, GoodFrame{}});
  sink.emit({0, std::move(*limits)});
}

void BleDecoder::on_cells(Bytes frame, Sink& sink) {
  const auto layout = layout_of(frame);
  if (!layout) return sink.emit({0, Rejected{layout.error()}});
  auto reading = decode_ble_cells(frame, *layout, device_.generation);
  if (!reading) return sink.emit({0, Rejected{reading.error()}});
  ++heard_.readings;
  sink.emit({0, GoodFrame{}});
  sink.emit({0, std::move(*reading)});
}

/// The cells know best, and what they once said holds. Until they do, because none is wired, the software's version
/// stands in. A frame that makes sense in another layout alone is none of ours.
Result<BleLayout> BleDecoder::layout_of(Bytes frame) {
  const auto seen = layout_by_cells(frame);
  if (!layout_) layout_ = seen;
  if (layout_ && seen && *seen != *layout_) return FrameError::range;
  if (layout_) return *layout_;
  if (device_.layout) return *device_.layout;
  return FrameError::range;
}

void BleDecoder::drop_half(Sink& sink) {
  if (frames_.drop_rest()) sink.emit({0, Rejected{FrameError::length}});
}

void BleDecoder::finish(Sink& sink) {
  frames_.flush(
      next_ble_frame, [&](Bytes frame) { on_frame(frame, sink); },
      [&](FrameError why) {
        sink.emit({0, Rejected{why}});
      });
}

}  // namespace cellwarden::jk
