#include "protocols/jk/ble_adapter.h"

namespace cellwarden::jk {

using namespace std::chrono_literals;

namespace {

/// The first reading of a stream may take ten seconds (jk.md 1.2); a running stream brings one every half second.
constexpr Duration device_limit = 2s, first_reading_limit = 10s, dry_limit = 5s;
/// The acknowledge comes after the answer: what is asked before it may be lost.
constexpr Duration acknowledge_time = 200ms;
constexpr int start_tries = 2;
/// Pushes come 0.43 s apart or more: after a longer gap a frame's rest may be another's.
constexpr Duration half_limit = 300ms;
constexpr Duration shortest_between_readings = 500ms;

}  // namespace

/// Lets a reading pass every half second, and knows when the last one came.
class BleAdapter::Paced : public Sink {
 public:
  Paced(Link& link, Sink& to) : link_(link), to_(to) {}

  void emit(Event event) override {
    if (std::holds_alternative<Reading>(event.what)) {
      last_reading_ = link_.now();
      if (last_reading_ < next_) return;
      next_ = last_reading_ + shortest_between_readings;
    }
    to_.emit(std::move(event));
  }

  bool is_dry() const { return link_.now() - last_reading_ >= dry_limit; }

 private:
  Link& link_;
  Sink& to_;
  SteadyTime last_reading_{}, next_{};
};

Task<void> BleAdapter::run(Link& link, Sink& sink) {
  decoder_ = {};
  Paced paced(link, sink);
  for (;;) {
    co_await start_stream(link, paced);
    co_await follow_stream(link, paced);
  }
}

/// Software 19 and 20 streams nothing unless it was asked who it is before (jk.md 1.2).
Task<void> BleAdapter::start_stream(Link& link, Paced& sink) {
  for (int tries = 1;; ++tries) {
    const BleDecoder::Heard before = decoder_.heard();
    try {
      co_await link.exchange(ble_ask_device(), device_limit, [&](Bytes notification) {
        hear(notification, link.now(), sink);
        return decoder_.heard().devices > before.devices;
      });
      co_await link.sleep_until(link.now() + acknowledge_time);
      co_await link.exchange(ble_start_stream(), first_reading_limit, [&](Bytes notification) {
        hear(notification, link.now(), sink);
        return decoder_.heard().settings > before.settings && decoder_.heard().readings > before.readings;
      });
      co_return;
    } catch (const LinkTimeout&) {
      if (tries == start_tries && decoder_.heard().readings == before.readings) throw;
    }
    // It streams, but its limits were lost twice: they stay unknown.
    if (tries == start_tries) co_return;
  }
}

Task<void> BleAdapter::follow_stream(Link& link, Paced& sink) {
  try {
    // Noise alone keeps a link busy: the time since the last reading is what counts.
    co_await link.listen(dry_limit, [&](Bytes notification) {
      hear(notification, link.now(), sink);
      return sink.is_dry();
    });
  } catch (const LinkTimeout&) {
  }
}

void BleAdapter::hear(Bytes notification, SteadyTime now, Sink& sink) {
  if (!is_ble_noise(notification)) {
    if (decoder_.has_half() && now - heard_at_ > half_limit) decoder_.drop_half(sink);
    heard_at_ = now;
  }
  decoder_.feed(Direction::from_bms, notification, sink);
}

}  // namespace cellwarden::jk
