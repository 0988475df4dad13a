#include "daemon/alerts/alerts.h"

#include <algorithm>

#include "daemon/alerts/alert_json.h"
#include "daemon/alerts/rules.h"

namespace cellwarden {

namespace {

using Json = nlohmann::ordered_json;

constexpr int version = 1;
constexpr double gap_s = 120;

bool per_cell(AlertKind kind) {
  return kind == AlertKind::resistance || kind == AlertKind::drift || kind == AlertKind::drift_suspect ||
         kind == AlertKind::implausible_cell;
}
template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}
std::optional<int> whole(const Json& json) { return json.is_null() ? std::nullopt : std::optional(json.get<int>()); }
std::optional<FarApart> far_apart_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  const auto* place = std::ranges::find(gate_names, json.at(0).get<std::string>());
  if (place == gate_names.end()) return std::nullopt;
  return FarApart{static_cast<Gate>(place - gate_names.begin()), json.at(1).get<double>(), json.at(2).get<int>(),
                  json.at(3).get<int>()};
}

}  // namespace

void Alerts::on_reading(const Reading& reading, const Insight& insight, const Moment& moment, const Limits& limits) {
  if (!read_s_ || reading.steady_s - *read_s_ > gap_s) board_.break_off();
  read_s_ = reading.steady_s;
  heard_ = true;
  board_.at(reading.steady_s, reading.taken_at);
  const Scene scene{settings_, reading, insight, moment, limits, board_};
  judge_bms(scene);
  judge_implausible_cells(scene);
  judge_near_limits(scene);
  judge_deltas(scene, warned_charge_, far_apart_);
  judge_insight(scene);
  if (!moment.fresh || charges_ == moment.charges_closed) return;
  const bool closed = charges_ ? moment.charges_closed > *charges_ : moment.charges_closed > 0;
  charges_ = moment.charges_closed;
  if (closed) judge_closed_charge(scene);
}

void Alerts::on_status(bool online, const std::string& why, double steady_s, std::optional<UtcTime> utc) {
  board_.at(steady_s, utc);
  online_ = online, why_ = why;
  heard_ = heard_ || online;
  judge_offline();
}

void Alerts::on_tick(double steady_s, std::optional<UtcTime> utc) {
  if (steady_s - board_.steady_s() > gap_s) board_.break_off();  // the first tick, or we slept
  board_.at(steady_s, utc);
  judge_offline();
}

void Alerts::judge_offline() {
  board_.judge({AlertKind::pack_offline, Level::warn}, online_ ? Verdict::clear : Verdict::raise,
               heard_ ? 0 : settings_.pack_offline_at_start.count(), [&]() -> Words {
                 return {.cell = {},
                         .value = {},
                         .unit = {},
                         .what = "the pack is offline",
                         .why = why_.empty() ? "it does not answer" : why_,
                         .advice =
                             "Its values are not known: look at its cable and port, and whether another program "
                             "speaks to it.",
                         .over = "the pack is online again"};
               });
}

std::string Alerts::save() const {
  Json latches = Json::array();
  for (const auto& [key, latch] : board_.latches())
    latches.push_back(
        {name(key.kind), name(key.level), key.cell, latch.up, static_cast<int>(latch.counted), latch.times});
  return Json{
      {"version", version},
      {"charges", or_null(charges_)},
      {"warned_charge", or_null(warned_charge_)},
      {"far_apart",
       far_apart_ ? Json{name(far_apart_->place), far_apart_->v, far_apart_->charge, far_apart_->times} : Json()},
      {"standing", to_json(board_.standing())},
      {"latches", std::move(latches)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool Alerts::restore(std::string_view text) {
  try {
    const auto json = Json::parse(text);
    if (json.at("version") != version) return false;
    std::vector<Alert> standing;
    for (const auto& each : json.at("standing")) {
      auto alert = alert_from_json(each);
      if (!alert) return false;
      standing.push_back(std::move(*alert));
    }
    std::map<Board::Key, Board::Latch> latches;
    for (const auto& each : json.at("latches")) {
      const auto kind = kind_named(each.at(0).get<std::string>());
      const auto level = level_named(each.at(1).get<std::string>());
      const int counted = each.at(4).get<int>();
      if (!kind || !level || counted < 0 || counted > 2) return false;
      auto& latch = latches[{*kind, *level, each.at(2).get<int>()}];
      latch.up = each.at(3).get<bool>(), latch.counted = static_cast<Verdict>(counted);
      latch.times = each.at(5).get<int>();
    }
    // The two must say the same: what stands has its latch up, and the other way round.
    std::map<Board::Key, Board::Latch> sound = latches;
    for (auto& [key, latch] : sound) latch.up = false;
    for (const auto& alert : standing) {
      const int cell = per_cell(alert.kind) ? alert.cell.value_or(0) : 0;
      sound[{alert.kind, alert.level, cell}].up = true;
      for (auto& [key, latch] : sound)
        if (key.kind == alert.kind && key.cell == cell && key.level < alert.level) latch.up = latches[key].up;
    }
    const auto charges = whole(json.at("charges")), warned_charge = whole(json.at("warned_charge"));
    const auto far_apart = far_apart_from(json.value("far_apart", Json()));  // an earlier version's has none
    board_.restore(std::move(standing), std::move(sound));
    charges_ = charges, warned_charge_ = warned_charge, far_apart_ = far_apart;
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

}  // namespace cellwarden
