#include "daemon/replay/capture_recording.h"

#include "daemon/links/capture.h"
#include "protocols/plausible.h"

namespace cellwarden {

bool CaptureRecording::next(Reading& into) {
  std::string_view text;
  while (ready_.empty()) {
    if (!lines_.next(text)) return false;  // half a poll at the end is no reading
    try {
      const auto line = capture_line(text);
      if (!line) continue;
      if (line->seconds) now_s_ = line->seconds;
      decoder_->feed(line->direction, line->bytes, *this);
    } catch (const CaptureError&) {
      skip();
    }
  }
  into = std::move(ready_.front());
  ready_.pop_front();
  ++rows_;
  return true;
}

void CaptureRecording::emit(Event event) {
  int& address = options_.address;
  if (address == 0 && std::holds_alternative<Reading>(event.what)) address = event.address;
  if (address != 0 && event.address != 0 && event.address != address) return;
  if (auto* reading = std::get_if<Reading>(&event.what)) {
    take(std::move(*reading));
  } else if (const auto* limits = std::get_if<Limits>(&event.what)) {
    merge(limits_, *limits);
  }
}

/// What no battery says, and what nobody knows the time of, is no reading.
void CaptureRecording::take(Reading reading) {
  const Plausibility found = check_plausible(reading);
  const bool possible = found.wrong.empty() && found.impossible_cells.empty();
  if (!possible || !now_s_ || !set_time(*now_s_, reading)) return skip();
  if (options_.invert_current) {
    for (auto* value : {&reading.current_a, &reading.power_w}) {
      if (*value) **value = -**value;
    }
  }
  ready_.push_back(std::move(reading));
}

}  // namespace cellwarden
