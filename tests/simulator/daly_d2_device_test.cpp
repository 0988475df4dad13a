// The board's side against literal bytes of daly.md 2.
#include "tests/simulator/daly_d2_device.h"

#include <doctest/doctest.h>

using namespace simulator;

namespace {

const Octets read_live{0xD2, 0x03, 0x00, 0x00, 0x00, 0x3E, 0xD7, 0xB9};

struct D2Board {
  explicit D2Board(PackOptions of = {.cells = 4}, DalyD2Options options = {}) : pack(of), device(pack, options) {
    device.on_snapshot = [this](const Snapshot& now) { told = now; };
    device.on_write = [this](const Octets&) { ++writes; };
  }
  Octets ask(const Octets& request) {
    const auto answers = device.receive(request);
    return answers.empty() ? Octets{} : answers.front().bytes;
  }
  PackModel pack;
  DalyD2Device device;
  Snapshot told;
  int writes = 0;
};

int reg(const Octets& reply, std::size_t n) { return reply.at(3 + 2 * n) << 8 | reply.at(4 + 2 * n); }

}  // namespace

TEST_CASE("daly d2 board: the live registers tell its snapshot") {
  for (const bool charging : {true, false}) {
    D2Board board({.cells = 4, .starts_charging = charging});
    for (int i = 0; i < 50; ++i) board.pack.step(5);
    const Octets reply = board.ask(read_live);
    REQUIRE(reply.size() == 129);
    CHECK(reply[2] == 124);
    CHECK(board.device.intact(reply));
    for (std::size_t cell = 0; cell < 4; ++cell) CHECK(reg(reply, cell) == board.told.cells_mv[cell]);
    CHECK(reg(reply, 4) == 0);
    CHECK((reg(reply, 0x20) - 40) * 10 + 2731 == board.told.temps_dk[0]);
    CHECK(reg(reply, 0x22) == 0x00FF);
    CHECK(reg(reply, 0x28) * 10 == board.told.pack_cv);
    CHECK((reg(reply, 0x29) - 30000) * 10 == board.told.current_ca);
    CHECK(reg(reply, 0x2F) == (charging ? 1 : 2));
    CHECK((board.told.current_ca > 0) == charging);
    CHECK(reg(reply, 0x2A) == board.told.soc_pct * 10);
    CHECK(reg(reply, 0x30) * 10 == board.told.remaining_cah);
    CHECK(reg(reply, 0x31) == 4);
    CHECK(reg(reply, 0x32) == 2);
    CHECK(reg(reply, 0x3A) == 0);
  }
}

TEST_CASE("daly d2 board: settings and names; what it has not reads FFFF") {
  D2Board board;
  const Octets limits = board.ask({0xD2, 0x03, 0x00, 0x80, 0x00, 0x29, 0x96, 0x5F});
  REQUIRE(limits.size() == 5 + 82);
  CHECK(reg(limits, 0x00) == 1000);
  CHECK(reg(limits, 0x0C) == 3650);
  CHECK(reg(limits, 0x0E) == 2500);
  CHECK(reg(limits, 0x10) == 146);
  CHECK(reg(limits, 0x14) == 28500);
  CHECK(reg(limits, 0x28) == 130);
  const Octets names = board.ask({0xD2, 0x03, 0x00, 0xA9, 0x00, 0x20, 0x87, 0x91});
  REQUIRE(names.size() == 69);
  CHECK(std::string(names.begin() + 3, names.begin() + 14) == "SIM_D2_V1.0");
  CHECK(reg(board.ask({0xD2, 0x03, 0x00, 0xCE, 0x00, 0x01, 0xF6, 0x56}), 0) == 0xFFFF);
}

TEST_CASE("daly d2 board: a request in pieces is one, a damaged one none, too much at once none") {
  D2Board board;
  CHECK(board.ask({0x00, 0xD2, 0x03, 0x00}).empty());
  CHECK(board.ask(Octets(read_live.begin() + 3, read_live.end())).size() == 129);
  Octets damaged = read_live;
  damaged[5] = 0x3D;
  CHECK(board.ask(damaged).empty());
  CHECK(board.ask(read_live).size() == 129);
  CHECK(board.ask({0xD2, 0x03, 0x00, 0x00, 0x00, 0x51, 0x97, 0x95}).empty());  // 81 registers
  CHECK(D2Board({.cells = 4}, {.has_mos_block = false}).ask({0xD2, 0x03, 0x00, 0x3E, 0x00, 0x09, 0xF7, 0xA3}).empty());
  CHECK(board.writes == 0);
}

TEST_CASE("daly d2 board: both kinds of write are noticed") {
  D2Board board;
  board.ask({0xD2, 0x06, 0x00, 0xA5, 0x00, 0x00, 0x8A, 0x4A});
  CHECK(board.writes == 1);
  board.ask({0xD2, 0x10, 0x00, 0xA5, 0x00, 0x01, 0x02, 0x00, 0x00, 0x37, 0x90});
  CHECK(board.writes == 2);
}
