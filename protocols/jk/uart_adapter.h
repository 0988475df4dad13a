#pragma once
// The conversation with a JK on its TTL port: one request, and the answer to it holds all. Nothing else may be sent
// (jk.md 3.7).
#include "protocols/jk/uart_decoder.h"

namespace cellwarden::jk {

class UartAdapter : public Adapter {
 public:
  explicit UartAdapter(const AdapterOptions& options);
  Task<void> run(Link& link, Sink& sink) override;

 private:
  Task<void> read_once(Link& link, Sink& sink);

  Duration poll_;
  UartDecoder decoder_;
};

}  // namespace cellwarden::jk
