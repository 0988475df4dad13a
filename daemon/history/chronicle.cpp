#include "daemon/history/chronicle.h"

#include <spdlog/spdlog.h>

#include <bit>

#include "protocols/battery_json.h"

namespace cellwarden {

namespace {

// A list of cells: 4 bytes each, little endian, whatever the machine.
std::string packed(const std::vector<double>& values) {
  std::string bytes;
  for (const double value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(bits >> (8 * i));
  }
  return bytes;
}
std::vector<double> unpacked(std::string_view bytes) {
  std::vector<double> values;
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) bits |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    values.push_back(std::bit_cast<float>(bits));
  }
  return values;
}

/// SQLite keeps no NaN: absent is NULL.
void bind(Statement& row, int n, const std::optional<double>& value) {
  if (value && known(*value)) row.bind(n, *value);
}
std::optional<double> optional_real(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.real(column));
}

std::string day_text(std::chrono::sys_days day) { return utc_text(day).substr(0, 10); }

Stop stop_from_name(std::string_view text) {
  const auto* at = std::ranges::find(stop_names, text);
  return at == stop_names.end() ? Stop::unknown : static_cast<Stop>(at - stop_names.begin());
}

/// All but the newest `most` rows of a pack.
void prune(Database& database, const char* table, const char* order, const std::string& pack_id, int most) {
  auto drop = database.prepare("DELETE FROM " + std::string(table) + " WHERE pack_id = ?1 AND " + order +
                               " <= (SELECT " + order + " FROM " + table + " WHERE pack_id = ?1 ORDER BY " + order +
                               " DESC LIMIT 1 OFFSET " + std::to_string(most) + ")");
  drop.bind(1, pack_id);
  drop.step();
}

DayPoint day_from(const Statement& row) {
  DayPoint point;
  if (const auto at = utc_from_text(row.text(0) + "T00:00:00.000Z"))
    point.day = std::chrono::floor<std::chrono::days>(*at);
  point.charged_ah = row.real(1), point.discharged_ah = row.real(2);
  point.highest_v = optional_real(row, 3).value_or(absent), point.lowest_v = optional_real(row, 4).value_or(absent);
  point.charges = static_cast<int>(row.real(5)), point.cut_by_bms = static_cast<int>(row.real(6));
  point.usable_ah = optional_real(row, 7), point.margin_mv = optional_real(row, 8);
  point.offset_pct = unpacked(row.blob(9)), point.r_mohm = unpacked(row.blob(10));
  return point;
}

constexpr const char* day_columns =
    "day, charged_ah, discharged_ah, highest_v, lowest_v, charges, cut_by_bms, usable_ah, margin_mv, offset_pct, "
    "r_mohm";

}  // namespace

template <class Change>
void Chronicle::change(Change&& change) {
  if (!history_.database || !history_.database->writable()) return;
  try {
    Transaction all(*history_.database);
    change(*history_.database);
    all.commit();
    // On a full disk a small row may find its place between two that do not.
    constexpr int enough = 20;
    if (fault_.empty() || ++written_ < enough) return;
    fault_.clear();
    spdlog::info("{}: is written again", history_.file.string());
  } catch (const DatabaseError& failure) {
    written_ = 0;
    if (std::exchange(fault_, failure.what()) == failure.what()) return;
    spdlog::warn("{}: {}: charges and alerts are missing in the report until it can be written", history_.file.string(),
                 failure.what());
  }
}

void Chronicle::add(const std::string& pack_id, const ClosedSegment& segment) {
  if (!segment.ended_at) return;
  change([&](Database& database) {
    auto row = database.prepare(
        "INSERT OR REPLACE INTO segments(pack_id, ended_at, charge, cause, ah, hours, edge_v, edge_cell, told,"
        " usable_ah, margin_mv, offset_pct, r_mohm) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    const std::string ended_at = utc_text(*segment.ended_at), offsets = packed(segment.offset_pct),
                      ohms = packed(segment.r_mohm);
    row.bind(1, pack_id).bind(2, ended_at).bind(3, segment.charge ? 1.0 : 0.0).bind(4, name(segment.cause));
    row.bind(5, segment.ah).bind(6, segment.hours);
    bind(row, 7, segment.edge_v);
    if (segment.edge_cell) row.bind(8, static_cast<double>(*segment.edge_cell));
    row.bind(9, segment.told ? 1.0 : 0.0);
    bind(row, 10, segment.usable_ah), bind(row, 11, segment.margin_mv);
    row.bind_blob(12, offsets).bind_blob(13, ohms);
    row.step();
    prune(database, "segments", "ended_at", pack_id, most_segments);

    const auto today = std::chrono::floor<std::chrono::days>(*segment.ended_at);
    DayPoint point = day(pack_id, today).value_or(DayPoint{.day = today});
    cellwarden::add(point, segment);
    write(point, pack_id);
    prune(database, "days", "day", pack_id, most_days);
  });
}

void Chronicle::write(const DayPoint& point, const std::string& pack_id) {
  auto row = history_.database->prepare("INSERT OR REPLACE INTO days(pack_id, " + std::string(day_columns) +
                                        ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
  const std::string text = day_text(point.day), offsets = packed(point.offset_pct), ohms = packed(point.r_mohm);
  row.bind(1, pack_id).bind(2, text).bind(3, point.charged_ah).bind(4, point.discharged_ah);
  bind(row, 5, point.highest_v), bind(row, 6, point.lowest_v);
  row.bind(7, static_cast<double>(point.charges)).bind(8, static_cast<double>(point.cut_by_bms));
  bind(row, 9, point.usable_ah), bind(row, 10, point.margin_mv);
  row.bind_blob(11, offsets).bind_blob(12, ohms);
  row.step();
}

void Chronicle::add(const std::string& pack_id, const LoggedAlert& alert) {
  change([&](Database& database) {
    auto row = database.prepare(
        "INSERT INTO alert_log(pack_id, at, raised, alert, level, cell, text) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    const std::string at = alert.at ? utc_text(*alert.at) : std::string();
    row.bind(1, pack_id);
    if (alert.at) row.bind(2, at);
    row.bind(3, alert.raised ? 1.0 : 0.0).bind(4, alert.alert).bind(5, alert.level);
    if (alert.cell) row.bind(6, static_cast<double>(*alert.cell));
    row.bind(7, alert.text);
    row.step();
    prune(database, "alert_log", "rowid", pack_id, most_alerts);
  });
}

void Chronicle::set_limits(const std::string& pack_id, const Limits& limits) {
  change([&](Database& database) {
    auto row = database.prepare("INSERT OR REPLACE INTO limits(pack_id, limits) VALUES(?1, ?2)");
    const std::string text = to_json(limits).dump();
    row.bind(1, pack_id).bind(2, text);
    row.step();
  });
}

std::vector<ClosedSegment> Chronicle::segments(const std::string& pack_id) {
  std::vector<ClosedSegment> all;
  if (!history_.database) return all;
  auto row = history_.database->prepare(
      "SELECT ended_at, charge, cause, ah, hours, edge_v, edge_cell, told, usable_ah, margin_mv, offset_pct, r_mohm"
      " FROM segments WHERE pack_id = ?1 ORDER BY ended_at");
  row.bind(1, pack_id);
  while (row.step()) {
    ClosedSegment& segment = all.emplace_back();
    segment.ended_at = utc_from_text(row.text(0));
    segment.charge = row.real(1) != 0, segment.cause = stop_from_name(row.text(2));
    segment.ah = row.real(3), segment.hours = row.real(4);
    segment.edge_v = optional_real(row, 5).value_or(absent);
    if (const auto cell = optional_real(row, 6)) segment.edge_cell = static_cast<int>(*cell);
    segment.told = row.real(7) != 0;
    segment.usable_ah = optional_real(row, 8), segment.margin_mv = optional_real(row, 9);
    segment.offset_pct = unpacked(row.blob(10)), segment.r_mohm = unpacked(row.blob(11));
  }
  return all;
}

std::optional<DayPoint> Chronicle::day(const std::string& pack_id, std::chrono::sys_days day) {
  auto row =
      history_.database->prepare("SELECT " + std::string(day_columns) + " FROM days WHERE pack_id = ?1 AND day = ?2");
  const std::string text = day_text(day);
  row.bind(1, pack_id).bind(2, text);
  return row.step() ? std::optional(day_from(row)) : std::nullopt;
}

std::vector<DayPoint> Chronicle::days(const std::string& pack_id) {
  std::vector<DayPoint> all;
  if (!history_.database) return all;
  auto row =
      history_.database->prepare("SELECT " + std::string(day_columns) + " FROM days WHERE pack_id = ?1 ORDER BY day");
  row.bind(1, pack_id);
  while (row.step()) all.push_back(day_from(row));
  return all;
}

std::vector<LoggedAlert> Chronicle::alerts(const std::string& pack_id) {
  std::vector<LoggedAlert> all;
  if (!history_.database) return all;
  auto row = history_.database->prepare(
      "SELECT at, raised, alert, level, cell, text FROM alert_log WHERE pack_id = ?1 ORDER BY rowid");
  row.bind(1, pack_id);
  while (row.step()) {
    LoggedAlert& alert = all.emplace_back();
    if (!row.is_null(0)) alert.at = utc_from_text(row.text(0));
    alert.raised = row.real(1) != 0, alert.alert = row.text(2), alert.level = row.text(3), alert.text = row.text(5);
    if (const auto cell = optional_real(row, 4)) alert.cell = static_cast<int>(*cell);
  }
  return all;
}

std::optional<Limits> Chronicle::limits(const std::string& pack_id) {
  if (!history_.database) return std::nullopt;
  auto row = history_.database->prepare("SELECT limits FROM limits WHERE pack_id = ?1");
  row.bind(1, pack_id);
  if (!row.step()) return std::nullopt;
  try {
    return limits_from_json(nlohmann::json::parse(row.text(0)));
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace cellwarden
