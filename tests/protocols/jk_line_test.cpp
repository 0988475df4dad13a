// Who says what on a chain of JK packs: the frames of the trigger protocol and whose they are.
#include <doctest/doctest.h>

#include "protocols/jk/listen_adapter.h"
#include "tests/protocols/jk_expected.h"
#include "tests/protocols/jk_line.h"

using namespace jk_test;

namespace {

std::vector<double> charges(const Heard& heard, int address) {
  std::vector<double> all;
  if (!heard.readings.contains(address)) return all;
  for (const Reading& reading : heard.readings.at(address)) all.push_back(*reading.soc_pct);
  return all;
}
using Charges = std::vector<double>;

/// One round of a master with three packs, as jk.md 3.5 tells it: both questions to each, nobody at 4 to 15, then what
/// the master says of itself.
Buffer round_of_chain(int soc_pct) {
  Buffer all;
  for (int address = 1; address <= 3; ++address) {
    all = all + exchange_of(address, soc_pct + address) + pad;
    all = all + trigger(address, settings) + settings_of(address) + pad + done(address, settings) + pad;
  }
  for (int address = 4; address <= 15; ++address) all = all + trigger(address, cells);
  return all + cells_at(soc_pct) + settings_of(0);
}

}  // namespace

TEST_CASE("jk line: the literal requests and their answers are those of the description") {
  CHECK(trigger(1, cells) == from_hex("0110162000010200 00D6F1"));
  CHECK(trigger(1, settings) == from_hex("0110161E00010200 00D22F"));
  CHECK(trigger(1, device) == from_hex("0110161C00010200 00D3CD"));
  for (const auto& [what, literal] : std::map<int, jk::Trigger>{
           {cells, jk::Trigger::cells}, {settings, jk::Trigger::settings}, {device, jk::Trigger::device}}) {
    for (std::uint8_t address = 1; address <= 15; ++address)
      CHECK(jk::trigger_request(address, literal) == trigger(address, what));
  }
}

TEST_CASE("jk line: every captured frame of the trigger protocol, asked for and overheard, cut at every size") {
  const std::map<std::string, int> triggers = {{"cell_info", cells}, {"settings", settings}, {"device_info", device}};
  int seen = 0;
  for (const auto& each : collection()) {
    if (each["variant"] != "PB_55AA" || each["kind"] == "wire_stream") continue;
    INFO(each["name"].get<std::string>());
    const std::string kind = each["kind"];
    const int what = triggers.at(kind);
    const Buffer answer = bytes_of(each["name"]) + pad + done(3, what) + pad;
    const Heard asked = hear(trigger(3, what), answer), overheard = overhear(trigger(3, what) + answer);
    for (const Heard& heard : {asked, overheard}) {
      CHECK(heard.good == 1);
      CHECK(heard.rejected.empty());
      CHECK(heard.readings.size() == (kind == "cell_info" ? 1 : 0));
      CHECK(heard.limits.size() == (kind == "settings" ? 1 : 0));
      for (const auto& [key, value] : each["expect"].items()) {
        INFO(key);
        const bool has_word = kind == "cell_info"
                                  ? test::check_cells(key, value, "JK02_32S", heard.readings.at(3).at(0))
                              : kind == "settings" ? test::check_settings(key, value, heard.limits.at(3).at(0))
                                                   : test::check_device(key, value, heard.identities.at(3));
        CHECK(has_word != test::no_word.contains(key));
      }
    }
    for (std::size_t chunk = 1; chunk <= answer.size(); ++chunk) {
      CHECK(hear(trigger(3, what), answer, chunk) == asked);
      CHECK(overhear(trigger(3, what) + answer, chunk) == overheard);
    }
    ++seen;
  }
  CHECK(seen == 3);
}

TEST_CASE("jk line: the captured stream with its echo, pads and the word of who answered") {
  const Buffer stream = bytes_of("pb55aa_wire_echo_pad_ack");
  const Heard overheard = overhear(stream), asked = hear(bytes_of("pb_fc16_request_status_addr3"), stream);
  for (const Heard& heard : {overheard, asked}) {
    CHECK(heard.rejected.empty());
    REQUIRE(heard.readings.at(3).size() == 1);
    CHECK(heard.readings.at(3)[0].pack_v.value() == doctest::Approx(52.695));
    CHECK(charges(heard, 3) == Charges{55});
  }
  for (std::size_t chunk = 1; chunk <= stream.size(); ++chunk) {
    CHECK(overhear(stream, chunk) == overheard);
    CHECK(hear(bytes_of("pb_fc16_request_status_addr3"), stream, chunk) == asked);
  }
  // An adapter that gives back a part of what was sent.
  for (std::size_t lost = 1; lost < 11; ++lost) {
    const Heard part = hear(bytes_of("pb_fc16_request_status_addr3"),
                            Buffer(stream.begin() + static_cast<std::ptrdiff_t>(lost), stream.end()));
    CHECK(part.readings == asked.readings);
  }
  CHECK(trigger(3, cells) == bytes_of("pb_fc16_request_status_addr3"));
  CHECK(done(3, cells) == bytes_of("pb_fc16_ack_status_addr3"));
  CHECK(done(3, settings) == bytes_of("pb_fc16_ack_settings_addr3"));
  CHECK(done(3, device) == bytes_of("pb_fc16_ack_about_addr3"));
}

TEST_CASE("jk line: two rounds of a chain of four, however they are cut") {
  const Buffer stream = round_of_chain(50) + round_of_chain(60);
  const Heard whole = overhear(stream);
  CHECK(whole.rejected.empty());
  for (int address = 0; address <= 3; ++address) {
    CHECK(charges(whole, address) == Charges{50.0 + address, 60.0 + address});
    CHECK(whole.limits.at(address).size() == 2);
    CHECK(whole.limits.at(address)[0].cell_count == 16);
    CHECK(whole.identities.at(address).brand == "JK");
    CHECK(whole.identities.at(address).protocol == "jk-listen");
    CHECK(!whole.identities.at(address).model);
  }
  CHECK(whole.readings.size() == 4);
  for (const std::size_t chunk : {1, 2, 3, 7, 8, 11, 16, 64, 255, 256, 300, 308, 512, 1000}) {
    CAPTURE(chunk);
    CHECK(overhear(stream, chunk) == whole);
  }
}

TEST_CASE("jk line: listened to from any byte on, no pack is taken for another") {
  const Buffer stream = round_of_chain(50);
  for (std::size_t first = 0; first < stream.size(); ++first) {
    CAPTURE(first);
    const Heard heard = overhear(Buffer(stream.begin() + static_cast<std::ptrdiff_t>(first), stream.end()));
    for (const auto& [address, readings] : heard.readings) CHECK(charges(heard, address) == Charges{50.0 + address});
  }
}

TEST_CASE("jk line: any run of bytes lost without a trace, and no pack is taken for another") {
  const Buffer stream = round_of_chain(50);
  for (const std::size_t lost : {1, 2, 8, 11, 19, 20, 300, 308, 311}) {
    for (std::size_t at = 0; at + lost <= stream.size(); ++at) {
      CAPTURE(lost);
      CAPTURE(at);
      Buffer arrived = stream;
      const auto from = arrived.begin() + static_cast<std::ptrdiff_t>(at);
      arrived.erase(from, from + static_cast<std::ptrdiff_t>(lost));
      const Heard heard = overhear(arrived);
      for (const auto& [address, readings] : heard.readings) {
        CHECK((charges(heard, address) == Charges{50.0 + address}));
      }
    }
  }
}

TEST_CASE("jk line: data is whose own word follows it, and nobody's without") {
  using Rejections = std::map<FrameError, int>;
  const auto nobodys = [](const Buffer& stream) {
    const Heard heard = overhear(stream);
    CHECK(heard.readings.empty());
    CHECK(heard.limits.empty());
    CHECK(!heard.rejected.empty());
    return heard.rejected;
  };
  const Buffer data = cells_at(55);
  CHECK(nobodys(trigger(3, cells) + data) == Rejections{{FrameError::unexpected, 1}});
  CHECK(nobodys(trigger(3, cells) + data + done(2, cells)) == Rejections{{FrameError::unexpected, 1}});
  CHECK(nobodys(trigger(3, cells) + data + done(3, settings)) == Rejections{{FrameError::unexpected, 1}});
  CHECK(nobodys(trigger(3, settings) + data + done(3, settings)) == Rejections{{FrameError::unexpected, 1}});
  CHECK(nobodys(trigger(3, cells) + data + trigger(4, cells)) == Rejections{{FrameError::unexpected, 1}});
  // Its own word is damaged, and so is all of the next exchange but the word at its end.
  Buffer bad_done = done(3, cells), bad_trigger = trigger(4, cells);
  bad_done[6] ^= 1, bad_trigger[9] ^= 1;
  nobodys(trigger(3, cells) + data + bad_done + done(4, cells));
  nobodys(trigger(3, cells) + data + bad_done + bad_trigger + done(4, cells));
  nobodys(data + bad_trigger + done(4, cells));
  nobodys(trigger(3, cells) + data + Buffer{0x00, 0x00} + done(3, cells));
  // What is settings of another pack, unasked, is not the master's.
  nobodys(settings_of(3));
  // Only the word was lost, and the master's own settings come next: they vouch for data of nobody else.
  CHECK(charges(overhear(trigger(15, cells) + cells_at(70) + settings_of(0)), 0) == Charges{70});
  nobodys(trigger(15, cells) + cells_at(70) + trigger(1, cells));
}

TEST_CASE("jk line: what the master says by itself is its own, once nobody else can mean to answer") {
  CHECK(charges(overhear(cells_at(50)), 0) == Charges{50});
  CHECK(charges(overhear(settings_of(0) + cells_at(50) + trigger(1, cells)), 0) == Charges{50});
  Heard heard;
  jk::ListenDecoder decoder;
  decoder.feed(Direction::from_bms, trigger(15, cells), heard);
  decoder.pause(heard);
  decoder.feed(Direction::from_bms, cells_at(50), heard);
  CHECK(heard.readings.empty());  // a word may still follow
  decoder.pause(heard);
  CHECK(charges(heard, 0) == Charges{50});
  // Without that pause it is the answer of 15, whose word is missing.
  decoder.feed(Direction::from_bms, trigger(15, cells) + cells_at(51), heard);
  decoder.pause(heard);
  decoder.feed(Direction::from_bms, settings_of(0), heard);
  decoder.pause(heard);
  CHECK(charges(heard, 0) == Charges{50});
  CHECK(heard.limits.at(0).size() == 1);
  CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::unexpected, 1}});
}

TEST_CASE("jk line: asked by us, only the pack that was asked is heard") {
  const Buffer data = cells_at(55);
  CHECK(charges(hear(trigger(3, cells), data + done(3, cells)), 3) == Charges{55});
  CHECK(hear(trigger(3, cells), data).readings.empty());
  CHECK(hear(trigger(3, cells), data + done(2, cells)).readings.empty());
  CHECK(hear(trigger(3, cells), settings_of(3) + done(3, settings)).limits.empty());
  // The wrong pack first, then the right one.
  const Heard both = hear(trigger(3, cells), cells_at(20) + done(2, cells) + data + done(3, cells));
  CHECK(both.readings.size() == 1);
  CHECK(charges(both, 3) == Charges{55});
  // A stale one behind it.
  CHECK(charges(hear(trigger(3, cells), data + done(3, cells) + cells_at(20) + done(3, cells)), 3) == Charges{55});
  // A master's own.
  CHECK(hear(trigger(3, cells), data + trigger(4, cells)).readings.empty());
}

TEST_CASE("jk line: a sum of eight bits is not all that cells must pass") {
  Buffer data = cells_at(55);
  data[150] ^= 0x40;  // 64 mV more, in one of the pack's two voltages
  CHECK(overhear(trigger(3, cells) + sealed(data) + done(3, cells)).rejected ==
        std::map<FrameError, int>{{FrameError::range, 1}});
  data = cells_at(55);
  data[7] ^= 0x04;  // cell 1, 1 V more
  CHECK(overhear(trigger(3, cells) + sealed(data) + done(3, cells)).readings.empty());
}

TEST_CASE("jk line: others' writes mean nothing, and pass") {
  const Buffer write = modbus_test::with_crc(from_hex("0310 1004 0002 04 00000A28")),
               written = modbus_test::with_crc(from_hex("0310 1004 0002"));
  const Heard heard = overhear(exchange_of(2, 40) + write + written + exchange_of(3, 55));
  CHECK(heard.rejected.empty());
  CHECK(charges(heard, 2) == Charges{40});
  CHECK(charges(heard, 3) == Charges{55});
}
