// What the air does to notifications, the same for every protocol spoken over Bluetooth: some are lost, come twice,
// come merged, out of order, or only after the next request. Seeded; 10^4 answers are struck, 10^5 with
// CELLWARDEN_LONG=1. The adapters hold their conversations with boards whose values change with every poll: whatever is
// told is what the board was at that moment or one poll before, never a mixture.
#include <doctest/doctest.h>

#include "protocols/jbd/jbd_decoder.h"
#include "tests/protocols/conversation.h"
#include "tests/protocols/daly_a5_board.h"
#include "tests/protocols/daly_d2_board.h"
#include "tests/protocols/damage.h"
#include "tests/protocols/dd_frame.h"
#include "tests/protocols/jk_ble_board.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

int struck_answers() { return std::getenv("CELLWARDEN_LONG") ? 100'000 : 10'000; }

/// Strikes every other answer, and knows where a sum cannot see what became of them.
class Air {
 public:
  /// `foreseen`: so many answers at most are struck before the adapter hears the first of them.
  explicit Air(IntactSize intact_size, int foreseen = 0)
      : intact_size_(std::move(intact_size)), memory_(24 + foreseen) {}

  Wire wire{20261125};
  int answers = 0, struck = 0;

  Chunks pass(const Buffer& answer, std::size_t longest) {
    ++answers;
    Chunks arrive = cut(answer, longest), held_back = std::exchange(late_, {});
    if (!arrive.empty() && wire.any(2) == 0) {
      ++struck;
      for (std::size_t times = 1 + wire.any(2); times > 0 && !arrive.empty(); --times) strike(arrive);
    }
    arrive.insert(arrive.begin(), held_back.begin(), held_back.end());
    Buffer heard;
    for (const Buffer& chunk : arrive) heard = heard + chunk;
    if (!strange_frames(heard_before_ + heard, sent_before_ + answer, intact_size_).empty()) blind_at_ = answers;
    heard_before_ = std::move(heard), sent_before_ = answer;
    return arrive;
  }
  /// Of late a frame came about whose sum fits, and that nobody sent.
  bool is_blind() const { return blind_at_ > 0 && answers - blind_at_ <= memory_; }

 private:
  void strike(Chunks& chunks) {
    const std::size_t at = wire.any(chunks.size());
    const auto place = chunks.begin() + static_cast<std::ptrdiff_t>(at);
    const bool is_last = at + 1 == chunks.size();
    switch (wire.any(5)) {
      case 0:
        chunks.erase(place);
        break;
      case 1: {
        const Buffer twice = *place;
        chunks.insert(place + static_cast<std::ptrdiff_t>(wire.any(chunks.size() - at + 1)), twice);
        break;
      }
      case 2:
        if (is_last) break;
        *place = *place + chunks[at + 1];
        chunks.erase(place + 1);
        break;
      case 3:
        if (!is_last) std::swap(chunks[at], chunks[at + 1]);
        break;
      default:
        late_.assign(place, chunks.end());
        chunks.erase(place, chunks.end());
    }
  }

  IntactSize intact_size_;
  int memory_;
  Chunks late_;
  Buffer heard_before_, sent_before_;
  int blind_at_ = 0;
};

/// Compares all that is told with what may be.
struct Judge : Sink {
  const Air& air;
  Heard truth;  ///< of a conversation that nothing disturbed
  std::function<bool(const Reading&)> was;
  int told = 0, unseen = 0, wrong = 0;

  Judge(const Air& of, Heard undisturbed, std::function<bool(const Reading&)> may_be)
      : air(of), truth(std::move(undisturbed)), was(std::move(may_be)) {}

  void emit(Event event) override {
    if (const auto* reading = std::get_if<Reading>(&event.what)) ++told, judge(was(*reading));
    if (const auto* limits = std::get_if<Limits>(&event.what)) judge(adds_nothing(*limits, truth.limits));
    if (const auto* identity = std::get_if<Identity>(&event.what)) judge(adds_nothing(*identity, truth.identity));
  }

 private:
  template <class T>
  static bool adds_nothing(const T& news, const T& known) {
    T both = known;
    merge(both, news);
    return both == known;
  }
  void judge(bool right) {
    if (!right) ++(air.is_blind() ? unseen : wrong);
  }
};

void check(std::string_view protocol, const Air& air, const Judge& judge, int polls) {
  MESSAGE(protocol << ": " << air.answers << " answers, " << air.struck << " struck; " << polls << " polls, "
                   << judge.told << " readings, " << judge.unseen << " things told that no sum can see, " << judge.wrong
                   << " wrong");
  CHECK(judge.wrong == 0);
  CHECK(judge.told * 10 > polls);
  CHECK(judge.unseen * 200 <= air.struck);
}

/// A board that is asked.
struct Polled {
  std::string_view protocol;
  std::function<Buffer(const Buffer& request, int n)> answer;
  std::function<bool(const Buffer& request)> begins_poll;
  std::function<std::vector<Reading>(int n)> readings;  ///< whole ones
  IntactSize intact_size;
};

constexpr std::size_t mtus[] = {20, 64, 128, 244};
const AdapterOptions over_the_air{.over_ble = true};

void converse_in_the_air(const Polled& board) {
  int n = 0;
  bool began = false;
  const auto answer = [&](const Buffer& request) {
    const bool begins = board.begins_poll(request);
    if (begins && !began) ++n;  // asked again it is the same moment
    began = begins;
    return board.answer(request, n);
  };
  const auto adapter = [&] { return find_protocol(board.protocol)->adapter(over_the_air); };
  const auto may_be = [&](const Reading& reading) {
    const auto is_of = [&](int poll) {
      const auto all = board.readings(poll);
      return std::ranges::find(all, reading) != all.end();
    };
    return is_of(n) || is_of(n - 1);
  };

  Heard undisturbed = converse(
                          *adapter(), [&](const Buffer& request) { return Chunks{answer(request)}; }, 60)
                          .heard;
  REQUIRE(undisturbed.readings.size() > 2);
  CHECK(std::ranges::all_of(undisturbed.readings, [&](const Reading& reading) {
    for (int poll = 0; poll <= n; ++poll) {
      const auto all = board.readings(poll);
      if (std::ranges::find(all, reading) != all.end()) return true;
    }
    return false;
  }));
  REQUIRE(board.readings(n) != board.readings(n + 1));

  Air air(board.intact_size);
  Judge judge(air, std::move(undisturbed), may_be);
  const int first = n;
  while (air.struck < struck_answers()) {
    const std::size_t longest = mtus[air.wire.any(std::size(mtus))];
    ScriptedLink link([&](const Buffer& request) { return air.pass(answer(request), longest); }, 1000);
    run_to_its_end(*adapter(), link, judge);
  }
  check(board.protocol, air, judge, n - first);
}

}  // namespace

TEST_CASE("air: jbd") {
  const auto info = [](int n) {
    return BasicInfoData{.pack_10mv = 1300 + n % 50, .current_10ma = -500 - n % 300, .cycles = n % 1000}.bytes();
  };
  const auto cells = [](int n) { return words({3300 + n % 40, 3310 + n % 7, 3305, 3320 - n % 11}); };
  const auto answer = [&](const Buffer& request, int n) {
    if (request[2] == 0x03) return dd_reply(0x03, info(n));
    if (request[2] == 0x04) return dd_reply(0x04, cells(n));
    if (request[2] == 0x05) return dd_reply(0x05, {'S', 'P', '0', '4'});
    return dd_reply(0xFA, Buffer{0, 0, 40} + words(std::vector<int>(40, 3000)));
  };
  converse_in_the_air({.protocol = "jbd",
                       .answer = answer,
                       .begins_poll = [](const Buffer& request) { return request[2] == 0x03; },
                       .readings =
                           [&](int n) {
                             const Chunks both{dd_reply(0x03, info(n)), dd_reply(0x04, cells(n))};
                             return hear(jbd::JbdDecoder(), {}, both).readings;
                           },
                       .intact_size = [](Bytes at) -> std::size_t {
                         if (at.size() < 7 || at[0] != 0xDD) return 0;
                         const std::size_t size = at[3] + 7U;
                         if (size > at.size() || at[size - 1] != 0x77) return 0;
                         unsigned sum = static_cast<unsigned>(at[size - 3] << 8 | at[size - 2]);
                         for (std::size_t i = 2; i < size - 3; ++i) sum += at[i];
                         return (sum & 0xFFFF) == 0 ? size : 0;
                       }});
}

TEST_CASE("air: daly a5") {
  converse_in_the_air({.protocol = "daly-a5",
                       .answer = [](const Buffer& request, int n) { return daly_test::Board{n}.answer(request[2]); },
                       .begins_poll = [](const Buffer& request) { return request[2] == 0x94; },
                       .readings = [](int n) { return std::vector{daly_test::Board{n}.truth()}; },
                       .intact_size = [](Bytes at) -> std::size_t {
                         if (at.size() < 13 || at[0] != 0xA5 || at[3] != 0x08) return 0;
                         const int sum = std::accumulate(at.begin(), at.begin() + 12, 0);
                         return at[12] == static_cast<std::uint8_t>(sum) ? 13 : 0;
                       }});
}

TEST_CASE("air: daly d2") {
  converse_in_the_air({.protocol = "daly-modbus",
                       .answer = [](const Buffer& request, int n) { return d2_test::Board{.n = n}.answer(request); },
                       .begins_poll = [](const Buffer& request) { return request == d2_test::ask_live; },
                       .readings =
                           [](int n) {
                             const d2_test::Board board{.n = n};
                             return std::vector{board.truth(), board.live()};
                           },
                       .intact_size = [](Bytes at) { return modbus_test::intact_reply(at, 0xD2); }});
}

TEST_CASE("air: jk, which is not asked but pushes") {
  constexpr int pushes = 100;
  const PbBoard pb;
  std::vector<Reading> sent;
  int n = 0;
  const auto cells = [&] {
    Buffer frame = pb.cells;
    ++n;
    for (std::size_t cell = 0; cell < 16; ++cell) frame[6 + 2 * cell] = static_cast<std::uint8_t>(n + 3 * n / 256);
    frame[158] = static_cast<std::uint8_t>(n % 251);  // current
    frame[182] = static_cast<std::uint8_t>(n % 241);  // cycles
    frame = sealed(std::move(frame));
    sent.push_back(hear({pb.device, pb.settings, frame}).readings.at(0));
    return frame;
  };
  const auto as_it_is = [](const Buffer& frame) { return cut(frame, 128); };
  const auto board = [&](std::function<Chunks(const Buffer&)> through) {
    return [&, through](const Buffer& request, NotifyingLink& link) {
      link.be_silent();
      Duration at = 60ms;
      const auto say = [&](const Buffer& frame) {
        for (const Buffer& chunk : through(frame)) link.say(at += 10ms, chunk);
      };
      say(pb.device);
      if (request == jk::ble_ask_device()) return;
      say(pb.settings);
      for (int frames = 0; frames < pushes; ++frames) {
        at = 600ms + frames * 450ms;
        if (frames % 3 == 0) link.say(at - 100ms, at_noise);
        say(cells());
      }
    };
  };
  const auto converse = [&](const NotifyingLink::Board& with, Sink& sink) {
    NotifyingLink link(with, 45s);
    run_to_its_end(*find_protocol("jk-ble")->adapter(over_the_air), link, sink);
  };
  Heard undisturbed;
  converse(board(as_it_is), undisturbed);
  REQUIRE(undisturbed.readings.size() > 10);
  CHECK(undisturbed.limit_sets.size() >= 1);
  for (const Reading& reading : undisturbed.readings) REQUIRE(std::ranges::find(sent, reading) != sent.end());
  REQUIRE(sent[0] != sent[1]);

  Air air(
      [](Bytes at) -> std::size_t {
        if (at.size() < 300 || at[0] != 0x55 || at[1] != 0xAA || at[2] != 0xEB || at[3] != 0x90) return 0;
        const unsigned sum = std::accumulate(at.begin(), at.begin() + 299, 0U);
        return sum % 256 == at[299] ? 300 : 0;
      },
      pushes);
  Judge judge(air, std::move(undisturbed),
              [&](const Reading& reading) { return std::ranges::find(sent, reading) != sent.end(); });
  int polls = 0;
  while (air.struck < struck_answers()) {
    sent.clear();
    const std::size_t longest = air.wire.any(2) == 0 ? 128 : 244;
    converse(board([&](const Buffer& frame) { return air.pass(frame, longest); }), judge);
    polls += static_cast<int>(sent.size());
  }
  check("jk-ble", air, judge, polls / 4);  // of four pushes to a second one is taken
}
