#include "daemon/analysis/drift_points.h"

namespace cellwarden {

namespace {

constexpr double unit_pp = 0.01, most_pp = 80, same_day = 0.5;

DriftPoint point_of(const Offset& offset, double time_s, double capacity_ah) {
  if (offset.time_s != time_s) return {};  // remembered, not seen in this charge
  const double pp = 100 / capacity_ah;
  switch (offset.src) {
    case 2:
    case 1:
      return known(offset.ah) ? DriftPoint{PointKind::crossed, offset.ah * pp} : DriftPoint{};
    case 3:
      return known(offset.ah) ? DriftPoint{PointKind::aligned, offset.ah * pp} : DriftPoint{};
    case -1:
      return known(offset.at_least) ? DriftPoint{PointKind::bound, offset.at_least * pp} : DriftPoint{};
    default:
      return {};
  }
}

}  // namespace

DriftPoint DriftRow::at(std::size_t cell) const {
  const auto bits = static_cast<std::uint16_t>(packed[cell / 4] >> (16 * (cell % 4)));
  const auto kind = static_cast<PointKind>(bits & 3);
  if (kind == PointKind::none) return {};
  return {kind, unit_pp * (static_cast<std::int16_t>(bits) >> 2)};
}

void DriftRow::set(std::size_t cell, DriftPoint point) {
  std::uint16_t bits = 0;
  if (point.kind != PointKind::none) {
    const auto value = static_cast<int>(std::lround(std::clamp(point.pp, -most_pp, most_pp) / unit_pp));
    bits = static_cast<std::uint16_t>(static_cast<unsigned>(value) << 2 | static_cast<unsigned>(point.kind));
  }
  const auto shift = 16 * (cell % 4);
  packed[cell / 4] = (packed[cell / 4] & ~(std::uint64_t{0xFFFF} << shift)) | std::uint64_t{bits} << shift;
}

std::size_t DriftRow::count(PointKind kind, std::size_t cells) const {
  std::size_t all = 0;
  for (std::size_t i = 0; i < cells; ++i) all += at(i).kind == kind;
  return all;
}

bool DriftPoints::add(double day, const Offsets& top, std::size_t cells, double capacity_ah) {
  DriftRow row{.day = day};
  for (std::size_t i = 0; i < cells; ++i) row.set(i, point_of(top.cells[i], top.time_s, capacity_ah));
  if (count_ > 0 && day - rows_[size() - 1].day < same_day) {
    DriftRow& last = rows_[size() - 1];
    if (row.count(PointKind::crossed, cells) < last.count(PointKind::crossed, cells)) return false;
    last = row;
    return true;
  }
  if (size() == most_rows) forget_before(1);
  rows_[size()] = row;
  ++count_;
  return true;
}

void DriftPoints::forget_before(std::size_t n) {
  std::shift_left(rows_.begin(), rows_.end(), static_cast<std::ptrdiff_t>(n));
  count_ -= static_cast<int>(std::min(n, size()));
}

}  // namespace cellwarden
