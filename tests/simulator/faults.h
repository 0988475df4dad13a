#pragma once
// What goes wrong on a real wire, on request and seeded.
#include <array>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "tests/simulator/device.h"

namespace simulator {

enum class Fault { bit_error, lost_byte, doubled_byte, half_frame, echo, noise, stale_answer, no_answer };
inline constexpr std::array<std::string_view, 8> fault_names = {"bit_error", "lost_byte", "doubled_byte", "half_frame",
                                                                "echo",      "noise",     "stale_answer", "no_answer"};

/// The share of all answers that each kind of fault meets.
using FaultShares = std::array<double, fault_names.size()>;
FaultShares evenly(double share);
/// "echo=1,bit_error=0.01".
FaultShares fault_shares(const std::string& text);

class Faults {
 public:
  /// `intact`: what a reader would take for a good reply.
  Faults(const FaultShares& shares, std::uint32_t seed, std::function<bool(const Octets&)> intact)
      : shares_(shares), random_(seed), intact_(std::move(intact)) {}

  /// The answer as it arrives: whole, or damaged by one fault.
  Octets pass(const Answer& answer);

  int count(Fault fault) const { return counts_[static_cast<std::size_t>(fault)]; }
  /// Bit errors drawn again because the checksum still fitted: no program can tell such a reply from a good one.
  int checksum_blind() const { return checksum_blind_; }

 private:
  std::optional<Fault> drawn();
  Octets damaged(Fault fault, const Answer& answer);
  Octets flipped(const Octets& bytes);
  std::size_t any(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

  FaultShares shares_;
  std::mt19937 random_;
  std::function<bool(const Octets&)> intact_;
  Answer last_;
  std::array<int, fault_names.size()> counts_{};
  int checksum_blind_ = 0;
};

}  // namespace simulator
