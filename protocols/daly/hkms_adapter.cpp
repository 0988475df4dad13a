#include "protocols/daly/hkms_adapter.h"

namespace cellwarden::daly {

namespace {

/// Over Bluetooth, and where there is no other, it is the first.
int board_of(const AdapterOptions& options) {
  return options.address >= 1 && options.address <= most_hkms_boards ? options.address : 1;
}

}  // namespace

HkmsAdapter::HkmsAdapter(const AdapterOptions& options)
    : RegisterAdapter(board_of(options), static_cast<std::uint8_t>(hkms_asked + board_of(options)),
                      static_cast<std::uint8_t>(hkms_answers + board_of(options)), options.over_ble),
      poll_(options.poll) {}

Task<void> HkmsAdapter::run(Link& link, Sink& sink) {
  decoder_ = {};
  co_await ask_live(link, sink, measured_block);
  decoder_.forget();  // only to see whether it is awake: the first reading comes when it has introduced itself
  co_await ask(link, sink, hkms_identity_block, tries_of_a_setting);
  co_await read_settings(link, sink);
  co_await poll_every(link, poll_, [&]() { return read_once(link, sink); });
}

/// A board without settings or a name is read all the same.
Task<void> HkmsAdapter::read_settings(Link& link, Sink& sink) {
  settings_read_ = link.now();
  co_await ask(link, sink, hkms_settings_block, tries_of_a_setting);
  co_await ask(link, sink, hkms_limits_block, tries_of_a_setting);
}

Task<void> HkmsAdapter::read_once(Link& link, Sink& sink) {
  co_await ask_live(link, sink, measured_block);
  co_await ask_live(link, sink, state_block);
  if (link.now() - settings_read_ >= settings_period) co_await read_settings(link, sink);
}

}  // namespace cellwarden::daly
