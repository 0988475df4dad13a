// The board's side against literal bytes of jk.md 1.
#include "tests/simulator/jk_ble_device.h"

#include <doctest/doctest.h>

#include <numeric>

using namespace simulator;

namespace {

Octets request(std::uint8_t command, std::uint8_t sum, std::uint8_t length = 0) {
  Octets bytes{0xAA, 0x55, 0x90, 0xEB, command, length};
  bytes.resize(19);
  bytes.push_back(sum);
  return bytes;
}
const Octets who = request(0x97, 0x11), settings = request(0x96, 0x10);
const Octets acknowledge{0xAA, 0x55, 0x90, 0xEB, 0xC8, 0x01, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x44};
const Octets chatter{0x41, 0x54, 0x0D, 0x0A};

struct JkBleBoard {
  explicit JkBleBoard(JkBleOptions options = jk_32s(), PackOptions of = {.cells = 16})
      : pack(of), device(pack, std::move(options)) {
    device.link_opened();
    device.on_snapshot = [this](const Snapshot& now) { told = now; };
  }
  Octets ask(const Octets& bytes) {
    const auto answers = device.receive(bytes);
    return answers.empty() ? Octets{} : answers.front().bytes;
  }
  /// All it says by itself over that many beats.
  std::vector<Octets> listen(int beats) {
    std::vector<Octets> said;
    for (int i = 0; i < beats; ++i) {
      for (Octets& bytes : device.unasked()) said.push_back(std::move(bytes));
    }
    return said;
  }
  Octets cell_frame() {
    ask(who), ask(settings);
    for (const Octets& bytes : listen(5)) {
      if (bytes.size() == 300) return bytes;
    }
    return {};
  }
  PackModel pack;
  JkBleDevice device;
  Snapshot told;
};

std::vector<int> frame_types(const Octets& bytes) {
  std::vector<int> types;
  for (std::size_t at = 0; at + 300 <= bytes.size(); at += 300) {
    const Octets frame(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                       bytes.begin() + static_cast<std::ptrdiff_t>(at) + 300);
    CHECK(Octets(frame.begin(), frame.begin() + 4) == Octets{0x55, 0xAA, 0xEB, 0x90});
    CHECK(std::accumulate(frame.begin(), frame.end() - 1, 0) % 256 == frame.back());
    types.push_back(frame[4]);
  }
  return types;
}

long le(const Octets& bytes, std::size_t at, int size) {
  long value = 0;
  for (int i = size - 1; i >= 0; --i) value = value << 8 | bytes.at(at + static_cast<std::size_t>(i));
  return value;
}
int s16(const Octets& bytes, std::size_t at) { return static_cast<std::int16_t>(le(bytes, at, 2)); }
int s32(const Octets& bytes, std::size_t at) { return static_cast<std::int32_t>(le(bytes, at, 4)); }

}  // namespace

TEST_CASE("jk ble board: who it is, then its settings, each with an acknowledge") {
  JkBleBoard board;
  Octets reply = board.ask(who);
  REQUIRE(reply.size() == 320);
  CHECK(frame_types(reply) == std::vector{3});
  CHECK(Octets(reply.end() - 20, reply.end()) == acknowledge);
  CHECK(std::string(reply.begin() + 30, reply.begin() + 35) == "19.05");
  CHECK(le(reply, 150, 4) != 0);
  CHECK(board.device.intact(reply));
  reply = board.ask(settings);
  CHECK(frame_types(reply) == std::vector{1, 3});  // newer ones say again who they are
  CHECK(le(reply, 114, 4) == 16);
  CHECK(le(reply, 10, 4) == 2500);
  CHECK(le(reply, 18, 4) == 3650);
  CHECK(le(reply, 130, 4) == 100'000);
  JkBleBoard older(jk_24s());
  CHECK(le(older.ask(who), 150, 4) == 0);
  CHECK(frame_types(older.ask(settings)) == std::vector{1});
}

TEST_CASE("jk ble board: the stream begins with 96, on new boards only behind 97, and ends with the link") {
  for (const bool is_new : {true, false}) {
    JkBleBoard board(is_new ? jk_32s() : jk_24s());
    CHECK(board.listen(20).size() == (is_new ? 6 : 0));  // the module's chatter alone
    board.ask(settings);
    int frames = 0;
    for (const Octets& bytes : board.listen(20)) frames += bytes != chatter;
    CHECK(frames == (is_new ? 0 : 4));
    board.ask(who), board.ask(settings);
    frames = 0;
    for (const Octets& bytes : board.listen(20)) frames += bytes.size() == 300 && bytes[4] == 2;
    CHECK(frames == 4);
    board.device.link_opened();
    for (const Octets& bytes : board.listen(20)) CHECK(bytes == chatter);
  }
}

TEST_CASE("jk ble board: a cell frame tells its snapshot where its generation has the values") {
  for (const bool wide : {true, false}) {
    CAPTURE(wide);
    JkBleBoard board(wide ? jk_32s() : jk_24s());
    for (int i = 0; i < 50; ++i) board.pack.step(10);
    const Octets frame = board.cell_frame();
    REQUIRE(frame.size() == 300);
    CHECK(frame_types(frame) == std::vector{2});
    for (std::size_t cell = 0; cell < 16; ++cell) CHECK(le(frame, 6 + 2 * cell, 2) == board.told.cells_mv[cell]);
    CHECK(le(frame, wide ? 70 : 54, 4) == 0xFFFF);
    CHECK(le(frame, wide ? 150 : 118, 4) == 10L * board.told.pack_cv);
    REQUIRE(board.told.current_ca > 0);
    CHECK(s32(frame, wide ? 158 : 126) == 10 * board.told.current_ca);
    CHECK(s16(frame, wide ? 162 : 130) == board.told.temps_dk[0] - 2731);
    CHECK(s16(frame, wide ? 164 : 132) == board.told.temps_dk[1] - 2731);
    CHECK(s16(frame, wide ? 144 : 134) == board.told.temps_dk[0] - 2731 + 20);
    CHECK(frame[wide ? 173 : 141] == board.told.soc_pct);
    CHECK(le(frame, wide ? 174 : 142, 4) == 10L * board.told.remaining_cah);
    CHECK(le(frame, wide ? 178 : 146, 4) == 100'000);
    CHECK(frame[wide ? 198 : 166] == 1);
    CHECK(frame[wide ? 199 : 167] == 1);
    if (wide) CHECK(le(frame, 166, 4) == 0x80000);
    if (wide) CHECK(s16(frame, 256) == -2000);
  }
}

TEST_CASE("jk ble board: discharging is negative, a full cell raises its bit") {
  JkBleBoard empties(jk_24s(), {.cells = 8, .starts_charging = false});
  for (int i = 0; i < 50; ++i) empties.pack.step(1);
  CHECK(s32(empties.cell_frame(), 126) < 0);
  JkBleBoard full(jk_24s(), {.cells = 8, .soc_pct = 99.5, .absorption_v_per_cell = 3.7});
  for (int i = 0; i < 400 && !(full.told.protections & 1); ++i) full.pack.step(10), full.cell_frame();
  REQUIRE((full.told.protections & 1) != 0);
  const Octets frame = full.cell_frame();
  CHECK((le(frame, 136, 2) & 0x10) == 0x10);
  CHECK(frame[166] == 0);
}

TEST_CASE("jk ble board: a request in pieces is one, a damaged one none, a write is noticed") {
  JkBleBoard board;
  int noticed = 0;
  board.device.on_write = [&](const Octets&) { ++noticed; };
  CHECK(board.ask({0x00, 0xAA, 0x55, 0x90}).empty());
  CHECK(board.ask(Octets(who.begin() + 3, who.end())).size() == 320);
  CHECK(board.ask(request(0x97, 0x12)).empty());
  CHECK(board.device.receive(Octets(200, 0xAA)).empty());
  CHECK(board.ask(who).size() == 320);
  CHECK(noticed == 0);
  board.ask(request(0x1D, 0x9B, 4));
  CHECK(noticed == 1);
}
