#pragma once
// The conversation with a JK over Bluetooth: who are you, then settings and a stream of readings that it pushes about
// twice a second. The two requests and nothing else may be sent (jk.md 3.7).
//
//   asking who --0x03--> asking for the stream --0x01, 0x02--> listening --nothing good for 5 s--> asking who
//   Unanswered twice running, the link is given up. One connection, one layout: the decoder begins anew with `run`.
#include "protocols/jk/ble_decoder.h"

namespace cellwarden::jk {

class BleAdapter : public Adapter {
 public:
  explicit BleAdapter(const AdapterOptions&) {}
  Task<void> run(Link& link, Sink& sink) override;

 private:
  class Paced;

  Task<void> start_stream(Link& link, Paced& sink);
  Task<void> follow_stream(Link& link, Paced& sink);
  void hear(Bytes notification, SteadyTime now, Sink& sink);

  BleDecoder decoder_;
  SteadyTime heard_at_{};  ///< the last notification that was not noise
};

}  // namespace cellwarden::jk
