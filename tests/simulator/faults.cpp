#include "tests/simulator/faults.h"

namespace simulator {

namespace {

bool checksum_fits(const Octets& frame) {
  if (frame.size() < 7 || frame[0] != 0xDD || frame.back() != 0x77 || frame.size() != frame[3] + 7U) return false;
  return jbd_reply(frame[1], frame[2], Octets(frame.begin() + 4, frame.end() - 3)) == frame;
}

}  // namespace

Octets Faults::pass(const Octets& request, const Octets& reply) {
  Octets arrives = reply;
  if (!reply.empty() && std::bernoulli_distribution(share_)(random_)) {
    auto fault = static_cast<Fault>(any(fault_names.size()));
    // The same register's old answer would be a whole reading of a moment ago: a board that lies, not a wire.
    if (fault == Fault::stale_answer && (last_.empty() || last_[1] == reply[1])) fault = Fault::no_answer;
    arrives = damaged(fault, request, reply);
    ++counts_[static_cast<std::size_t>(fault)];
    if (fault == Fault::bit_error && checksum_fits(arrives)) ++checksum_blind_;
  }
  last_ = reply;
  return arrives;
}

Octets Faults::damaged(Fault fault, const Octets& request, Octets reply) {
  const auto at = static_cast<std::ptrdiff_t>(any(reply.size()));
  switch (fault) {
    case Fault::bit_error:
      for (std::size_t flips = 1 + any(3); flips > 0; --flips)
        reply[any(reply.size())] ^= static_cast<std::uint8_t>(1 << any(8));
      break;
    case Fault::lost_byte:
      reply.erase(reply.begin() + at);
      break;
    case Fault::doubled_byte:
      reply.insert(reply.begin() + at, reply[static_cast<std::size_t>(at)]);
      break;
    case Fault::half_frame:
      reply.resize(reply.size() / 2);
      break;
    case Fault::echo:
      reply.insert(reply.begin(), request.begin(), request.end());
      break;
    case Fault::noise:
      for (std::size_t bytes = 1 + any(8); bytes > 0; --bytes) {
        reply.insert(reply.begin(), static_cast<std::uint8_t>(any(256)));
      }
      break;
    case Fault::stale_answer:
      return last_;
    case Fault::no_answer:
      return {};
  }
  return reply;
}

}  // namespace simulator
