// The pack's side against literal bytes of jk.md 3.
#include "tests/simulator/jk_modbus_device.h"

#include <doctest/doctest.h>

using namespace simulator;

namespace {

const Octets read_live{0x01, 0x03, 0x12, 0x00, 0x00, 0x78, 0x40, 0x90};

struct JkPack {
  explicit JkPack(JkModbusOptions options = {}, PackOptions of = {.cells = 4}) : pack(of), device(pack, options) {
    device.on_snapshot = [this](const Snapshot& now) { told = now; };
    device.on_write = [this](const Octets&) { ++writes; };
  }
  Octets ask(const Octets& request) {
    const auto answers = device.receive(request);
    return answers.empty() ? Octets{} : answers.front().bytes;
  }
  PackModel pack;
  JkModbusDevice device;
  Snapshot told;
  int writes = 0;
};

int reg(const Octets& reply, std::size_t n) { return reply.at(3 + 2 * n) << 8 | reply.at(4 + 2 * n); }

}  // namespace

TEST_CASE("jk pack: the live registers tell its snapshot, words by their byte offsets") {
  for (const bool charging : {true, false}) {
    JkPack jk({}, {.cells = 4, .starts_charging = charging});
    for (int i = 0; i < 50; ++i) jk.pack.step(5);
    const Octets reply = jk.ask(read_live);
    REQUIRE(reply.size() == 245);
    CHECK(jk.device.intact(reply));
    for (std::size_t cell = 0; cell < 4; ++cell) CHECK(reg(reply, cell) == jk.told.cells_mv[cell]);
    CHECK(reg(reply, 4) == 0);
    CHECK(reg(reply, 0x40 / 2) == 0);
    CHECK(reg(reply, 0x42 / 2) == 0x000F);
    CHECK((reg(reply, 0x90 / 2) << 16 | reg(reply, 0x92 / 2)) == 10 * jk.told.pack_cv);
    CHECK((reg(reply, 0x98 / 2) << 16 | reg(reply, 0x9A / 2)) == 10 * jk.told.current_ca);
    CHECK((jk.told.current_ca > 0) == charging);
    CHECK((reg(reply, 0xA6 / 2) & 0xFF) == jk.told.soc_pct);
    CHECK(reg(reply, 0xC0 / 2) == 0x0101);
    // The same bytes, asked for from 1290 on.
    const Octets pack_v = jk.ask({0x01, 0x03, 0x12, 0x90, 0x00, 0x02, 0xC1, 0x5E});
    REQUIRE(pack_v.size() == 9);
    CHECK((reg(pack_v, 0) << 16 | reg(pack_v, 1)) == 10 * jk.told.pack_cv);
  }
}

TEST_CASE("jk pack: beyond an area's end it refuses; for another address and with a wrong CRC it is silent") {
  JkPack jk({.has_more_temps = false});
  CHECK(jk.ask({0x01, 0x03, 0x12, 0xF0, 0x00, 0x10, 0x41, 0x4D}) == Octets{0x01, 0x83, 0x02, 0xC0, 0xF1});
  CHECK(JkPack().ask({0x01, 0x03, 0x12, 0xF0, 0x00, 0x10, 0x41, 0x4D}).size() == 5 + 32);
  Octets damaged = read_live;
  damaged[5] = 0x77;
  CHECK(jk.ask(damaged).empty());
  CHECK(JkPack({.address = 2}).ask(read_live).empty());
  CHECK(JkPack({.answers_reads = false}).ask(read_live).empty());
  CHECK(jk.ask({0x00, 0x01, 0x03, 0x12}).empty());
  CHECK(jk.ask(Octets(read_live.begin() + 3, read_live.end())).size() == 245);
  CHECK(jk.writes == 0);
}

TEST_CASE("jk pack: a trigger is answered with the frame, and then with who it is") {
  JkPack jk({.address = 3});
  const Octets cells = jk.ask({0x03, 0x10, 0x16, 0x20, 0x00, 0x01, 0x02, 0x00, 0x00, 0xCF, 0x91});
  REQUIRE(cells.size() == 310);
  CHECK(Octets(cells.begin(), cells.begin() + 5) == Octets{0x55, 0xAA, 0xEB, 0x90, 0x02});
  CHECK(Octets(cells.begin() + 300, cells.end()) == Octets{0x00, 0x03, 0x10, 0x16, 0x20, 0x00, 0x01, 0x05, 0xA9, 0x00});
  CHECK(jk.device.intact(cells));
  CHECK((cells[6] | cells[7] << 8) == jk.told.cells_mv[0]);
  CHECK(jk.writes == 0);
  CHECK(JkPack({.address = 3, .answers_triggers = false})
            .ask({0x03, 0x10, 0x16, 0x20, 0x00, 0x01, 0x02, 0x00, 0x00, 0xCF, 0x91})
            .empty());
}

TEST_CASE("jk pack: its settings tell its own address, and a write is noticed") {
  JkPack jk;
  const Octets settings = jk.ask({0x01, 0x10, 0x16, 0x1E, 0x00, 0x01, 0x02, 0x00, 0x00, 0xD2, 0x2F});
  REQUIRE(settings.size() == 310);
  CHECK(settings[4] == 1);
  CHECK(settings[270] == 1);
  jk.ask({0x01, 0x06, 0x10, 0x04, 0x00, 0x00, 0xCC, 0xCB});
  CHECK(jk.writes == 1);
}
