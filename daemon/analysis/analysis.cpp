#include "daemon/analysis/analysis.h"

#include "daemon/analysis/pack_watch.h"

namespace cellwarden {

struct Analysis::State : PackWatch {
  using PackWatch::PackWatch;
};

Analysis::Analysis(const PackSettings& settings) : state_(std::make_unique<State>(settings)) {}
Analysis::Analysis(Analysis&&) noexcept = default;
Analysis& Analysis::operator=(Analysis&&) noexcept = default;
Analysis::~Analysis() = default;

void Analysis::on_limits(const Limits& limits) { state_->on_limits(limits); }
void Analysis::on_reading(const Reading& reading) { state_->on_reading(reading); }
void Analysis::on_tick(double steady_s, std::optional<UtcTime> utc) { state_->on_tick(steady_s, utc); }

const Insight& Analysis::insight() const { return state_->insight; }
const Moment& Analysis::moment() const { return state_->moment; }
const Limits& Analysis::limits() const { return state_->terms.limits; }

std::optional<UtcTime> Analysis::last_heard() const {
  const Memory& memory = state_->memory;
  const double utc_s = memory.heard_utc_s > 0 ? memory.heard_utc_s : memory.utc_s;  // an earlier version kept no more
  return utc_s > 0 ? std::optional(UtcTime(std::chrono::milliseconds(std::llround(utc_s * 1000)))) : std::nullopt;
}

std::vector<ClosedSegment> Analysis::take_closed() { return std::exchange(state_->closed, {}); }

bool Analysis::dirty() const { return state_->dirty; }
std::string Analysis::save() const {
  state_->dirty = false;
  return save_memory(state_->memory);
}
bool Analysis::restore(std::string_view blob) { return state_->restore(blob); }

}  // namespace cellwarden
