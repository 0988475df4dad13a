// A recording of each protocol at 9600 baud against what the wire cannot do without.
#include "tests/bench/wire.h"

#include <algorithm>
#include <fstream>

#include "daemon/links/capture.h"
#include "protocols/adapter.h"
#include "tests/bench/bench.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace bench {

using namespace cellwarden;

namespace {

constexpr double between_polls_s = 0.6;

std::vector<Poll> polls_of(const std::string& capture) {
  std::ifstream file(capture);
  CaptureReader reader(file);
  std::vector<Poll> polls;
  while (const auto line = reader.next()) {
    const bool is_request = line->direction == Direction::to_bms;
    if (is_request && (polls.empty() || *line->seconds - polls.back().end > between_polls_s)) {
      polls.push_back({*line->seconds, *line->seconds});
    }
    if (polls.empty()) continue;
    Poll& poll = polls.back();
    poll.end = *line->seconds;
    poll.bytes += line->bytes.size();
    poll.exchanges += is_request;
  }
  if (!polls.empty()) polls.pop_back();  // cut off by the end of the recording
  return polls;
}

}  // namespace

double gap_of(std::string_view protocol) {
  const bool is_newer_daly = protocol == "daly-modbus" || protocol == "daly-hkms";
  return is_newer_daly ? 0.3 : protocol == "jk-modbus" ? 0.1 : usual_gap_s;
}

std::vector<Poll> recorded_polls(const std::string& protocol, unsigned baud) {
  cellwarden::test::TemporaryDirectory folder;
  const std::string port = folder.path / "port", capture = folder.path / "capture", pace = std::to_string(baud);
  Process simulator({SIMULATOR, "--baud", pace, "--pack",
                     "path=" + port + ",protocol=" + protocol + ",cells=16,ah=100,answer_ms=20"});
  if (!simulator.wait_for_text("ready", std::chrono::seconds(10))) return {};
  std::vector<std::string> record{CELLWARDEN, "record", "serial:" + port, "--protocol", protocol, "--baud", pace,
                                  "--poll",   "2",      capture,          "--seconds",  "20"};
  if (find_protocol(protocol)->addressed) record.insert(record.end(), {"--address", "1"});
  Process(record).wait();
  return polls_of(capture);
}

void bench_wire(Table& table) {
  constexpr unsigned baud = 9600;
  for (const Protocol& protocol : catalog()) {
    if (protocol.default_baud == 0 || protocol.only_listens) continue;  // nobody asks on a wire
    const std::string id(protocol.id);
    std::vector<double> shares;
    for (const Poll& poll : recorded_polls(id, baud)) {
      const double gaps_s = static_cast<double>(poll.exchanges - 1) * gap_of(id);
      shares.push_back(100 * (poll.needed(baud) + gaps_s) / (poll.end - poll.start));
    }
    std::ranges::sort(shares);
    table.push_back({"wire's own share of a poll, " + id + ", 9600 baud", ">= 90 %",
                     shares.empty() ? "no poll recorded"
                                    : figure(shares[shares.size() / 2], 1) + " % (worst of " +
                                          std::to_string(shares.size()) + ": " + figure(shares.front(), 1) + " %)"});
  }
}

}  // namespace bench
