#pragma once
// What goes wrong on a real wire, on request and seeded.
#include <array>
#include <cstdint>
#include <random>
#include <string_view>

#include "tests/simulator/jbd_device.h"

namespace simulator {

enum class Fault { bit_error, lost_byte, doubled_byte, half_frame, echo, noise, stale_answer, no_answer };
inline constexpr std::array<std::string_view, 8> fault_names = {"bit_error", "lost_byte", "doubled_byte", "half_frame",
                                                                "echo",      "noise",     "stale_answer", "no_answer"};

class Faults {
 public:
  /// `share` of all replies are damaged, by one fault each.
  Faults(double share, std::uint32_t seed) : share_(share), random_(seed) {}

  /// The reply as it arrives.
  Octets pass(const Octets& request, const Octets& reply);

  int count(Fault fault) const { return counts_[static_cast<std::size_t>(fault)]; }
  /// Damaged replies whose checksum still fits: no program can tell them from good ones by it.
  int checksum_blind() const { return checksum_blind_; }

 private:
  Octets damaged(Fault fault, const Octets& request, Octets reply);
  std::size_t any(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

  double share_;
  std::mt19937 random_;
  Octets last_;
  std::array<int, fault_names.size()> counts_{};
  int checksum_blind_ = 0;
};

}  // namespace simulator
