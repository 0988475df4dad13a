#include "daemon/packs/pack.h"

#include <spdlog/spdlog.h>

#include "protocols/plausible.h"

namespace cellwarden {

Pack::Pack(PackConfig config, Duration offline_after, PackObserver& observer)
    : config_(std::move(config)), offline_after_(offline_after), observer_(observer) {}

void Pack::start(BothClocks now) {
  last_good_ = now.steady;
  why_ = "not heard yet";
  observer_.on_status(config_.id, false, why_);
}

bool Pack::on_event(const Event& event, BothClocks now) {
  if (const auto* rejected = std::get_if<Rejected>(&event.what)) {
    reject(rejected->why);
  } else if (std::holds_alternative<GoodFrame>(event.what)) {
    ++counters_.good_frames;
  } else if (const auto* identity = std::get_if<Identity>(&event.what)) {
    learn(identity_, *identity);
  } else if (const auto* limits = std::get_if<Limits>(&event.what)) {
    learn(limits_, *limits);
  } else {
    return take(std::get<Reading>(event.what), now);
  }
  return false;
}

template <class T>
void Pack::learn(T& known, const T& news) {
  const T before = known;
  merge(known, news);
  if (known != before) observer_.on_info(config_.id, identity_, limits_);
}

bool Pack::take(Reading reading, BothClocks now) {
  reading.taken_at = now.utc;
  reading.steady_s = std::chrono::duration<double>(now.steady.time_since_epoch()).count();
  if (config_.invert_current) {
    for (auto* value : {&reading.current_a, &reading.power_w}) {
      if (*value) **value = -**value;
    }
  }
  if (!let_through(reading)) {
    reject(FrameError::range);
    return false;
  }

  ++counters_.readings;
  last_good_ = now.steady;
  set_online(true, "");
  observer_.on_reading(config_.id, reading, counters_);
  return true;
}

/// A cell no battery has is dropped with its reading as noise twice; three times running it is news: the reading goes
/// on without that cell.
bool Pack::let_through(Reading& reading) {
  const Plausibility found = check_plausible(reading);
  if (!found.wrong.empty()) {
    spdlog::debug("{}: a reading was dropped: {}", config_.id, found.wrong);
    return false;
  }
  std::map<int, int> in_a_row;
  bool all_known = true;
  for (const int cell : found.impossible_cells) {
    const int times = in_a_row[cell] = impossible_in_a_row_[cell] + 1;
    if (times < 3) all_known = false;
    auto& volts = reading.cells_v[static_cast<std::size_t>(cell) - 1];
    if (times == 3) {
      spdlog::warn("{}: cell {} reads {:.3f} V again and again: is its sense wire off?", config_.id, cell, *volts);
    }
    volts.reset();
  }
  impossible_in_a_row_ = std::move(in_a_row);
  return all_known;
}

void Pack::on_tick(BothClocks now, const std::string& why) {
  if (now.steady - last_good_ > offline_after_) set_online(false, why);
}

void Pack::set_online(bool online, const std::string& why) {
  if (online == online_ && why == why_) return;
  if (online != online_) {
    if (online) {
      spdlog::info("{}: online", config_.id);
    } else {
      spdlog::warn("{}: offline: {}", config_.id, why);
    }
  }
  online_ = online;
  why_ = why;
  observer_.on_status(config_.id, online, why);
}

}  // namespace cellwarden
