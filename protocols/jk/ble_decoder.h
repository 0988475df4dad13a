#pragma once
// Gives JK's frames over Bluetooth their meaning: the layout of the cells is decided once, and kept.
#include "protocols/adapter.h"
#include "protocols/jk/ble_doubles.h"
#include "protocols/jk/ble_frames.h"

namespace cellwarden::jk {

class BleDecoder : public Decoder {
 public:
  void feed(Direction direction, Bytes bytes, Sink& sink) override;
  void finish(Sink& sink) override;

  /// How many good ones came so far.
  struct Heard {
    std::size_t devices = 0, settings = 0, readings = 0;
  };
  const Heard& heard() const { return heard_; }

  /// The beginning of a frame waits for its rest.
  bool has_half() const { return frames_.has_rest(); }
  /// The rest will not come any more.
  void drop_half(Sink& sink);

 private:
  void on_frame(Bytes frame, Sink& sink);
  void on_device(Bytes frame, Sink& sink);
  void on_settings(Bytes frame, Sink& sink);
  void on_cells(Bytes frame, Sink& sink);
  Result<BleLayout> layout_of(Bytes frame);

  Reassembler frames_;
  BleDoubles doubles_;
  Heard heard_;
  BleDevice device_;                 ///< as it said last
  std::optional<BleLayout> layout_;  ///< as decided by the first cells that made sense
};

}  // namespace cellwarden::jk
