// The board's side against literal bytes of daly.md 3.
#include "tests/simulator/daly_hkms_device.h"

#include <doctest/doctest.h>

using namespace simulator;

namespace {

const Octets read_measured{0x81, 0x03, 0x00, 0x00, 0x00, 0x40, 0x5B, 0xFA},
    read_state{0x81, 0x03, 0x00, 0x41, 0x00, 0x3E, 0x8B, 0xCE},
    read_settings{0x81, 0x03, 0x01, 0x00, 0x00, 0x51, 0x9A, 0x0A};

struct HkmsBoard {
  explicit HkmsBoard(PackOptions of = {.cells = 4}, DalyHkmsOptions options = {}) : pack(of), device(pack, options) {
    device.on_snapshot = [this](const Snapshot& now) { told = now; };
    device.on_write = [this](const Octets&) { ++writes; };
  }
  Octets ask(const Octets& request) {
    const auto answers = device.receive(request);
    return answers.empty() ? Octets{} : answers.front().bytes;
  }
  PackModel pack;
  DalyHkmsDevice device;
  Snapshot told;
  int writes = 0;
};

int reg(const Octets& reply, int n) {
  const auto at = static_cast<std::size_t>(3 + 2 * n);
  return reply.at(at) << 8 | reply.at(at + 1);
}

}  // namespace

TEST_CASE("daly hkms board: its two live parts tell its snapshot") {
  for (const bool charging : {true, false}) {
    HkmsBoard board({.cells = 4, .starts_charging = charging});
    for (int i = 0; i < 50; ++i) board.pack.step(5);
    const Octets measured = board.ask(read_measured), state = board.ask(read_state);
    REQUIRE(measured.size() == 133);
    REQUIRE(state.size() == 129);
    CHECK(measured[0] == 0x51);
    CHECK(measured[2] == 128);
    CHECK(board.device.intact(measured));
    for (int cell = 0; cell < 4; ++cell) {
      CHECK(reg(measured, cell) == board.told.cells_mv[static_cast<std::size_t>(cell)]);
    }
    CHECK(reg(measured, 4) == 0);
    CHECK((reg(measured, 0x30) - 40) * 10 + 2731 == board.told.temps_dk[0]);
    CHECK(reg(measured, 0x32) == 0x00FF);
    CHECK(reg(measured, 0x38) * 10 == board.told.pack_cv);
    CHECK((reg(measured, 0x39) - 30000) * 10 == board.told.current_ca);
    CHECK(reg(measured, 0x3A) == board.told.soc_pct * 10);
    CHECK(reg(measured, 0x3C) == 4);
    CHECK(reg(measured, 0x3D) == 2);
    CHECK(reg(state, 0x48 - 0x41) == (charging ? 1 : 2));
    CHECK(reg(state, 0x4B - 0x41) * 10 == board.told.remaining_cah);
    CHECK(reg(state, 0x4C - 0x41) == 12);
    CHECK(reg(state, 0x52 - 0x41) == 1);
    CHECK(reg(state, 0x53 - 0x41) == 1);
    CHECK(reg(state, 0x5A - 0x41) == reg(state, 0x5B - 0x41) + 1);
    CHECK(reg(state, 0x6D - 0x41) == 0);
  }
}

TEST_CASE("daly hkms board: settings; what it has not reads FFFF") {
  HkmsBoard board;
  const Octets limits = board.ask(read_settings);
  REQUIRE(limits.size() == 5 + 162);
  CHECK(reg(limits, 0x09) * 65536 + reg(limits, 0x0A) == 100000);
  CHECK(reg(limits, 0x31) == 3650);
  CHECK(reg(limits, 0x35) == 2500);
  CHECK(reg(limits, 0x39) == 146);
  CHECK(reg(limits, 0x41) == 28500);
  CHECK(reg(limits, 0x46) == 32000);
  CHECK(reg(limits, 0x4B) == 105);
  CHECK(reg(board.ask({0x81, 0x03, 0x00, 0xCF, 0x00, 0x01, 0xAB, 0xF5}), 0) == 0xFFFF);
}

TEST_CASE(
    "daly hkms board: it minds its number; damaged requests and writes are none; asleep it says zeros or nothing") {
  CHECK(HkmsBoard({.cells = 4}, {.number = 2}).ask(read_measured).empty());
  HkmsBoard board;
  CHECK(board.ask({0x00, 0x81, 0x03, 0x00}).empty());
  CHECK(board.ask(Octets(read_measured.begin() + 3, read_measured.end())).size() == 133);
  Octets damaged = read_measured;
  damaged[5] = 0x3D;
  CHECK(board.ask(damaged).empty());
  CHECK(board.writes == 0);
  CHECK(board.ask({0x81, 0x06, 0x01, 0x21, 0x00, 0x00, 0xC7, 0xFC}).empty());
  CHECK(board.writes == 1);
  const Octets zeros = HkmsBoard({.cells = 4}, {.sleep = DalyHkmsOptions::zeros}).ask(read_measured);
  REQUIRE(zeros.size() == 133);
  for (int n = 0; n < 64; ++n) CHECK(reg(zeros, n) == 0);
  CHECK(HkmsBoard({.cells = 4}, {.sleep = DalyHkmsOptions::silent}).ask(read_measured).empty());
}
