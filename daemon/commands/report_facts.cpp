#include "daemon/commands/report_facts.h"

#include <unistd.h>

#include <ostream>

#include "daemon/analyst/pack_state.h"
#include "daemon/commands/analysis_settings.h"
#include "daemon/commands/replay_progress.h"
#include "daemon/commands/replayed_pack.h"
#include "daemon/history/chronicle.h"
#include "daemon/history/energy_meter.h"
#include "daemon/history/energy_store.h"
#include "daemon/history/state_store.h"
#include "daemon/replay/recording.h"

namespace cellwarden {

namespace {

report::Facts begun(const PackConfig& pack) {
  report::Facts facts;
  facts.id = pack.id;
  facts.name = pack.name;
  facts.settings = analysis_settings(pack);
  return facts;
}

/// No report tells more of what is over.
void keep(report::PastAlert told, report::Facts& facts) {
  constexpr std::size_t most = 100;
  facts.told.push_back(std::move(told));
  if (facts.told.size() > most) facts.told.erase(facts.told.begin());
}

report::Facts read_facts(History& history, const PackConfig& pack, UtcTime now) {
  history.database->execute("BEGIN");  // all of one moment, whatever the service writes meanwhile
  report::Facts facts = begun(pack);
  Chronicle chronicle(history);
  facts.days = chronicle.days(pack.id);
  facts.segments = chronicle.segments(pack.id);
  facts.energy = saved_energy(history, pack.id);
  const auto blob = StateStore(history).load(pack.id);
  if (!blob)
    throw NothingKnown(
        history.file.string() + ": nothing is kept of " + pack.id +
        " yet: the service saves what it learns every 15 minutes while current flows, and when it stops");
  const auto state = split(*blob);
  Analysis analysis(facts.settings);
  Alerts alerts(pack.id, pack.alerts);
  if (!state || !analysis.restore(state->analysis) || !alerts.restore(state->alerts))
    throw NothingKnown(history.file.string() + ": what is kept of " + pack.id +
                       " is damaged or of another version; a running service learns it anew");
  facts.as_of = analysis.last_heard();
  facts.made = now;
  analysis.on_limits(chronicle.limits(pack.id).value_or(Limits{}));
  analysis.on_tick(0, now);
  facts.limits = analysis.limits();
  facts.insight = analysis.insight();
  facts.standing = alerts.standing();
  for (LoggedAlert& told : chronicle.alerts(pack.id))
    keep({told.at, told.raised, told.alert, told.level, told.text, told.cell}, facts);
  return facts;
}

/// As the chronicle keeps them.
class Days {
 public:
  void add(const ClosedSegment& segment, report::Facts& facts) const {
    if (!segment.ended_at) return;
    const auto today = std::chrono::floor<std::chrono::days>(*segment.ended_at);
    if (facts.days.empty() || facts.days.back().day != today) facts.days.push_back(DayPoint{.day = today});
    cellwarden::add(facts.days.back(), segment);
    facts.segments.push_back(segment);
    forget(facts.days, Chronicle::most_days), forget(facts.segments, Chronicle::most_segments);
  }

 private:
  template <class T>
  static void forget(std::vector<T>& list, int most) {
    if (list.size() > static_cast<std::size_t>(most)) list.erase(list.begin());
  }
};

}  // namespace

report::Facts facts_from_history(const std::filesystem::path& state_dir, const PackConfig& pack, UtcTime now) {
  const std::string file = state_dir / "history.db";
  try {
    History history = look_into_history(state_dir, history_schema());
    if (!history.database)
      throw NothingKnown(file +
                         ": there is no history yet; `cellwarden run` begins it, and service.state_dir says where");
    return read_facts(history, pack, now);
  } catch (const DatabaseError& failure) {
    throw NothingKnown(file + " cannot be read: " + failure.what() +
                       (access(file.c_str(), R_OK) == 0 ? "" : "; may you read there (try sudo)?"));
  }
}

report::Facts facts_from_recording(std::istream& in, const RecordedFile& file, const PackConfig& pack,
                                   std::ostream& err) {
  const auto recording = open_recording(in, {file.protocol, pack.address, pack.invert_current});
  std::ostream nowhere(nullptr);
  ReplayedPack replayed(pack, &nowhere);
  report::Facts facts = begun(pack);
  facts.recorded = true;
  if (facts.id.empty()) facts.id = file.name;
  replayed.tell([&facts](const AlertEvent& event) {
    const Alert& alert = event.alert;
    keep({facts.as_of, event.raised, std::string(name(alert.kind)), std::string(name(alert.level)), alert.text,
          alert.cell},
         facts);
  });
  EnergyMeter energy;
  ReplayProgress progress(err, isatty(STDERR_FILENO) != 0, file.bytes);
  Limits known;
  for (Reading reading; recording->next(reading);) {
    if (recording->limits() != known) replayed.on_limits(known = recording->limits());
    facts.as_of = reading.taken_at;
    replayed.on_reading(reading);
    energy.on_reading(power_of(reading), reading.steady_s);
    for (const ClosedSegment& segment : replayed.take_closed()) Days().add(segment, facts);
    progress.at(recording->rows(), recording->bytes());
  }
  if (recording->rows() == 0) throw NothingKnown(file.name + " holds no reading");
  facts.limits = replayed.limits();
  facts.insight = replayed.insight();
  facts.standing = replayed.standing();
  facts.energy = energy.total();
  return facts;
}

}  // namespace cellwarden
