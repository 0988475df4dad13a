#include "daemon/replay/recording.h"

#include <cmath>

#include "daemon/replay/capture_recording.h"
#include "daemon/replay/csv_recording.h"
#include "daemon/replay/json_recording.h"

namespace cellwarden {

namespace {

constexpr double latest_s = 1e11;  // the year 5138

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

}  // namespace

void Recording::skip() {
  if (skipped_++ == 0) first_skipped_line_ = lines_.line();
}

bool set_time(double t_s, Reading& into) {
  if (!(std::abs(t_s) <= latest_s)) return false;
  into.steady_s = t_s;
  into.taken_at = UtcTime(std::chrono::milliseconds(std::llround(t_s * 1000)));
  return true;
}

std::unique_ptr<Recording> open_recording(std::istream& in, const CaptureOptions& options) {
  LineReader lines(in);
  std::string_view line;
  do {
    if (!lines.next(line)) throw NotARecording("holds nothing");
  } while (is_blank(line));
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  const char first = line[line.find_first_not_of(" \t")];
  if (first == '{') {
    lines.back();
    return std::make_unique<JsonRecording>(std::move(lines));
  }
  if (first == '#' || line.find_first_of("<>") != std::string_view::npos) {
    if (options.protocol == nullptr)
      throw NotARecording("looks like a capture: say --protocol, such as --protocol jbd");
    lines.back();
    return std::make_unique<CaptureRecording>(std::move(lines), options);
  }
  CsvColumns columns(line);
  return std::make_unique<CsvRecording>(std::move(lines), std::move(columns));
}

}  // namespace cellwarden
