#pragma once
// What passes on a wire while one pack is polled.
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// A simulated board's, whatever it speaks; and between two transactions, where nobody wants more.
constexpr double answer_s = 0.02, usual_gap_s = 0.02;

/// Quiet that a board wants behind an answer: 300 ms by daly.md 2.1, which speaks of both of Daly's newer protocols,
/// 100 ms by jk.md 3.5.
double gap_of(std::string_view protocol);

struct Poll {
  double start = 0, end = 0;
  std::size_t bytes = 0, exchanges = 0;

  /// What the wire cannot do without: ten bits a byte both ways, and the board's answer time.
  double needed(unsigned baud) const {
    return static_cast<double>(bytes) * 10 / baud + static_cast<double>(exchanges) * answer_s;
  }
};

/// Whole polls of a board of sixteen cells, by `cellwarden record`. Empty when the simulator does not speak it.
std::vector<Poll> recorded_polls(const std::string& protocol, unsigned baud);

}  // namespace bench
