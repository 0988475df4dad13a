// The unit's side against literal bytes of jbd.md 5.
#include "tests/simulator/jbd_up_device.h"

#include <doctest/doctest.h>

using namespace simulator;

namespace {

const Octets read_status{0x01, 0x78, 0x10, 0x00, 0x10, 0xA0, 0x00, 0x00, 0x7F, 0xB2},
    read_thresholds{0x01, 0x78, 0x18, 0x00, 0x19, 0x00, 0x00, 0x00, 0x7D, 0x44},
    read_identity{0x01, 0x78, 0x1C, 0x00, 0x1C, 0xA0, 0x00, 0x00, 0x7C, 0x2E},
    read_parameters{0x01, 0x78, 0x20, 0x00, 0x20, 0x50, 0x00, 0x00, 0x75, 0x71},
    read_own{0x01, 0x45, 0x00, 0x00, 0x00, 0x54, 0x00, 0x00, 0xD4, 0xD3},
    read_product_of_2{0x02, 0x78, 0x28, 0x10, 0x28, 0x3C, 0x00, 0x00, 0x37, 0x92};

struct UpBoard {
  explicit UpBoard(JbdUpOptions options = {}, PackOptions of = {.cells = 16}) : pack(of), device(pack, options) {
    device.on_snapshot = [this](const Snapshot& now) { told = now; };
    device.on_write = [this](const Octets&) { ++writes; };
  }
  Octets ask(const Octets& request) {
    const auto answers = device.receive(request);
    return answers.empty() ? Octets{} : answers.front().bytes;
  }
  PackModel pack;
  JbdUpDevice device;
  Snapshot told;
  int writes = 0;
};

int at(const Octets& reply, std::size_t offset) { return reply.at(8 + offset) << 8 | reply.at(9 + offset); }

}  // namespace

TEST_CASE("jbd up unit: its status tells its snapshot") {
  UpBoard unit;
  for (int i = 0; i < 50; ++i) unit.pack.step(5);
  const Octets reply = unit.ask(read_status);
  REQUIRE(reply.size() == 8 + 68 + 32 + 2 + 4 + 36 + 12 + 2);
  CHECK(Octets(reply.begin(), reply.begin() + 6) == Octets(read_status.begin(), read_status.begin() + 6));
  CHECK(unit.device.intact(reply));
  CHECK(at(reply, 0) == unit.told.pack_cv);
  CHECK(at(reply, 4) * 65536 + at(reply, 6) - 300000 == unit.told.current_ca);
  CHECK(at(reply, 8) == 100 * unit.told.soc_pct);
  CHECK(at(reply, 10) == unit.told.remaining_cah);
  CHECK(at(reply, 14) == 10000);
  CHECK(at(reply, 32) == 3);
  CHECK(at(reply, 58) == 584);
  CHECK(at(reply, 60) == 1000);
  CHECK(at(reply, 66) == 16);
  for (std::size_t cell = 0; cell < 16; ++cell) CHECK(at(reply, 68 + 2 * cell) == unit.told.cells_mv[cell]);
  CHECK(at(reply, 100) == 2);
  CHECK(at(reply, 102) - 500 + 2731 == unit.told.temps_dk[0]);
  CHECK(at(reply, 110) == 0x0C04);

  const Octets own = unit.ask(read_own);
  REQUIRE(own.size() == 126);
  CHECK(at(own, 0) == 16);
  CHECK(at(own, 38) == unit.told.pack_cv);
  CHECK(at(own, 50) == unit.told.remaining_cah);
  CHECK(at(own, 96) == 1000);
  CHECK(at(own, 108) == unit.told.temps_dk[0]);
}

TEST_CASE("jbd up unit: a master adds up limits, and where it is told to everything; its own status stays its own") {
  UpBoard limits({.packs = 2}), all({.packs = 2, .sums = true});
  const Octets added = limits.ask(read_status), summed = all.ask(read_status);
  CHECK(at(added, 60) == 2000);
  CHECK(at(added, 12) == 10000);
  CHECK(at(summed, 12) == 20000);
  CHECK(at(summed, 10) == 2 * all.told.remaining_cah);
  CHECK(at(all.ask(read_own), 48) == 10000);
  CHECK(at(all.ask(read_own), 96) == 1000);
}

TEST_CASE("jbd up unit: thresholds and identity of the master; a slave has only its status") {
  UpBoard master;
  const Octets thresholds = master.ask(read_thresholds);
  REQUIRE(thresholds.size() == 218);
  CHECK(at(thresholds, 6) == 3650);
  CHECK(at(thresholds, 18) == 2500);
  CHECK(at(thresholds, 30) == 5840);
  CHECK(at(thresholds, 54) == 1200);
  CHECK(at(thresholds, 94) == 1150);
  CHECK(at(thresholds, 142) == 1550);
  const Octets identity = master.ask(read_identity);
  REQUIRE(identity.size() == 144);
  CHECK(std::string(identity.begin() + 24, identity.begin() + 38) == "UP16S019SIMUP1");
  CHECK(master.ask(read_product_of_2).empty());

  UpBoard slave({.number = 2});
  CHECK(slave.ask(read_product_of_2).empty());
  CHECK(slave.ask(read_status).empty());
  CHECK(at(slave.ask({0x02, 0x78, 0x10, 0x00, 0x10, 0xA0, 0x00, 0x00, 0x3F, 0xA7}), 110) == 0x000C);
}

TEST_CASE("jbd up unit: a write is noticed, and so is the read that disturbs it; a damaged request is none") {
  UpBoard unit;
  CHECK(unit.ask(read_parameters).empty());
  CHECK(unit.writes == 1);
  unit.ask({0x01, 0x79, 0x29, 0x02, 0x29, 0x04, 0x00, 0x06, 0x11, 0x4A, 0x42, 0x44, 0x00, 0x03, 0x00, 0x00});
  CHECK(unit.writes == 1);  // its CRC is wrong
  unit.ask({0x01, 0x79, 0x29, 0x02, 0x29, 0x04, 0x00, 0x06, 0x11, 0x4A, 0x42, 0x44, 0x00, 0x03, 0x94, 0x44});
  CHECK(unit.writes == 2);
  Octets damaged = read_status;
  damaged[8] ^= 1;
  CHECK(unit.ask(damaged).empty());
  CHECK(unit.ask(read_status).size() > 150);
  CHECK(UpBoard({.silent = true}).ask(read_status).empty());
}
