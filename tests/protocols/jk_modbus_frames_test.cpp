// Captured registers of a JK PB and what they say, and how requests and replies find each other.
#include <doctest/doctest.h>

#include <set>

#include "tests/protocols/jk_expected.h"
#include "tests/protocols/jk_line.h"
#include "tests/protocols/jk_pb_pack.h"

using namespace jk_test;

namespace {

/// Feeds exchange after exchange to one decoder.
Heard talk(const std::vector<std::pair<Buffer, Buffer>>& exchanges) {
  Heard heard;
  jk::ModbusDecoder decoder;
  for (const auto& [request, reply] : exchanges) {
    decoder.feed(Direction::to_bms, request, heard);
    decoder.feed(Direction::from_bms, reply, heard);
  }
  decoder.finish(heard);
  return heard;
}
std::pair<Buffer, Buffer> captured(const std::string& name) { return {request_of(name), bytes_of(name)}; }

/// Words of the live area as its frame has them.
Buffer frame_of(const std::string& name) {
  jk::AreaFrame live(jk::Area::live);
  const Buffer reply = bytes_of(name);
  live.put(static_cast<std::uint16_t>(u16_be(request_of(name), 2)), Bytes(reply).subspan(3, reply.size() - 5));
  return {live.frame().begin(), live.frame().end()};
}

}  // namespace

TEST_CASE("jk-modbus: the captured live registers mean what they mean") {
  const Heard heard = talk({captured("pb_fc03_1200_120")});
  CHECK(heard.good == 1);
  CHECK(heard.rejected.empty());
  const Reading& reading = heard.readings.at(1).at(0);
  CHECK(reading.temps_c.size() == 2);
  for (const auto& [key, value] : entry("pb_fc03_1200_120")["expect"].items()) {
    INFO(key);
    CHECK(test::check_cells(key, value, "JK02_32S", reading) != test::no_word.contains(key));
  }
}

TEST_CASE("jk-modbus: T3 to T5 come with the registers behind; T3 is left out where it repeats the MOSFETs'") {
  const Heard heard = talk({captured("pb_fc03_1400_120"), captured("pb_fc03_1200_120"), captured("pb_fc03_12f0_16")});
  CHECK(heard.rejected.empty());
  REQUIRE(heard.readings.at(1).size() == 1);
  const Reading& reading = heard.readings.at(1)[0];
  REQUIRE(reading.temps_c.size() == 5);
  CHECK(reading.temps_c[0].value() == doctest::Approx(21.6));
  CHECK(!reading.temps_c[2]);
  CHECK(reading.temps_c[3].value() == doctest::Approx(21.6));
  CHECK(reading.temps_c[4].value() == doctest::Approx(21.8));
  CHECK(heard.identities.at(1).model == "JK_PB2A16S20P");
  CHECK(heard.identities.at(1).hardware == "15A");
  CHECK(heard.identities.at(1).software == "15.41");
  CHECK(heard.identities.at(1).brand == "JK");
  CHECK(heard.identities.at(1).protocol == "jk-modbus");
}

TEST_CASE("jk-modbus: the captured settings, and a read of one word that says nothing here") {
  const Heard heard = talk({captured("pb_fc03_1000_120"), captured("pb_fc03_1114_1")});
  CHECK(heard.good == 2);
  CHECK(heard.rejected.empty());
  const Limits& limits = heard.limits.at(1).at(0);
  for (const auto& [key, value] : entry("pb_fc03_1000_120")["expect"].items()) {
    INFO(key);
    CHECK(test::check_settings(key, value, limits) != test::no_word.contains(key));
  }
  CHECK(!limits.discharge_utp_c);  // it lies behind the registers: not 0 C
}

TEST_CASE("jk-modbus: a register's number is its area's and the BYTE offset of the field") {
  // Asked for at 1278, byte 78 comes: the fields of both captures stand at the same places of the frame.
  const Buffer whole = frame_of("pb_fc03_1200_120"), part = frame_of("pb_fc03_1278_50");
  const auto field = [](const Buffer& frame, std::size_t first, std::size_t size) {
    return Buffer(frame.begin() + static_cast<std::ptrdiff_t>(first + 6),
                  frame.begin() + static_cast<std::ptrdiff_t>(first + 6 + size));
  };
  for (const auto& [first, size] : std::map<std::size_t, std::size_t>{{0x8A, 2},
                                                                      {0x90, 4},
                                                                      {0x9C, 4},
                                                                      {0xA0, 4},
                                                                      {0xA6, 2},
                                                                      {0xA8, 8},
                                                                      {0xB4, 4},
                                                                      {0xB8, 2},
                                                                      {0xC0, 2},
                                                                      {0xD0, 2}}) {
    CAPTURE(first);
    CHECK(field(part, first, size) == field(whole, first, size));
  }
  CHECK(u32_le(part, 150) == 50923);
  CHECK(part[173] == 59);
  CHECK(u32_le(part, 174) == 184041);
  // Alone it is no reading: its cells are missing.
  const Heard heard = talk({captured("pb_fc03_1278_50")});
  CHECK(heard.good == 1);
  CHECK(heard.readings.empty());
}

TEST_CASE("jk-modbus: each kind of field, from words to the frame") {
  jk::AreaFrame live(jk::Area::live);
  live.put(0x1290, from_hex("0000C6EB"));  // u32
  live.put(0x12A6, from_hex("0237"));      // u8, u8
  live.put(0x129C, from_hex("FFEC"));      // s16
  const Bytes frame = live.frame();
  CHECK(u32_le(frame, 0x96) == 0xC6EB);
  CHECK(frame[0xAC] == 2);
  CHECK(frame[0xAD] == 55);
  CHECK(s16_le(frame, 0xA2) == -20);
  CHECK(live.holds(0x90, 0x94));
  CHECK_FALSE(live.holds(0x8F, 0x94));
  // Half of a u32 at either end of a read is no number.
  jk::AreaFrame torn(jk::Area::live);
  torn.put(0x1292, from_hex("C6EB 00000000 00010000 0001"));  // 92 .. 9D
  CHECK(u32_le(torn.frame(), 0x96) == 0);
  CHECK_FALSE(torn.holds(0x92, 0x94));
  CHECK(torn.holds(0x94, 0x9E));
  jk::AreaFrame cut(jk::Area::live);
  cut.put(0x1290, from_hex("0000"));
  CHECK_FALSE(cut.holds(0x90, 0x92));
  CHECK(jk::area_of(0x1200, 120) == jk::Area::live);
  CHECK(jk::area_of(0x12F0, 16) == jk::Area::live);
  CHECK(!jk::area_of(0x12F0, 17));
  CHECK(!jk::area_of(0x1201, 2));
  CHECK(!jk::area_of(0x0FFE, 2));
  CHECK(!jk::area_of(0x1600, 1));
}

TEST_CASE("jk-modbus: in chunks of every size, with an echo before and noise around") {
  for (const std::string name : {"pb_fc03_1200_120", "pb_fc03_1278_50", "pb_fc03_12f0_16", "pb_fc03_1114_1",
                                 "pb_fc03_1000_120", "pb_fc03_1400_120"}) {
    INFO(name);
    const auto [request, reply] = captured(name);
    const Heard whole = hear(request, reply);
    CHECK(whole.good == 1);
    const Buffer echoed = request + reply;
    for (std::size_t chunk = 1; chunk <= echoed.size(); ++chunk) {
      CHECK(hear(request, reply, chunk) == whole);
      CHECK(hear(request, echoed, chunk) == whole);
    }
    const Heard noisy = hear(request, from_hex("FF55AAEB00") + reply + from_hex("0103FF"));
    CHECK(noisy.good == 1);
    CHECK(noisy.readings == whole.readings);
    CHECK(noisy.limits == whole.limits);
  }
}

TEST_CASE("jk-modbus: passcodes leave the codec in no text") {
  auto [request, reply] = captured("pb_fc03_1400_120");
  const std::string secret = "GEHEIM99";
  for (const std::size_t at : {0x38U, 0x70U}) std::ranges::copy(secret, reply.begin() + 3 + at);
  const Heard heard = hear(request, modbus_test::with_crc(Buffer(reply.begin(), reply.end() - 2)));
  REQUIRE(heard.identities.size() == 1);
  each_member(heard.identities.at(1), [&](std::string_view, const std::optional<std::string>& text) {
    CHECK(text.value_or("").find("GEHEIM") == std::string::npos);
  });
}

TEST_CASE("jk-modbus: two polls are never mixed, and a pack that has more is not told half") {
  const Pack first{.address = 5}, second{.address = 5, .n = 1}, third{.address = 5, .n = 2};
  const auto live = [](const Pack& pack) { return std::pair(ask_live(5), pack.answer(ask_live(5))); };
  const auto more = [](const Pack& pack) { return std::pair(ask_more(5), pack.answer(ask_more(5))); };
  const std::pair<Buffer, Buffer> lost{ask_more(5), {}}, lost_live{ask_live(5), {}};
  CHECK(talk({live(first), more(first), live(second), more(second)}).readings.at(5) ==
        std::vector{first.truth(), second.truth()});
  CHECK(talk({live(first), lost, lost_live, more(second)}).readings.at(5) == std::vector{first.live()});
  CHECK(talk({live(first), more(first), live(second), lost, live(third), more(third)}).readings.at(5) ==
        std::vector{first.truth(), third.truth()});
  CHECK(talk({live(first), live(second), live(third)}).readings.at(5) ==
        std::vector{first.live(), second.live(), third.live()});
  const std::pair<Buffer, Buffer> refused{ask_more(5), modbus_test::refusal(5)};
  CHECK(talk({live(first), refused, live(second)}).readings.at(5) == std::vector{first.live(), second.live()});
}

TEST_CASE("jk-modbus: several packs on one line are told apart") {
  const Pack three{.address = 3}, twelve{.address = 12, .n = 4};
  const Heard heard = talk({{ask_live(3), three.answer(ask_live(3))},
                            {ask_live(12), twelve.answer(ask_live(12))},
                            {ask_more(12), twelve.answer(ask_more(12))},
                            {ask_more(3), three.answer(ask_more(3))}});
  CHECK(heard.readings.at(3) == std::vector{three.truth()});
  CHECK(heard.readings.at(12) == std::vector{twelve.truth()});
  // The answer of another than was asked.
  CHECK(talk({{ask_live(3), twelve.answer(ask_live(12))}}).readings.empty());
}

TEST_CASE("jk-modbus: a reply nobody asked for says nothing") {
  const Pack pack{.address = 1};
  using Rejections = std::map<FrameError, int>;
  const Buffer live = pack.answer(ask_live(1)), settings_reply = pack.answer(ask_settings(1));
  const Heard doubled = hear(ask_live(1), live + live);
  CHECK(doubled.readings.at(1) == std::vector{pack.live()});
  CHECK(doubled.rejected == Rejections{{FrameError::unexpected, 1}});
  const Heard stale = hear(ask_live(1), settings_reply + live);
  CHECK(stale.readings.at(1) == std::vector{pack.live()});
  CHECK(stale.limits.empty());
  CHECK(stale.rejected == Rejections{{FrameError::unexpected, 1}});
  CHECK(hear(ask_live(1), modbus_test::refusal(1)).rejected == Rejections{{FrameError::refused, 1}});
  CHECK(hear(ask_live(1), modbus_test::refusal(2)).rejected == Rejections{{FrameError::unexpected, 1}});
}

TEST_CASE("jk-modbus: replies whose requests nobody heard are known by their length, and by what they say") {
  const Pack pack{.address = 4};
  const Heard all = hear({}, pack.answer(ask_live(4)) + pack.answer(ask_more(4)) + pack.answer(ask_settings(4)));
  CHECK(all.readings.at(4) == std::vector{pack.truth()});
  CHECK(all.limits.at(4).at(0).cell_ovp_v.value() == doctest::Approx(3.65));
  CHECK(hear({}, bytes_of("pb_fc03_1200_120")).readings.at(1).size() == 1);
  CHECK(hear({}, bytes_of("pb_fc03_1000_120")).limits.at(1).size() == 1);
  for (const std::string name : {"pb_fc03_1400_120", "pb_fc03_1278_50", "pb_fc03_12f0_16"}) {
    const Heard heard = hear({}, bytes_of(name));
    CHECK(heard.readings.empty());
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::unexpected, 1}});
  }
}

TEST_CASE("jk-listen: another master's reads of registers are followed, too") {
  const Pack two{.address = 2}, nine{.address = 9, .n = 3};
  Buffer stream;
  for (const Pack& pack : {two, nine}) {
    for (const Buffer& ask : {ask_live(pack.address), ask_more(pack.address), ask_settings(pack.address)})
      stream = stream + ask + pack.answer(ask);
  }
  const Heard whole = overhear(stream);
  CHECK(whole.rejected.empty());
  CHECK(whole.readings.at(2) == std::vector{two.truth()});
  CHECK(whole.readings.at(9) == std::vector{nine.truth()});
  CHECK(whole.limits.at(9).size() == 1);
  for (std::size_t chunk = 1; chunk <= 300; ++chunk) CHECK(overhear(stream, chunk) == whole);
}
