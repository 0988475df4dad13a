#include "daemon/commands/decode.h"

#include <array>
#include <ostream>

#include "daemon/links/capture.h"
#include "protocols/battery_json.h"
#include "protocols/plausible.h"

namespace cellwarden {

namespace {

using nlohmann::json;

/// A file that is no capture at all should not fill the screen.
constexpr std::size_t shown_lines = 5;

class Collected : public Sink {
 public:
  void emit(Event event) override {
    if (auto* rejected = std::get_if<Rejected>(&event.what)) {
      reject(rejected->why);
    } else if (std::holds_alternative<GoodFrame>(event.what)) {
      ++frames_;
    } else if (auto* reading = std::get_if<Reading>(&event.what)) {
      take(std::move(*reading));
    } else if (auto* limits = std::get_if<Limits>(&event.what)) {
      merge(limits_, *limits);
    } else {
      merge(identity_, std::get<Identity>(event.what));
    }
  }

  /// What follows is an unfinished reading: it must not take the place of a whole one.
  void only_halves_follow() { halves_ = true; }

  std::uint64_t frames() const { return frames_; }

  json result() const {
    json all = json::object();
    if (reading_) all["reading"] = to_json(*reading_);
    if (limits_ != Limits{}) all["limits"] = to_json(limits_);
    if (identity_ != Identity{}) all["identity"] = to_json(identity_);
    all["frames"] = frames_;
    all["rejected"] = json::object();
    for (std::size_t i = 0; i < rejected_.size(); ++i) {
      if (rejected_[i] > 0) all["rejected"][std::string(name(static_cast<FrameError>(i)))] = rejected_[i];
    }
    return all;
  }

 private:
  void reject(FrameError why) { ++rejected_[static_cast<std::size_t>(why)]; }

  void take(Reading reading) {
    if (halves_ && reading_) return;
    const Plausibility found = check_plausible(reading);
    if (!found.wrong.empty()) return reject(FrameError::range);
    for (const int cell : found.impossible_cells) reading.cells_v[static_cast<std::size_t>(cell) - 1].reset();
    reading_ = std::move(reading);
  }

  std::optional<Reading> reading_;
  Limits limits_;
  Identity identity_;
  bool halves_ = false;
  std::uint64_t frames_ = 0;
  std::array<std::uint64_t, frame_error_count> rejected_{};
};

}  // namespace

int decode_capture(std::istream& in, const std::string& name, const Protocol& protocol, std::ostream& out,
                   std::ostream& err) {
  const auto decoder = protocol.decoder();
  Collected collected;
  CaptureReader capture(in);
  std::size_t strange_lines = 0;
  for (bool more = true; more;) {
    try {
      const auto line = capture.next();
      if (line) decoder->feed(line->direction, line->bytes, collected);
      more = line.has_value();
    } catch (const CaptureError& wrong) {
      if (++strange_lines <= shown_lines) err << name << ", " << wrong.what() << '\n';
    }
  }
  if (strange_lines > shown_lines) err << name << ": and " << strange_lines - shown_lines << " lines more\n";
  collected.only_halves_follow();
  decoder->finish(collected);
  out << collected.result().dump() << '\n';
  return collected.frames() > 0 ? 0 : 1;
}

}  // namespace cellwarden
