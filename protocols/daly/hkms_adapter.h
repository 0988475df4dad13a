#pragma once
// The conversation with one of Daly's H, K, M or S boards: is it awake there, who is it, what does it cut at, then its
// live registers in two parts at every poll and the settings again now and then.
#include "protocols/daly/hkms_decoder.h"
#include "protocols/daly/register_adapter.h"

namespace cellwarden::daly {

class HkmsAdapter : public RegisterAdapter {
 public:
  explicit HkmsAdapter(const AdapterOptions& options);
  Task<void> run(Link& link, Sink& sink) override;

 private:
  RegisterDecoder& decoder() override { return decoder_; }
  Task<void> read_settings(Link& link, Sink& sink);
  Task<void> read_once(Link& link, Sink& sink);

  Duration poll_;
  HkmsDecoder decoder_;
  SteadyTime settings_read_{};
};

}  // namespace cellwarden::daly
