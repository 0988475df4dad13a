#include "daemon/analyst/analyst.h"

#include <spdlog/spdlog.h>

#include <map>

#include "daemon/alerts/alerts.h"
#include "daemon/analysis/analysis.h"
#include "daemon/analyst/pack_state.h"
#include "daemon/history/chronicle.h"
#include "daemon/history/state_store.h"

namespace cellwarden {

namespace {

constexpr double save_every_s = 900, alerts_save_every_s = 10, idle_save_every_s = 6 * 3600;

struct Pack {
  explicit Pack(const AnalysedPack& of) : config(of), analysis(of.settings), alerts(of.id, of.alerts) {}

  AnalysedPack config;
  Analysis analysis;
  Alerts alerts;
  Limits from_bms;
  double saved_s = -1e9;
  bool flowed = false, alerts_changed = false, heard = false;  ///< since the last save

  void learn(const Limits& news) {
    from_bms = news;
    analysis.on_limits(news);
  }
  std::string state() const { return join({alerts.save(), analysis.save()}); }
  bool restore(std::string_view blob) {
    const auto state = split(blob);
    return state && alerts.restore(state->alerts) && analysis.restore(state->analysis);
  }
  bool worth_a_save(double now_s) const {
    const double since_s = now_s - saved_s;
    return analysis.dirty() || (alerts_changed && since_s >= alerts_save_every_s) ||
           (flowed && since_s >= save_every_s) || (heard && since_s >= idle_save_every_s);
  }
};

}  // namespace

struct Analyst::Impl {
  void tell(const std::string& id, Pack& pack) {
    if (!pack.alerts.has_events()) return;
    pack.alerts_changed = true;
    const auto events = pack.alerts.take_events();
    for (const auto& event : events) {
      spdlog::log(event.raised && event.alert.level != Level::info ? spdlog::level::warn : spdlog::level::info, "{}",
                  event.alert.text);
      if (on_event) on_event(event);
      const Alert& alert = event.alert;
      chronicle.add(id, {utc, event.raised, std::string(name(alert.kind)), std::string(name(alert.level)), alert.text,
                         alert.cell});
    }
    next.on_alerts(id, pack.alerts.standing(), events);
  }

  void keep_closed(const std::string& id, Pack& pack) {
    for (const ClosedSegment& segment : pack.analysis.take_closed()) chronicle.add(id, segment);
  }

  void save(const std::string& id, Pack& pack) {
    store.save(id, pack.state(), utc);
    pack.saved_s = now_s, pack.flowed = pack.alerts_changed = pack.heard = false;
  }

  void load(const std::string& id, Pack& pack) const {
    const auto blob = store.load(id);
    if (!blob || pack.restore(*blob)) return;
    spdlog::warn("{}: what was learnt of it before is damaged or of another version: it is learnt anew", id);
    pack = Pack(pack.config);
  }

  void time(double steady_s, std::optional<UtcTime> at) {
    now_s = steady_s;
    if (at) utc = at;
  }

  StateStore& store;
  Chronicle& chronicle;
  PackObserver& next;
  std::function<void(const AlertEvent&)> on_event;
  std::map<std::string, Pack> packs = {};
  double now_s = 0;
  std::optional<UtcTime> utc = {};
};

Analyst::Analyst(StateStore& store, Chronicle& chronicle, PackObserver& next,
                 std::function<void(const AlertEvent&)> on_event)
    : impl_(std::make_unique<Impl>(Impl{store, chronicle, next, std::move(on_event)})) {}
Analyst::~Analyst() = default;

void Analyst::set_packs(const std::vector<AnalysedPack>& packs) {
  auto before = std::exchange(impl_->packs, {});
  for (const auto& config : packs) {
    const std::string id = config.id;
    const auto known = before.find(id);
    if (known != before.end() && known->second.config.settings == config.settings &&
        known->second.config.alerts == config.alerts) {
      impl_->packs.insert(before.extract(known));
      Alerts& alerts = impl_->packs.at(id).alerts;
      alerts.begin_again();
      impl_->next.on_alerts(id, alerts.standing(), {});
      continue;
    }
    Pack& pack = impl_->packs.emplace(id, Pack(config)).first->second;
    if (known != before.end()) {
      pack.restore(known->second.state());
      pack.learn(known->second.from_bms);
      before.erase(known);
    } else {
      impl_->load(id, pack);
      pack.learn({});
    }
    impl_->next.on_alerts(id, pack.alerts.standing(), {});
  }
  for (auto& [id, pack] : before) impl_->save(id, pack);
}

void Analyst::on_tick(double steady_s, UtcTime utc) {
  impl_->time(steady_s, utc);
  for (auto& [id, pack] : impl_->packs) {
    pack.analysis.on_tick(steady_s, utc);
    pack.alerts.on_tick(steady_s, utc);
    impl_->tell(id, pack);
    impl_->keep_closed(id, pack);
    if (pack.worth_a_save(steady_s)) impl_->save(id, pack);
  }
}

void Analyst::save() {
  for (auto& [id, pack] : impl_->packs) impl_->save(id, pack);
}

void Analyst::on_reading(const std::string& pack_id, const Reading& reading, const Counters& counters) {
  impl_->next.on_reading(pack_id, reading, counters);
  const auto found = impl_->packs.find(pack_id);
  if (found == impl_->packs.end()) return;
  Pack& pack = found->second;
  impl_->time(reading.steady_s, reading.taken_at);
  pack.analysis.on_reading(reading);
  const Moment& moment = pack.analysis.moment();
  pack.heard = true;
  pack.flowed |= moment.fresh && moment.current_a != 0;
  pack.alerts.on_reading(reading, pack.analysis.insight(), moment, pack.analysis.limits());
  impl_->next.on_insight(pack_id, pack.analysis.insight());
  impl_->tell(pack_id, pack);
  impl_->keep_closed(pack_id, pack);
  if (pack.worth_a_save(reading.steady_s)) impl_->save(pack_id, pack);  // last, for a card takes its time
}

void Analyst::on_energy(const std::string& pack_id, const Energy& energy) { impl_->next.on_energy(pack_id, energy); }

void Analyst::on_info(const std::string& pack_id, const Identity& identity, const Limits& limits) {
  impl_->next.on_info(pack_id, identity, limits);
  const auto found = impl_->packs.find(pack_id);
  if (found == impl_->packs.end()) return;
  if (limits != found->second.from_bms) impl_->chronicle.set_limits(pack_id, limits);
  found->second.learn(limits);
}

void Analyst::on_status(const std::string& pack_id, bool online, const std::string& why) {
  impl_->next.on_status(pack_id, online, why);
  const auto found = impl_->packs.find(pack_id);
  if (found == impl_->packs.end()) return;
  found->second.alerts.on_status(online, why, impl_->now_s, impl_->utc);
  impl_->tell(pack_id, found->second);
}

}  // namespace cellwarden
