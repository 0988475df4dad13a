#include "tests/simulator/faults.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <sstream>

#include "tests/simulator/keys.h"

namespace simulator {

FaultShares evenly(double share) {
  FaultShares shares;
  shares.fill(share / static_cast<double>(shares.size()));
  return shares;
}

FaultShares fault_shares(const std::string& text) {
  FaultShares shares{};
  Keys keys("--faults", text);
  for (std::size_t kind = 0; kind < shares.size(); ++kind)
    shares[kind] = keys.number(std::string(fault_names[kind]), 0, 0, 1);
  keys.all_known();
  if (std::accumulate(shares.begin(), shares.end(), 0.0) > 1) keys.refuse("together they must not be more than 1");
  return shares;
}

Octets Faults::pass(const Answer& answer) {
  Octets arrives = answer.bytes;
  if (auto fault = answer.bytes.empty() ? std::nullopt : drawn()) {
    // The same request's old answer would be a whole reading of a moment ago: a board that lies, not a wire.
    if (fault == Fault::stale_answer && (last_.bytes.empty() || last_.request == answer.request))
      fault = Fault::no_answer;
    arrives = damaged(*fault, answer);
    ++counts_[static_cast<std::size_t>(*fault)];
  }
  last_ = answer;
  return arrives;
}

std::optional<Fault> Faults::drawn() {
  double left = std::uniform_real_distribution<double>()(random_);
  for (std::size_t kind = 0; kind < shares_.size(); ++kind) {
    if (left < shares_[kind]) return static_cast<Fault>(kind);
    left -= shares_[kind];
  }
  return std::nullopt;
}

Octets Faults::damaged(Fault fault, const Answer& answer) {
  Octets bytes = answer.bytes;
  const auto at = static_cast<std::ptrdiff_t>(any(bytes.size()));
  switch (fault) {
    case Fault::bit_error:
      return flipped(bytes);
    case Fault::lost_byte:
      bytes.erase(bytes.begin() + at);
      break;
    case Fault::doubled_byte:
      bytes.insert(bytes.begin() + at, bytes[static_cast<std::size_t>(at)]);
      break;
    case Fault::half_frame:
      bytes.resize(bytes.size() / 2);
      break;
    case Fault::echo:
      bytes.insert(bytes.begin(), answer.request.begin(), answer.request.end());
      break;
    case Fault::noise: {
      const bool before = any(2) == 0;
      for (std::size_t length = 1 + any(8); length > 0; --length) {
        bytes.insert(before ? bytes.begin() : bytes.end(), static_cast<std::uint8_t>(any(256)));
      }
      break;
    }
    case Fault::stale_answer:
      return last_.bytes;
    case Fault::no_answer:
      return {};
  }
  return bytes;
}

/// One to three different bits.
Octets Faults::flipped(const Octets& bytes) {
  for (;; ++checksum_blind_) {
    std::vector<std::size_t> bits;
    for (std::size_t flips = 1 + any(3); flips > 0; --flips) {
      const std::size_t bit = any(bytes.size() * 8);
      if (std::find(bits.begin(), bits.end(), bit) == bits.end()) bits.push_back(bit);
    }
    Octets changed = bytes;
    for (const std::size_t bit : bits) changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    if (!intact_(changed)) return changed;
  }
}

}  // namespace simulator
