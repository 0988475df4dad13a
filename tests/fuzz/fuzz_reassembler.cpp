// The reassembler under any frame rule: every byte is part of one frame, skipped, or waits; none is lost, none is seen
// twice, and what waits is bounded.
#include <algorithm>

#include "protocols/framing.h"
#include "tests/fuzz/demand.h"

using namespace cellwarden;

namespace {

/// A made-up protocol: the first byte says what it begins.
FrameStep rule(Bytes rest) {
  const std::uint8_t first = rest[0];
  const std::size_t size = first & 0x80 ? 40U * (first & 0x7FU) + 1 : 1 + (first >> 2 & 0x1FU);
  if (first % 4 == 3) return {FrameStep::skip, std::min(size, rest.size()), static_cast<FrameError>(first >> 2 & 3)};
  if (rest.size() < size) return {FrameStep::need_more};
  return {FrameStep::frame, size};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes stream(data, size);
  Reassembler reassembler;
  std::size_t fed = 0, expected = 0, longest_chunk = 0;  // expected: where the next unseen byte lies
  const auto watched = [&](Bytes rest) {
    DEMAND(rest.size() <= Reassembler::capacity + longest_chunk);
    DEMAND(rest.size() <= fed);
    DEMAND(fed - rest.size() >= expected);
    expected = fed - rest.size();
    DEMAND(std::ranges::equal(rest, stream.subspan(expected, rest.size())));
    return rule(rest);
  };
  const auto on_frame = [&](Bytes frame) {
    DEMAND(std::ranges::equal(frame, stream.subspan(expected, frame.size())));
    expected += frame.size();
  };
  const auto on_skip = [](FrameError) {};
  while (fed < size) {
    const std::size_t chunk = std::min<std::size_t>(1 + stream[fed] * 7U, size - fed);
    longest_chunk = std::max(longest_chunk, chunk);
    fed += chunk;
    reassembler.feed(stream.subspan(fed - chunk, chunk), watched, on_frame, on_skip);
    DEMAND(expected <= fed);
  }
  if (size % 2 == 0) {
    reassembler.flush(watched, on_frame, on_skip);
    DEMAND(!reassembler.has_rest());
  } else {
    const bool waited = reassembler.has_rest();
    DEMAND(reassembler.drop_rest() == waited);
  }
  return 0;
}
