#include "daemon/alerts/board.h"

#include <algorithm>

#include "daemon/alerts/wording.h"

namespace cellwarden {

namespace {

/// A key with cell 0 is the pack's one alert of that kind.
auto find_alert(std::vector<Alert>& all, AlertKind kind, int cell) {
  return std::ranges::find_if(
      all, [&](const Alert& alert) { return alert.kind == kind && (cell == 0 || alert.cell == cell); });
}

}  // namespace

void Board::at(double steady_s, std::optional<UtcTime> utc) {
  if (steady_s < steady_s_) break_off();
  steady_s_ = steady_s;
  if (utc) utc_ = utc;
}

void Board::break_off() {
  for (auto& [key, latch] : latches_) latch.pending = Verdict::neither;
}

void Board::judge(const Key& key, Verdict verdict, double hold_s, const Say& say) {
  auto found = latches_.find(key);
  if (found == latches_.end()) {
    if (verdict != Verdict::raise) return;
    found = latches_.emplace(key, Latch{}).first;
  }
  Latch& latch = found->second;
  if (verdict != latch.pending) latch.pending = verdict, latch.from_s = steady_s_, latch.from_utc = utc_;
  if (verdict == Verdict::neither || (verdict == Verdict::raise) == latch.up) return;
  if (steady_s_ - latch.from_s >= hold_s - 1e-9) flip(key, latch, say);
}

void Board::judge_charge(const Key& key, Verdict verdict, int times, const Say& say) {
  auto found = latches_.find(key);
  if (found == latches_.end()) {
    if (verdict != Verdict::raise) return;
    found = latches_.emplace(key, Latch{}).first;
  }
  Latch& latch = found->second;
  if (verdict == Verdict::neither) {
    latch.counted = verdict, latch.times = 0;
    return;
  }
  latch.times = std::exchange(latch.counted, verdict) == verdict ? std::min(latch.times + 1, times) : 1;
  if (latch.times == 1) latch.from_utc = utc_;
  if (latch.times >= times && (verdict == Verdict::raise) != latch.up) flip(key, latch, say);
}

void Board::flip(const Key& key, Latch& latch, const Say& say) {
  latch.up = !latch.up;
  const auto level = highest(key.kind, key.cell);
  const auto stood = find_alert(standing_, key.kind, key.cell);
  if (!level) {
    Alert gone = std::move(*stood);
    standing_.erase(stood);
    const auto cell = gone.cell;
    const Words words = say();
    const std::string said = words.over.empty() ? "over: " + words.what : words.over;
    put_words(gone, words);
    gone.cell = cell;
    gone.text = shortened(pack_ + ": " + said + (gone.since ? "; it stood since " + time_text(*gone.since) : ""));
    gone.advice.clear();
    events_.push_back({false, std::move(gone)});
  } else if (stood == standing_.end()) {
    Alert alert;
    alert.kind = key.kind, alert.level = *level, alert.pack = pack_, alert.since = latch.from_utc;
    put_words(alert, say());
    standing_.push_back(alert);
    events_.push_back({true, std::move(alert)});
  } else if (*level > stood->level) {
    const auto cell = stood->cell;
    stood->level = *level;
    put_words(*stood, say());
    stood->cell = cell;
    events_.push_back({true, *stood});
  } else {
    stood->level = *level;
  }
}

std::optional<Level> Board::highest(AlertKind kind, int cell) const {
  for (const Level level : {Level::alarm, Level::warn, Level::info})
    if (stands({kind, level, cell})) return level;
  return std::nullopt;
}

void Board::put_words(Alert& alert, const Words& words) const {
  alert.cell = words.cell, alert.value = words.value, alert.unit = words.unit;
  alert.text = shortened(pack_ + ": " + words.what + (alert.since ? ", since " + time_text(*alert.since) : "") +
                         (words.why.empty() ? "" : ": " + words.why));
  alert.advice = shortened(words.advice);
}

double Board::held_s(const Key& key, Verdict verdict) const {
  const auto found = latches_.find(key);
  return found == latches_.end() || found->second.pending != verdict ? 0 : steady_s_ - found->second.from_s;
}

bool Board::stands(const Key& key) const {
  const auto found = latches_.find(key);
  return found != latches_.end() && found->second.up;
}

void Board::restore(std::vector<Alert> standing, std::map<Key, Latch> latches) {
  standing_ = std::move(standing);
  latches_ = std::move(latches);
  events_.clear();
}

}  // namespace cellwarden
