#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "protocols/jbd/jbd_decoder.h"
#include "tests/protocols/expected.h"
#include "tests/protocols/heard.h"

using namespace cellwarden;
using nlohmann::json;
using test::check_list, test::check_number;
using test::cut, test::Heard, test::hear;

namespace {

void check_meaning(const json& expect, const Heard& heard) {
  const Reading reading = heard.last().value_or(Reading{});
  check_number(expect, "V", reading.pack_v);
  check_number(expect, "A", reading.current_a);
  check_number(expect, "Ah_remaining", reading.remaining_ah);
  check_number(expect, "SoC", reading.soc_pct);
  if (expect.contains("cycles")) CHECK(reading.cycles == expect["cycles"].get<int>());
  if (expect.contains("charge_fet")) CHECK(reading.charge_on == expect["charge_fet"].get<bool>());
  if (expect.contains("discharge_fet")) CHECK(reading.discharge_on == expect["discharge_fet"].get<bool>());
  if (expect.contains("balancing_cells"))
    CHECK(reading.balancing_cells == expect["balancing_cells"].get<std::vector<int>>());
  if (expect.contains("date")) CHECK(heard.identity.manufactured == expect["date"].get<std::string>());
  if (expect.contains("model")) CHECK(heard.identity.model == expect["model"].get<std::string>());
  if (expect.contains("temps_C")) check_list(expect["temps_C"], reading.temps_c);
  if (expect.contains("cells_V")) check_list(expect["cells_V"], reading.cells_v);
  if (expect.contains("ext")) {
    CHECK(reading.warnings.has_value());
    check_number(expect["ext"], "Ah_full", reading.full_ah);
  }
}

json frames() { return json::parse(std::ifstream(TEST_DATA "/protocols/frames/jbd.json")); }

}  // namespace

TEST_CASE("jbd: every DD frame of the collection, however it is cut") {
  int seen = 0;
  for (const auto& entry : frames()) {
    const Buffer request = from_hex(entry.value("request", ""));
    if (request.empty() || request[0] != 0xDD) continue;
    ++seen;
    INFO(entry["name"].get<std::string>());
    const Buffer bytes = from_hex(entry.value("stream_bytes", entry.value("bytes", "")));
    const json expect = entry.value("expect", json::object());
    for (const std::size_t chunk : {bytes.size(), std::size_t{1}, std::size_t{20}}) {
      const Heard heard = hear(jbd::JbdDecoder(), request, cut(bytes, chunk));
      if (expect.contains("reject")) {
        CHECK(heard.good == 0);
        CHECK(!heard.last());
        CHECK(heard.rejected.contains(entry.contains("bad_checksum") ? FrameError::checksum : FrameError::sync));
      } else if (expect.contains("error")) {
        CHECK(heard.good == 0);
        CHECK(heard.rejected.at(FrameError::refused) == 1);
      } else {
        CHECK(heard.good == 1);
        check_meaning(expect, heard);
      }
    }
  }
  CHECK(seen >= 50);
}

TEST_CASE("jbd: two polls are never mixed, and a doubled reply counts as unexpected") {
  const Buffer ask_info = from_hex("dda50300fffd77"), ask_cells = from_hex("dda50400fffc77");
  const Buffer info = from_hex("dd03001d0618000001f201f400002c7c00000000000080640304030b8b0b8a0b84fa8d77");
  const Buffer cells = from_hex("dd0400080f450f3d0f370f3dfec677");
  Heard heard;
  jbd::JbdDecoder decoder;
  decoder.feed(Direction::to_bms, ask_info, heard);
  decoder.feed(Direction::from_bms, info, heard);
  decoder.feed(Direction::to_bms, ask_info, heard);  // its reply is lost
  decoder.feed(Direction::to_bms, ask_cells, heard);
  decoder.feed(Direction::from_bms, cells, heard);
  CHECK(!heard.last());
  decoder.feed(Direction::from_bms, cells, heard);
  CHECK(heard.rejected[FrameError::unexpected] == 1);
}

TEST_CASE("jbd: old firmware echoes A5; the request says what the reply is") {
  const Heard heard =
      hear(jbd::JbdDecoder(), from_hex("dda50400fffc77"), cut(from_hex("dda500080f450f3d0f370f3dfec677"), 3));
  REQUIRE(heard.last());
  CHECK(heard.last()->cells_v.size() == 4);
}

TEST_CASE("jbd: limits by the FA read, in their units") {
  jbd::JbdDecoder decoder;
  Heard heard;
  const Buffer ask = from_hex("ddA5fa0300000028fedb77");
  decoder.feed(Direction::to_bms, ask, heard);
  // start 0, 40 parameters: only those that are checked are not 0; sum by jbd.md 1.
  Buffer data{0, 0, 40};
  for (int reg = 0x10; reg < 0x10 + 40; ++reg) {
    const int value = reg == 0x10   ? 10000
                      : reg == 0x24 ? 3650
                      : reg == 0x26 ? 2500
                      : reg == 0x20 ? 5840
                      : reg == 0x28 ? 10000
                      : reg == 0x29 ? 0x10000 - 12000
                      : reg == 0x18 ? 2731 + 650
                      : reg == 0x1A ? 2731 - 50
                      : reg == 0x2D ? 0x1000  // unit x10
                      : reg == 0x2F ? 16
                                    : 0;
    data.push_back(static_cast<std::uint8_t>(value >> 8));
    data.push_back(static_cast<std::uint8_t>(value & 0xFF));
  }
  Buffer reply{0xDD, 0xFA, 0x00, static_cast<std::uint8_t>(data.size())};
  unsigned sum = static_cast<unsigned>(data.size());
  for (const auto byte : data) sum += byte;
  reply.insert(reply.end(), data.begin(), data.end());
  sum = 0x10000 - sum;
  reply.push_back(static_cast<std::uint8_t>(sum >> 8 & 0xFF));
  reply.push_back(static_cast<std::uint8_t>(sum & 0xFF));
  reply.push_back(0x77);
  decoder.feed(Direction::from_bms, reply, heard);
  CHECK(heard.good == 1);
  CHECK(heard.limits.capacity_ah.value() == doctest::Approx(1000));
  CHECK(heard.limits.cell_ovp_v.value() == doctest::Approx(3.65));
  CHECK(heard.limits.cell_uvp_v.value() == doctest::Approx(2.5));
  CHECK(heard.limits.pack_ovp_v.value() == doctest::Approx(58.4));
  CHECK(heard.limits.charge_ocp_a.value() == doctest::Approx(1000));
  CHECK(heard.limits.discharge_ocp_a.value() == doctest::Approx(1200));
  CHECK(heard.limits.charge_otp_c.value() == doctest::Approx(65));
  CHECK(heard.limits.charge_utp_c.value() == doctest::Approx(-5));
  CHECK(heard.limits.cell_count == 16);
}

TEST_CASE("jbd: a damaged length does not swallow the frame behind it") {
  const Buffer good = from_hex("dd0400080f450f3d0f370f3dfec677");
  Buffer damaged = good;
  damaged[3] = 0x60;
  damaged.insert(damaged.end(), good.begin(), good.end());
  const Heard heard = hear(jbd::JbdDecoder(), from_hex("dda50400fffc77"), {damaged});
  CHECK(heard.rejected.at(FrameError::length) == 1);
  REQUIRE(heard.last());
  CHECK(heard.last()->cells_v.size() == 4);
}

TEST_CASE("jbd: a trailing callback id and FF around a frame are tolerated") {
  const Heard heard = hear(jbd::JbdDecoder(), from_hex("dda50400fffc77"),
                           cut(from_hex("ffffdd0400080f450f3d0f370f3dfec67700000001ff"), 64));
  CHECK(heard.good == 1);
  CHECK(heard.rejected.size() == 1);
  CHECK(heard.rejected.contains(FrameError::sync));
}

TEST_CASE("jbd: our own request come back as an echo is no refusal") {
  const Buffer ask = from_hex("dda50400fffc77");
  Buffer echoed = ask;
  const Buffer reply = from_hex("dd0400080f450f3d0f370f3dfec677");
  echoed.insert(echoed.end(), reply.begin(), reply.end());
  const Heard heard = hear(jbd::JbdDecoder(), ask, {echoed});
  CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::unexpected, 1}});
  CHECK(heard.good == 1);
}
