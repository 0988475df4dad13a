#pragma once
// Stands between the packs and who hears of them: has every reading analysed, tells what it means and what is to be
// alarmed about, and keeps what was learnt. A reading goes on first; what it means follows it.
//
//   told to the chronicle  every charge and discharge that closed, every alert that came or went, what the BMS cuts at
//   saved in history.db    when a charge or discharge closes, when an alert comes or goes (at most every 10 s), every
//                          15 min while current flows, every 6 h while it rests, and at an orderly stop
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/alerts/alert_settings.h"
#include "daemon/analysis/pack_settings.h"
#include "daemon/packs/pack_observer.h"

namespace cellwarden {

class Chronicle;
class StateStore;

struct AnalysedPack {
  std::string id;
  PackSettings settings;
  AlertSettings alerts;
};

class Analyst final : public PackObserver {
 public:
  /// `on_event` hears of every alert raised and cleared, beside `next`.
  Analyst(StateStore& store, Chronicle& chronicle, PackObserver& next,
          std::function<void(const AlertEvent&)> on_event = {});
  ~Analyst() override;

  /// The packs from now on. One whose settings changed keeps what was learnt of it; one that is gone is saved first.
  void set_packs(const std::vector<AnalysedPack>& packs);
  /// Time passes, every ten seconds or so.
  void on_tick(double steady_s, UtcTime utc);
  /// Everything: at an orderly stop.
  void save();

  void on_reading(const std::string& pack_id, const Reading& reading, const Counters& counters) override;
  void on_energy(const std::string& pack_id, const Energy& energy) override;
  void on_info(const std::string& pack_id, const Identity& identity, const Limits& limits) override;
  void on_status(const std::string& pack_id, bool online, const std::string& why) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cellwarden
