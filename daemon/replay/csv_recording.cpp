#include "daemon/replay/csv_recording.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cellwarden {

namespace {

using Is = CsvColumn::Is;

constexpr std::size_t most_cells = 512;  // a car's battery has 96

struct Named {
  std::string_view name;
  CsvColumn column;
};
constexpr Named known[] = {{"t_s", {Is::time}},
                           {"pack_v", {Is::number, &Reading::pack_v}},
                           {"current_a", {Is::number, &Reading::current_a}},
                           {"soc_pct", {Is::number, &Reading::soc_pct}},
                           {"remaining_ah", {Is::number, &Reading::remaining_ah}},
                           {"full_ah", {Is::number, &Reading::full_ah}},
                           {"charge_on", {Is::flag, nullptr, &Reading::charge_on}},
                           {"discharge_on", {Is::flag, nullptr, &Reading::discharge_on}},
                           {"balancing", {Is::flag, nullptr, &Reading::balancing}},
                           {"temp_c", {Is::temp}}};

/// The text up to the next comma; what stands around it does not matter.
std::string_view next_field(std::string_view& rest, bool& more) {
  const auto comma = rest.find(',');
  std::string_view field = rest.substr(0, comma);
  more = comma != std::string_view::npos;
  rest.remove_prefix(more ? comma + 1 : rest.size());
  const auto around = [](char c) { return c == ' ' || c == '\t' || c == '"'; };
  while (!field.empty() && around(field.front())) field.remove_prefix(1);
  while (!field.empty() && around(field.back())) field.remove_suffix(1);
  return field;
}

/// "cell_12_v" -> 12; 0 when it is none.
std::size_t cell_number(std::string_view name) {
  if (!name.starts_with("cell_") || !name.ends_with("_v")) return 0;
  const char* const digits = name.data() + 5;
  const char* const behind = name.data() + name.size() - 2;
  std::size_t n = 0;
  const auto [end, error] = std::from_chars(digits, behind, n);
  return error == std::errc() && end == behind && n <= most_cells ? n : 0;
}

CsvColumn column_of(std::string_view name) {
  for (const Named& row : known) {
    if (row.name == name) return row.column;
  }
  if (const std::size_t n = cell_number(name); n > 0) return {Is::cell, nullptr, nullptr, n - 1};
  return {};
}

/// False when the field is neither empty nor a number.
bool read(std::string_view field, std::optional<double>& into) {
  into.reset();
  if (field.empty()) return true;
  if (field.front() == '+') field.remove_prefix(1);
  double value = 0;
  const char* const behind = field.data() + field.size();
  const auto [end, error] = std::from_chars(field.data(), behind, value);
  if (error != std::errc() || end != behind || !std::isfinite(value)) return false;
  into = value;
  return true;
}

bool read(std::string_view field, std::optional<bool>& into) {
  std::optional<double> number;
  if (field == "true" || field == "false") {
    into = field == "true";
  } else if (!read(field, number)) {
    return false;
  } else {
    into.reset();
    if (number) into = *number != 0;
  }
  return true;
}

}  // namespace

CsvColumns::CsvColumns(std::string_view header) {
  std::vector<std::string_view> names;
  for (bool more = true; more;) {
    const std::string_view name = next_field(header, more);
    const CsvColumn column = column_of(name);
    if (column.is != Is::other && std::ranges::find(names, name) != names.end()) {
      throw NotARecording("its header names " + std::string(name) + " twice");
    }
    names.push_back(name);
    columns.push_back(column);
    if (column.is == Is::cell) cells = std::max(cells, column.cell + 1);
    if (column.is == Is::temp) temps = 1;
  }
  const auto measures = [](const CsvColumn& c) { return c.is != Is::other && c.is != Is::time; };
  if (std::ranges::find(names, "t_s") == names.end() || std::ranges::none_of(columns, measures)) {
    throw NotARecording("its first line is no header of recorded readings: t_s,pack_v,current_a,cell_1_v,...");
  }
}

bool CsvRecording::next(Reading& into) {
  into.cells_v.resize(columns_.cells);
  into.temps_c.resize(columns_.temps);
  for (std::string_view row; lines_.next(row);) {
    if (row.empty()) continue;
    if (read_row(row, into)) {
      ++rows_;
      return true;
    }
    skip();
  }
  return false;
}

/// A row with too few or too many fields is torn: its last value may be half a number.
bool CsvRecording::read_row(std::string_view row, Reading& into) const {
  bool more = true;
  std::optional<double> t_s;
  for (const CsvColumn& column : columns_.columns) {
    if (!more) return false;
    const std::string_view field = next_field(row, more);
    switch (column.is) {
      case Is::other:
        continue;
      case Is::time:
        if (!read(field, t_s)) return false;
        continue;
      case Is::number:
        if (!read(field, into.*column.number)) return false;
        continue;
      case Is::flag:
        if (!read(field, into.*column.flag)) return false;
        continue;
      case Is::temp:
        if (!read(field, into.temps_c[0])) return false;
        continue;
      case Is::cell:
        if (!read(field, into.cells_v[column.cell])) return false;
    }
  }
  return !more && t_s && set_time(*t_s, into);
}

}  // namespace cellwarden
