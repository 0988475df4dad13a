#pragma once
// The conversation with a JBD: who are you, what do you cut at, then 0x03 and 0x04 at every poll. Only reads leave it
// (jbd.md 3.2); over Bluetooth,
// where the owner has set a password, also what login.h says.
#include "protocols/jbd/jbd_decoder.h"

namespace cellwarden::jbd {

class JbdAdapter : public Adapter {
 public:
  explicit JbdAdapter(const AdapterOptions& options)
      : poll_(options.poll),
        over_ble_(options.over_ble),
        password_(options.ble_password),
        mac_(login::mac_of(options.ble_address)) {}
  Task<void> run(Link& link, Sink& sink) override;

 private:
  using Answer = JbdDecoder::Answer;

  Task<void> wake(Link& link, Sink& sink, int most_tries);
  Task<bool> wakes(Link& link, Sink& sink, int most_tries);
  /// Throws LinkTimeout when the module stays silent too, DeviceRefused when the password is wrong.
  Task<void> log_in(Link& link, Sink& sink);
  Task<std::optional<std::uint8_t>> ask_module(Link& link, Sink& sink, Buffer request);
  Task<void> identify(Link& link, Sink& sink);
  Task<void> read_limits(Link& link, Sink& sink);
  Task<void> read_once(Link& link, Sink& sink);
  /// Asks up to `tries` times. Throws LinkTimeout when none was answered.
  Task<Answer> ask(Link& link, Sink& sink, Buffer request, int tries);

  Duration poll_;
  bool over_ble_;
  std::string password_;
  std::optional<login::Mac> mac_;
  bool wants_login_ = false;  ///< it opened the board the last time; a module forgets with its connection
  JbdDecoder decoder_;
  SteadyTime limits_read_{};
};

}  // namespace cellwarden::jbd
