#pragma once
// Damage on the wire, the same for every protocol: seeded, 10^4 damaged answers, 10^6 with CELLWARDEN_LONG=1. A test
// names its protocol, makes exchanges, and says by the protocol's description what an intact frame is.
//
// No value may come of damage, but for what provably cannot be seen: the damage made another frame whose length and sum
// fit, what was told is what that frame says, and the plausibility gate has nothing against it. Those are counted.
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <random>
#include <sstream>
#include <string>

#include "protocols/adapter.h"
#include "protocols/plausible.h"

namespace cellwarden::test {

inline int damaged_answers() { return std::getenv("CELLWARDEN_LONG") ? 1'000'000 : 10'000; }

/// What lines do to bytes.
class Wire {
 public:
  explicit Wire(std::uint32_t seed) : random_(seed) {}

  std::size_t any(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  std::uint8_t octet() { return static_cast<std::uint8_t>(any(256)); }

  /// Never the bytes that were sent.
  Buffer damaged(const Buffer& sent) {
    for (;;) {
      Buffer bytes = sent;
      hit(bytes);
      if (bytes != sent) return bytes;
    }
  }

 private:
  void hit(Buffer& bytes) {
    const auto at = [&] { return bytes.begin() + static_cast<std::ptrdiff_t>(any(bytes.size())); };
    switch (any(8)) {
      case 0:
      case 1:  // flipped bits
        for (std::size_t flips = 1 + any(4); flips > 0; --flips) *at() ^= static_cast<std::uint8_t>(1 << any(8));
        break;
      case 2:  // garbled bytes here and there
        for (std::size_t n = 1 + any(6); n > 0; --n) *at() = octet();
        break;
      case 3:  // a burst
        for (std::size_t first = any(bytes.size()), n = 2 + any(8); n > 0 && first < bytes.size(); ++first, --n)
          bytes[first] = octet();
        break;
      case 4:  // lost
        for (std::size_t n = 1 + any(3); n > 0 && bytes.size() > 1; --n) bytes.erase(at());
        break;
      case 5:  // added, or doubled
        for (std::size_t n = 1 + any(3); n > 0; --n) {
          const auto where = at();
          const std::uint8_t extra = any(2) == 0 ? *where : octet();
          bytes.insert(where, extra);
        }
        break;
      case 6:  // noise around it
        for (std::size_t n = 1 + any(8); n > 0; --n) bytes.insert(any(2) == 0 ? bytes.begin() : bytes.end(), octet());
        break;
      default:  // cut off
        bytes.resize(any(bytes.size()));
    }
  }

  std::mt19937 random_;
};

/// Length of the intact frame that the bytes begin with, 0 when none does: the protocol's own rule, not our codec's.
using IntactSize = std::function<std::size_t(Bytes)>;

inline Buffer joined(Buffer first, Bytes second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Frames whose length and sum fit, and that were not sent.
inline std::vector<Buffer> strange_frames(const Buffer& arrived, const Buffer& sent, const IntactSize& intact_size) {
  std::vector<Buffer> found;
  for (std::size_t at = 0; at < arrived.size(); ++at) {
    const Bytes rest = Bytes(arrived).subspan(at);
    const Bytes frame = rest.first(intact_size(rest));
    const bool was_sent = std::search(sent.begin(), sent.end(), frame.begin(), frame.end()) != sent.end();
    if (!frame.empty() && !was_sent) found.emplace_back(frame.begin(), frame.end());
  }
  return found;
}

struct Exchange {
  Buffer request, answer;
};

/// All that a decoder told.
struct Told : Sink {
  int good = 0;
  std::vector<Reading> readings;
  std::vector<Limits> limits;
  std::vector<Identity> identities;

  void emit(Event event) override {
    if (std::holds_alternative<GoodFrame>(event.what)) ++good;
    if (auto* reading = std::get_if<Reading>(&event.what)) readings.push_back(std::move(*reading));
    if (auto* limit = std::get_if<Limits>(&event.what)) limits.push_back(std::move(*limit));
    if (auto* identity = std::get_if<Identity>(&event.what)) identities.push_back(std::move(*identity));
  }
  bool nothing() const { return readings.empty() && limits.empty() && identities.empty(); }
  bool holds(const Told& other) const {
    const auto all_in = [](const auto& these, const auto& those) {
      return std::ranges::all_of(these, [&](const auto& one) { return std::ranges::find(those, one) != those.end(); });
    };
    return all_in(other.readings, readings) && all_in(other.limits, limits) && all_in(other.identities, identities);
  }
  void add(Told other) {
    for (auto& one : other.readings) readings.push_back(std::move(one));
    for (auto& one : other.limits) limits.push_back(std::move(one));
    for (auto& one : other.identities) identities.push_back(std::move(one));
  }
};

inline void feed(Decoder& decoder, const Buffer& request, const Buffer& answer, std::size_t chunk, Sink& sink) {
  if (!request.empty()) decoder.feed(Direction::to_bms, request, sink);
  for (Bytes rest = answer; !rest.empty(); rest = rest.subspan(std::min(chunk, rest.size()))) {
    decoder.feed(Direction::from_bms, rest.first(std::min(chunk, rest.size())), sink);
  }
}
inline Told hear(const Protocol& protocol, const Exchange& exchange) {
  Told told;
  const auto decoder = protocol.decoder();
  feed(*decoder, exchange.request, exchange.answer, exchange.answer.size() + 1, told);
  decoder->finish(told);
  return told;
}

struct DamageTally {
  int all = 0, refused = 0, unharmed = 0;
  int seen_by_the_gate = 0;  ///< another frame's sum fitted, and its values are no battery's
  int unseen = 0;            ///< another frame's sum fitted: nothing can tell
  int wrong = 0;             ///< values of no intact frame
  int lost_after = 0;        ///< the next good answer was not read

  std::string text() const {
    std::ostringstream out;
    out << all << " damaged: " << refused << " refused, " << unharmed << " whole in noise, " << unseen
        << " that length and sum cannot see, " << seen_by_the_gate << " more that only the plausibility gate saw, "
        << wrong << " wrong, " << lost_after << " good answers lost after";
    return out.str();
  }
};

/// Decides what one damaged answer came to.
inline void judge(const Protocol& protocol, const Exchange& exchange, const Told& truth, Wire& wire,
                  const IntactSize& intact_size, DamageTally& tally) {
  const Buffer arrived = wire.damaged(exchange.answer);
  const auto decoder = protocol.decoder();
  Told told;
  feed(*decoder, exchange.request, arrived, 1 + wire.any(64), told);
  const auto strange = strange_frames(arrived, exchange.answer, intact_size);
  if (strange.empty()) {
    // The same decoder goes on: asked again, a good answer is read as ever. But for a frame that damage began and the
    // good answer ended, its sum fitting.
    Told after;
    feed(*decoder, exchange.request, exchange.answer, exchange.answer.size(), after);
    decoder->finish(after);
    const auto& [request, answer] = exchange;
    if ((!truth.holds(after) || !after.holds(truth)) &&
        strange_frames(joined(arrived, answer), joined(answer, answer), intact_size).empty())
      ++tally.lost_after;
  } else {
    decoder->finish(told);
  }

  if (truth.holds(told)) {
    ++(told.nothing() ? tally.refused : tally.unharmed);
    return;
  }
  Told sayable = truth;
  for (const Buffer& frame : strange) {
    sayable.add(hear(protocol, {exchange.request, frame}));
    // Behind what came whole before it: a line's requests are part of what is overheard.
    const auto place = std::search(arrived.begin(), arrived.end(), frame.begin(), frame.end());
    const Buffer before(arrived.begin(), place);
    if (before.size() <= exchange.answer.size() && std::equal(before.begin(), before.end(), exchange.answer.begin()))
      sayable.add(hear(protocol, {exchange.request, joined(before, frame)}));
  }
  if (!sayable.holds(told)) {
    ++tally.wrong;
    return;
  }
  const bool gate_sees_all = std::ranges::all_of(told.readings, [&](const Reading& reading) {
    const Plausibility found = check_plausible(reading);
    return std::ranges::find(truth.readings, reading) != truth.readings.end() || !found.wrong.empty() ||
           !found.impossible_cells.empty();
  });
  Told beside_readings = told;
  beside_readings.readings.clear();
  ++(gate_sees_all && truth.holds(beside_readings) ? tally.seen_by_the_gate : tally.unseen);
}

inline DamageTally damage(std::string_view protocol_id, const std::function<Exchange(Wire&)>& any_exchange,
                          const IntactSize& intact_size) {
  const Protocol& protocol = *find_protocol(protocol_id);
  Wire wire(20261125);
  DamageTally tally;
  constexpr int hits_of_each = 20;  // to make an exchange costs more than to damage it
  for (tally.all = 0; tally.all < damaged_answers();) {
    const Exchange exchange = any_exchange(wire);
    const Told truth = hear(protocol, exchange);
    if (truth.nothing()) throw std::logic_error("an exchange that says nothing tests nothing");
    for (int i = 0; i < hits_of_each; ++i, ++tally.all) judge(protocol, exchange, truth, wire, intact_size, tally);
  }
  return tally;
}

}  // namespace cellwarden::test
