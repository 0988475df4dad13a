#include "daemon/analysis/analysis.h"

namespace cellwarden {

struct Analysis::State {
  PackSettings settings;
  Limits limits;
  Insight insight;
  Moment moment;
};

Analysis::Analysis(const PackSettings& settings) : state_(std::make_unique<State>()) { state_->settings = settings; }
Analysis::Analysis(Analysis&&) noexcept = default;
Analysis& Analysis::operator=(Analysis&&) noexcept = default;
Analysis::~Analysis() = default;
void Analysis::on_limits(const Limits&) {}
void Analysis::on_reading(const Reading&) {}
void Analysis::on_tick(double, std::optional<UtcTime>) {}
const Insight& Analysis::insight() const { return state_->insight; }
const Moment& Analysis::moment() const { return state_->moment; }
const Limits& Analysis::limits() const { return state_->limits; }
bool Analysis::dirty() const { return false; }
std::string Analysis::save() const { return {}; }
bool Analysis::restore(std::string_view) { return false; }

}  // namespace cellwarden
