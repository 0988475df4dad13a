#include "protocols/adapter.h"

namespace cellwarden {

Task<void> poll_every(Link& link, Duration period, std::function<Task<void>()> once) {
  SteadyTime next = link.now();
  for (;;) {
    co_await once();
    next += period;
    // Moments that passed meanwhile are left out: never two polls at once to catch up.
    if (next < link.now()) next += period * ((link.now() - next) / period + 1);
    co_await link.sleep_until(next);
  }
}

}  // namespace cellwarden
