// The capture reader: any text gives chunks or a CaptureError, and what was read is read again as it was written.
#include <cmath>
#include <sstream>
#include <vector>

#include "daemon/links/capture.h"
#include "tests/fuzz/demand.h"

using namespace cellwarden;

namespace {

std::vector<CaptureLine> read(const std::string& text) {
  std::istringstream in(text);
  CaptureReader reader(in);
  std::vector<CaptureLine> lines;
  for (;;) {
    try {
      auto line = reader.next();
      if (!line) return lines;
      lines.push_back(std::move(*line));
    } catch (const CaptureError& wrong) {
      DEMAND(std::string_view(wrong.what()).size() < 400);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lines = read({reinterpret_cast<const char*>(data), size});
  std::ostringstream out;
  CaptureWriter writer(out);
  std::size_t bytes = 0;
  for (const auto& line : lines) {
    DEMAND(!line.seconds || std::isfinite(*line.seconds));
    bytes += line.bytes.size();
    writer.write(line.seconds.value_or(0), line.direction, line.bytes);
  }
  DEMAND(2 * bytes <= size);

  const auto again = read(out.str());
  DEMAND(again.size() == lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    DEMAND(again[i].direction == lines[i].direction);
    DEMAND(again[i].bytes == lines[i].bytes);
    DEMAND(std::abs(*again[i].seconds - lines[i].seconds.value_or(0)) <= 0.001 + 1e-9 * std::abs(*again[i].seconds));
  }
  return 0;
}
