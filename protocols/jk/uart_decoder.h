#pragma once
// Gives JK's UART frames their meaning: which are answers, and which are our own request come back.
#include "protocols/adapter.h"
#include "protocols/jk/uart_tags.h"

namespace cellwarden::jk {

class UartDecoder : public Decoder {
 public:
  void feed(Direction direction, Bytes bytes, Sink& sink) override;
  void finish(Sink& sink) override;

  /// The last request fed has brought a reading.
  bool answered() const { return answered_; }

 private:
  void on_request(Sink& sink);
  void on_frame(Bytes frame, Sink& sink);
  bool expected(std::uint8_t kind) const;

  Reassembler replies_, requests_;
  bool heard_requests_ = false;  ///< a capture may hold replies alone
  bool answered_ = false;
};

}  // namespace cellwarden::jk
