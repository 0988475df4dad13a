// A recording of each protocol at 9600 baud against what the wire cannot do without: ten bits a byte both ways, the
// board's answer time, and the quiet between two transactions.
#include <algorithm>
#include <fstream>

#include "daemon/links/capture.h"
#include "tests/bench/bench.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace bench {

using namespace cellwarden;

namespace {

constexpr double baud = 9600, answer_s = 0.02, between_polls_s = 0.6;

/// Quiet that a board wants between two transactions: 300 ms by daly.md 2.1, 100 ms by jk.md 3.5.
double gap_of(std::string_view protocol) {
  return protocol == "daly-modbus" ? 0.3 : protocol == "jk-modbus" ? 0.1 : 0.02;
}

struct Poll {
  double start = 0, end = 0;
  std::size_t bytes = 0, exchanges = 0;
  double needed(double gap_s) const {
    const auto n = static_cast<double>(exchanges);
    return static_cast<double>(bytes) * 10 / baud + n * answer_s + (n - 1) * gap_s;
  }
};

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

void bench_wire(Table& table) {
  for (const Protocol& protocol : catalog()) {
    if (protocol.default_baud == 0 || protocol.only_listens) continue;  // nobody asks on a wire
    const std::string id(protocol.id);
    cellwarden::test::TemporaryDirectory folder;
    const std::string port = folder.path / "port", capture = folder.path / "capture";
    Process simulator(
        {SIMULATOR, "--baud", "9600", "--pack", "path=" + port + ",protocol=" + id + ",cells=16,ah=100,answer_ms=20"});
    if (!simulator.wait_for_text("ready", std::chrono::seconds(10))) continue;  // the simulator does not speak it yet
    std::vector<std::string> record{CELLWARDEN, "record", "serial:" + port, "--protocol", id,  "--baud", "9600",
                                    "--poll",   "2",      capture,          "--seconds",  "20"};
    if (protocol.addressed) record.insert(record.end(), {"--address", "1"});
    Process(record).wait();

    std::vector<double> shares;
    for (const Poll& poll : polls_of(capture))
      shares.push_back(100 * poll.needed(gap_of(id)) / (poll.end - poll.start));
    std::ranges::sort(shares);
    table.push_back({"wire's own share of a poll, " + id + ", 9600 baud", ">= 90 %",
                     shares.empty() ? "no poll recorded"
                                    : figure(shares[shares.size() / 2], 1) + " % (worst of " +
                                          std::to_string(shares.size()) + ": " + figure(shares.front(), 1) + " %)"});
  }
}

}  // namespace bench
