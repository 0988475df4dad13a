// What JBD's replies mean beyond the captured ones: frames built by the rules of jbd.md.
#include <doctest/doctest.h>

#include "protocols/jbd/jbd_decoder.h"
#include "tests/protocols/dd_frame.h"
#include "tests/protocols/heard.h"

using namespace cellwarden;
using namespace cellwarden::test;
using doctest::Approx;

namespace {

/// Requests and their replies, in this order.
Heard conversation(const std::vector<std::pair<Buffer, Buffer>>& exchanges) {
  Heard heard;
  jbd::JbdDecoder decoder;
  for (const auto& [request, reply] : exchanges) {
    decoder.feed(Direction::to_bms, request, heard);
    decoder.feed(Direction::from_bms, reply, heard);
  }
  decoder.finish(heard);
  return heard;
}

std::pair<Buffer, Buffer> info(const BasicInfoData& data) { return {dd_request(0x03), dd_reply(0x03, data.bytes())}; }
std::pair<Buffer, Buffer> cells(const std::vector<int>& mv) { return {dd_request(0x04), dd_reply(0x04, words(mv))}; }

Reading reading_of(const BasicInfoData& data) {
  const Heard heard = conversation({info(data)});
  REQUIRE(heard.last());
  return *heard.last();
}

Buffer count_and_text(const std::string& text) {
  Buffer data{static_cast<std::uint8_t>(text.size())};
  data.insert(data.end(), text.begin(), text.end());
  return data;
}

}  // namespace

TEST_CASE("jbd: bit 7 of the FET byte counts current and capacity in tenths, and nothing else") {
  BasicInfoData data;
  data.pack_10mv = 5280, data.current_10ma = -2000, data.remaining = 1500, data.nominal = 2800, data.fets = 3;
  const Reading fine = reading_of(data);
  data.fets = 0x83;
  const Reading coarse = reading_of(data);
  CHECK(fine.current_a.value() == Approx(-20));
  CHECK(coarse.current_a.value() == Approx(-200));
  CHECK(fine.remaining_ah.value() == Approx(15));
  CHECK(coarse.remaining_ah.value() == Approx(150));
  CHECK(fine.full_ah.value() == Approx(28));
  CHECK(coarse.full_ah.value() == Approx(280));
  CHECK(fine.power_w.value() == Approx(-20 * 52.8));
  CHECK(coarse.power_w.value() == Approx(-200 * 52.8));
  CHECK(fine.pack_v.value() == Approx(52.8));
  CHECK(coarse.pack_v.value() == Approx(52.8));
  CHECK(coarse.soc_pct == fine.soc_pct);
  CHECK(coarse.temps_c == fine.temps_c);
  CHECK(coarse.cycles == fine.cycles);
  CHECK(coarse.charge_on == true);
  CHECK(coarse.discharge_on == true);
}

TEST_CASE("jbd: the unit of 0x03 is the unit of the limits that are read after it") {
  BasicInfoData data;
  data.fets = 0x83;
  Buffer parameters{0, 0x18, 2};  // 0x28, 0x29: over-currents
  const Buffer values = words({1000, 0x10000 - 1500});
  parameters.insert(parameters.end(), values.begin(), values.end());
  const std::pair<Buffer, Buffer> limits{dd_request(0xFA, {0, 0x18, 2}), dd_reply(0xFA, parameters)};
  CHECK(conversation({limits}).limits.charge_ocp_a.value() == Approx(10));
  const Heard coarse = conversation({info(data), limits});
  CHECK(coarse.limits.charge_ocp_a.value() == Approx(100));
  CHECK(coarse.limits.discharge_ocp_a.value() == Approx(150));
}

TEST_CASE("jbd: current is signed, and its ends are what they are") {
  for (const auto& [raw, amps] : {std::pair{0x7FFF, 327.67}, {0x8000, -327.68}, {0xFFFF, -0.01}, {0, 0.0}, {1, 0.01}}) {
    BasicInfoData data;
    data.current_10ma = raw;
    CHECK(reading_of(data).current_a.value() == Approx(amps));
  }
}

TEST_CASE("jbd: every protection bit is its alarm, alone") {
  const std::vector<std::vector<Alarm>> expected = {{Alarm::cell_overvoltage},
                                                    {Alarm::cell_undervoltage},
                                                    {Alarm::pack_overvoltage},
                                                    {Alarm::pack_undervoltage},
                                                    {Alarm::charge_overtemperature},
                                                    {Alarm::charge_undertemperature},
                                                    {Alarm::discharge_overtemperature},
                                                    {Alarm::discharge_undertemperature},
                                                    {Alarm::charge_overcurrent},
                                                    {Alarm::discharge_overcurrent},
                                                    {Alarm::short_circuit},
                                                    {Alarm::internal_fault},
                                                    {Alarm::other},
                                                    {Alarm::mos_fault},
                                                    {Alarm::mos_fault},
                                                    {}};
  for (std::size_t bit = 0; bit < 16; ++bit) {
    CAPTURE(bit);
    BasicInfoData data;
    data.protection = 1 << bit;
    const Reading reading = reading_of(data);
    CHECK(reading.alarms == expected[bit]);
    char raw[16];
    std::snprintf(raw, sizeof raw, "%04X", 1U << bit);
    CHECK(reading.alarm_raw == raw);
  }
}

TEST_CASE("jbd: balance bits count from cell 1, over both words") {
  BasicInfoData data;
  CHECK(reading_of(data).balancing == false);
  data.balance = 1 << 0 | 1 << 15 | 1 << 16 | 1 << 30;
  const Reading reading = reading_of(data);
  CHECK(reading.balancing == true);
  CHECK(reading.balancing_cells == std::vector<int>{1, 16, 17, 31});
}

TEST_CASE("jbd: an absent probe is null, no probes are none, a count beyond the data is refused") {
  BasicInfoData data;
  data.temps = {0x097F, 2731, 2731 - 400, 2731 + 1250};
  const auto temps = reading_of(data).temps_c;
  REQUIRE(temps.size() == 4);
  CHECK_FALSE(temps[0]);
  CHECK(temps[1].value() == Approx(0));
  CHECK(temps[2].value() == Approx(-40));
  CHECK(temps[3].value() == Approx(125));
  data.temps = {};
  CHECK(reading_of(data).temps_c.empty());

  Buffer short_one = data.bytes();
  short_one[22] = 3;
  const Heard heard = conversation({{dd_request(0x03), dd_reply(0x03, short_one)}});
  CHECK_FALSE(heard.last());
  CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::length, 1}});
}

TEST_CASE("jbd: the extension's warnings, full capacity and balance current") {
  BasicInfoData data;
  data.extension = from_hex("32 0401 2774 1388 0050");  // 50 %, bits 0 and 10, 101 Ah, 50 Ah, 80 mA
  const Reading reading = reading_of(data);
  CHECK(reading.warnings == std::vector<Alarm>{Alarm::cell_overvoltage, Alarm::cell_difference});
  CHECK(reading.alarms == std::vector<Alarm>{});
  CHECK(reading.alarm_raw == "0000 0401");
  CHECK(reading.full_ah.value() == Approx(101));
  CHECK(reading.balance_current_a.value() == Approx(0.08));
  data.extension.clear();
  CHECK_FALSE(reading_of(data).warnings);
  CHECK_FALSE(reading_of(data).balance_current_a);
}

TEST_CASE("jbd: the error counters, with and without restarts; shorter ones are refused") {
  const auto eleven = jbd::decode_error_counts(words({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  REQUIRE(eleven.has_value());
  CHECK(eleven->short_circuit == 1);
  CHECK(eleven->charge_overcurrent == 2);
  CHECK(eleven->discharge_overcurrent == 3);
  CHECK(eleven->cell_overvoltage == 4);
  CHECK(eleven->cell_undervoltage == 5);
  CHECK(eleven->charge_overtemperature == 6);
  CHECK(eleven->charge_undertemperature == 7);
  CHECK(eleven->discharge_overtemperature == 8);
  CHECK(eleven->discharge_undertemperature == 9);
  CHECK(eleven->pack_overvoltage == 10);
  CHECK(eleven->pack_undervoltage == 11);
  CHECK_FALSE(eleven->restarts);
  const auto twelve = jbd::decode_error_counts(words({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0xFFFF}));
  REQUIRE(twelve.has_value());
  CHECK(twelve->restarts == 0xFFFF);

  const Buffer ask = dd_request(0xAA);
  CHECK(ask == from_hex("DDA5AA00FF5677"));
  CHECK(conversation({{ask, dd_reply(0xAA, words(std::vector<int>(11, 7)))}}).good == 1);
  const Heard cut = conversation({{ask, dd_reply(0xAA, words(std::vector<int>(10, 7)))}});
  CHECK(cut.good == 0);
  CHECK(cut.rejected == std::map<FrameError, int>{{FrameError::length, 1}});
}

TEST_CASE("jbd: each error status is a refusal and gives no value") {
  for (const int status : {0x80, 0x81, 0x82, 0x83}) {
    CAPTURE(status);
    const auto refusal = dd_reply(0x03, {}, static_cast<std::uint8_t>(status));
    const Heard heard = conversation({{dd_request(0x03), refusal}});
    CHECK(heard.good == 0);
    CHECK_FALSE(heard.last());
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::refused, 1}});
    // With data in it, it is none the less no reading.
    const auto filled = dd_reply(0x03, BasicInfoData{}.bytes(), static_cast<std::uint8_t>(status));
    CHECK_FALSE(conversation({{dd_request(0x03), filled}}).last());
  }
  CHECK(dd_reply(0x24, {}, 0x81) == from_hex("DD248100FF7F77"));  // seen on a wire (jbd.md 1)
}

TEST_CASE(
    "jbd: texts of a capture: model and barcode are taken, the manufacturer is a good frame, lengths are minded") {
  const auto ask = [](std::uint8_t reg, const Buffer& data) {
    return conversation({{dd_request(reg), dd_reply(reg, data)}});
  };
  CHECK(ask(0xA0, count_and_text("DGJBD")).good == 1);
  CHECK(ask(0xA0, count_and_text("DGJBD")).identity == Identity{});
  CHECK(ask(0xA1, count_and_text("SP15S001")).identity.model == "SP15S001");
  CHECK(ask(0xA2, count_and_text("0123456")).identity.serial == "0123456");
  CHECK(ask(0xA2, from_hex("03 41 00 7F 42 43")).identity.serial == "A");  // no control characters, no more than 3
  for (const Buffer& wrong : {Buffer{}, from_hex("05 41 42")}) {
    const Heard heard = ask(0xA1, wrong);
    CHECK(heard.good == 0);
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::length, 1}});
  }
}

TEST_CASE("jbd: a surplus zero cell is no cell; a surplus or missing real one is no reading") {
  BasicInfoData fifteen;
  fifteen.cells = 15;
  std::vector<int> mv(15, 3300);
  mv.push_back(0);
  CHECK(conversation({info(fifteen), cells(mv)}).last().value().cells_v.size() == 15);
  mv.push_back(0);
  CHECK(conversation({info(fifteen), cells(mv)}).last().value().cells_v.size() == 15);

  for (const std::vector<int>& wrong :
       {std::vector<int>(16, 3300), std::vector<int>(14, 3300), std::vector<int>(1, 3300)}) {
    CAPTURE(wrong.size());
    const Heard heard = conversation({info(fifteen), cells(wrong)});
    CHECK(std::ranges::none_of(heard.readings, [](const Reading& r) { return !r.cells_v.empty(); }));
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::range, 1}});
    CHECK(heard.good == 1);
  }
  // A zero among the fitted ones is a torn wire, not a missing cell.
  std::vector<int> torn(15, 3300);
  torn[14] = 0;
  const auto kept = conversation({info(fifteen), cells(torn)}).last().value().cells_v;
  REQUIRE(kept.size() == 15);
  CHECK(kept[14] == 0.0);
}

TEST_CASE("jbd: half a cell is refused") {
  const Heard heard = conversation({{dd_request(0x04), dd_reply(0x04, from_hex("0CE40C"))}});
  CHECK(heard.good == 0);
  CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::length, 1}});
}

TEST_CASE("jbd: an ok reply without data has the sum 0000 and is a good frame") {
  CHECK(dd_reply(0x06, {}) == from_hex("DD060000000077"));
  CHECK(conversation({{dd_request(0x06), from_hex("DD060000000077")}}).good == 1);
}
