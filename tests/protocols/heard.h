#pragma once
// A sink that keeps what it is told, whatever the protocol.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "protocols/adapter.h"
#include "tests/support/hex.h"

namespace cellwarden::test {

/// What a link hands over at a time.
using Chunks = std::vector<Buffer>;

inline Chunks cut(const Buffer& stream, std::size_t size) {
  Chunks chunks;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    const auto from = stream.begin() + static_cast<std::ptrdiff_t>(at);
    chunks.emplace_back(from, from + static_cast<std::ptrdiff_t>(std::min(size, stream.size() - at)));
  }
  return chunks;
}

struct Heard : Sink {
  int good = 0;
  std::map<FrameError, int> rejected;
  std::optional<FrameError> first_reason;
  std::vector<Reading> readings;
  std::vector<Limits> limit_sets;
  std::vector<Identity> identities;
  Limits limits;            ///< all sets in one
  Identity identity;        ///< and all identities
  std::set<int> addresses;  ///< that anything was understood of

  std::optional<Reading> last() const { return readings.empty() ? std::nullopt : std::optional(readings.back()); }

  void emit(Event event) override {
    if (const auto* bad = std::get_if<Rejected>(&event.what)) {
      ++rejected[bad->why];
      if (!first_reason) first_reason = bad->why;
      return;
    }
    addresses.insert(event.address);
    if (std::holds_alternative<GoodFrame>(event.what)) ++good;
    if (const auto* reading = std::get_if<Reading>(&event.what)) readings.push_back(*reading);
    if (const auto* set = std::get_if<Limits>(&event.what)) merge(limits, limit_sets.emplace_back(*set));
    if (const auto* one = std::get_if<Identity>(&event.what)) merge(identity, identities.emplace_back(*one));
  }
};

inline void check_same(const Heard& heard, const Heard& other) {
  CHECK(heard.good == other.good);
  CHECK(heard.rejected == other.rejected);
  CHECK(heard.readings == other.readings);
  CHECK(heard.limit_sets == other.limit_sets);
  CHECK(heard.identities == other.identities);
  CHECK(heard.addresses == other.addresses);
}

/// What a decoder that heard `request`, if there was one, says of these bytes.
inline Heard hear(Decoder&& decoder, const Buffer& request, const Chunks& chunks) {
  Heard heard;
  if (!request.empty()) decoder.feed(Direction::to_bms, request, heard);
  for (const Buffer& chunk : chunks) decoder.feed(Direction::from_bms, chunk, heard);
  decoder.finish(heard);
  return heard;
}

}  // namespace cellwarden::test
