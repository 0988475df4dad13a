#include "daemon/commands/replay.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/analysis/insight_json.h"
#include "daemon/commands/chosen_pack.h"
#include "daemon/commands/replay_progress.h"
#include "daemon/commands/replayed_pack.h"
#include "daemon/replay/recording.h"

namespace cellwarden {

namespace {

constexpr int done = 0, nothing_good = 1, usage = 2;

void run(Recording& recording, ReplayedPack& pack, ReplayProgress& progress) {
  Limits known;
  for (Reading reading; recording.next(reading);) {
    if (recording.limits() != known) pack.on_limits(known = recording.limits());
    pack.on_reading(reading);
    progress.at(recording.rows(), recording.bytes());
  }
}

int replay_stream(std::istream& in, std::uint64_t bytes, const ReplayOptions& options, std::ostream& out,
                  std::ostream& err) {
  const PackConfig pack = chosen_pack(options.config, options.pack);
  const auto recording =
      open_recording(in, {chosen_protocol(options.protocol, pack), pack.address, pack.invert_current});
  ReplayedPack replayed(pack, options.events ? &out : nullptr);
  {
    ReplayProgress progress(err, isatty(STDERR_FILENO) != 0, bytes);
    run(*recording, replayed, progress);
  }
  if (recording->skipped() > 0) {
    err << options.file << ": " << recording->skipped() << " of " << recording->rows() + recording->skipped()
        << " rows could not be read and were skipped, the first at line " << recording->first_skipped_line() << '\n';
  }
  out << to_json(replayed.insight()).dump() << '\n';
  if (recording->rows() > 0) return done;
  err << options.file << " holds no reading\n";
  return nothing_good;
}

}  // namespace

int replay(const ReplayOptions& options, std::ostream& out, std::ostream& err) {
  try {
    if (options.file == "-") return replay_stream(std::cin, 0, options, out, err);
    std::ifstream in(options.file);
    in.peek();  // a directory opens and cannot be read
    if (!in.is_open() || in.bad()) throw Unusable("cannot read " + options.file + "; is the path right?");
    in.clear();  // empty is readable
    std::error_code unknown;
    const auto size = std::filesystem::file_size(options.file, unknown);
    return replay_stream(in, unknown ? 0 : size, options, out, err);
  } catch (const Unusable& why) {
    err << why.what() << '\n';
  } catch (const NotARecording& why) {
    err << options.file << ": " << why.what() << '\n';
  }
  return usage;
}

}  // namespace cellwarden
