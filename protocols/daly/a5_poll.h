#pragma once
// The parts of one poll, and the reading they make.
//
// The sum of a frame has eight bits: two flipped bits slip through it far too often. What a poll says is therefore
// held against itself and, where the board can be asked again, against the reading before.
#include <set>

#include "protocols/battery.h"
#include "protocols/daly/a5.h"
#include "protocols/daly/a5_list.h"

namespace cellwarden::daly {

/// What a reading is made of, in the order in which it is asked: the counts first, for they say how long the lists
/// are; current, voltage and cells next to each other.
inline constexpr Command poll_commands[] = {Command::counts, Command::pack,  Command::cell_extremes, Command::cells,
                                            Command::state,  Command::temps, Command::balancing,     Command::faults};
bool is_of_a_poll(std::uint8_t command);

constexpr std::size_t frames_of_cells(int cells) { return static_cast<std::size_t>(cells + 2) / 3; }
constexpr std::size_t frames_of_temps(int temps) { return static_cast<std::size_t>(temps + 6) / 7; }

struct Poll {
  std::set<Command> asked, answered;
  std::optional<Counts> counts;
  std::optional<PackValues> pack;
  std::optional<CellExtremes> extremes;
  std::optional<State> state;
  std::optional<std::uint64_t> balancing;
  std::optional<Faults> faults;
  List cell_list{6}, temp_list{7};
  std::optional<Buffer> cells, temps;  ///< the lists' data, once whole
  bool is_asleep = false;              ///< its voltage, current or count came as zero

  /// Takes over what the lists hold when they are whole. `patient`: no more will come.
  void take_lists(bool patient);
  /// Nothing that was asked is missing, and what no reading can lack is there.
  bool is_whole() const;
};

Reading reading_of(const Poll& poll);
/// Of a poll that is over and not whole: what can be said all the same (`decode`).
Reading part_of_reading(Poll poll);

/// Doubts what a poll says until a second one in a row says the same: then it is the board and not the wire.
class Scrutiny {
 public:
  /// `jumps`: doubts values that moved further between two readings than a battery's do.
  explicit Scrutiny(bool jumps) : jumps_(jumps) {}

  bool believes(const Poll& poll, const Reading& reading);

 private:
  enum Contradiction : unsigned { implausible = 1, cells_beside_extremes = 2, current_against_state = 4 };
  static unsigned contradictions(const Poll& poll, const Reading& reading);

  bool jumps_;
  unsigned known_ = 0;  ///< contradictions of the last reading: this board's way
  std::optional<Reading> last_, doubted_;
  unsigned doubted_for_ = 0;
};

}  // namespace cellwarden::daly
