// The conversation with a JK PB pack by its registers, and by its triggers.
#include <doctest/doctest.h>

#include <set>

#include "protocols/jk/modbus_adapter.h"
#include "tests/protocols/conversation.h"
#include "tests/protocols/jk_pb_pack.h"

using namespace jk_test;
using namespace std::chrono_literals;

namespace {

/// All that leaves for a JK on RS485 (jk.md 3.7), written out for address 1: a write added anywhere must turn this red.
const Buffer live = from_hex("0103120000784090"), more = from_hex("010312F0000EC145"),
             limits = from_hex("0103100000444139"), names = from_hex("0103140000144035"),
             serial = from_hex("01031448000CC029");
const std::set<Buffer> allowed = {live, more, limits, names, serial};
/// And with `jk_trigger = true`, these alone: writes of one zero word to three registers.
const Buffer pull_cells = from_hex("0110162000010200 00D6F1"), pull_settings = from_hex("0110161E00010200 00D22F"),
             pull_device = from_hex("0110161C00010200 00D3CD");
const std::set<Buffer> allowed_triggers = {pull_cells, pull_settings, pull_device};

using test::Chunks;
using Answers = ScriptedLink::Answers;

Chunks nothing(const Buffer&) { return {}; }
Chunks good(const Buffer& request) { return {Pack{}.answer(request)}; }
Answers but(const Buffer& request, Answers otherwise) {
  return [=](const Buffer& asked) { return asked == request ? otherwise(asked) : good(asked); };
}
/// What a pack says to a trigger.
Chunks pulled(const Buffer& request) {
  const int what = u16_be(request, 2);
  const Buffer data = what == cells ? cells_at(55) : what == settings ? settings_of(request[0]) : device_data();
  return {data + pad + done(request[0], what) + pad};
}

using Run = test::ConversationHeardBy<Heard>;
Run run(Answers answers, std::size_t requests, AdapterOptions options = {.address = 1}) {
  jk::ModbusAdapter adapter(options);
  return test::converse<Heard>(adapter, std::move(answers), requests);
}

const AdapterOptions by_trigger{.address = 1, .jk_trigger = true};
constexpr std::size_t start = 4;  // is it awake, its names, its serial number, its settings

}  // namespace

TEST_CASE("jk-modbus: only allowed reads leave, whatever the pack answers") {
  const std::vector<Answers> packs = {
      good,
      nothing,
      [](const Buffer&) { return Chunks{from_hex("01010103F0F00001FF")}; },
      [](const Buffer& request) { return Chunks{request}; },
      [](const Buffer&) { return Chunks{modbus_test::refusal(1)}; },
      [](const Buffer& request) { return Chunks{modbus_test::reply(1, std::vector<int>(request[5], 0xFFFF))}; },
      [](const Buffer& request) { return Chunks{modbus_test::reply(1, std::vector<int>(request[5], 0))}; },
      [](const Buffer&) { return Chunks{exchange_of(1, 50)}; },
      but(more, nothing),
      but(limits, nothing),
      but(names, nothing)};
  std::set<Buffer> asked;
  for (const auto& pack : packs) {
    const Run done = run(pack, 1500);
    CHECK(!done.sent.empty());
    for (const Buffer& request : done.sent) {
      CHECK(allowed.contains(request));
      asked.insert(request);
    }
  }
  CHECK(asked == allowed);
}

TEST_CASE("jk-modbus: with jk_trigger three writes of a zero word leave, and nothing else") {
  const std::vector<Answers> packs = {pulled,
                                      good,
                                      nothing,
                                      [](const Buffer& request) { return Chunks{request}; },
                                      [](const Buffer&) {
                                        return Chunks{modbus_test::with_crc({0x01, 0x90, 0x02})};
                                      },
                                      [](const Buffer&) { return Chunks{cells_at(50) + done(2, cells)}; },
                                      [](const Buffer&) { return Chunks{cells_at(50)}; }};
  std::set<Buffer> asked;
  for (const auto& pack : packs) {
    const Run done = run(pack, 700, by_trigger);
    CHECK(!done.sent.empty());
    for (const Buffer& request : done.sent) {
      CHECK(allowed_triggers.contains(request));
      asked.insert(request);
    }
  }
  CHECK(asked == allowed_triggers);
}

TEST_CASE("jk-modbus: no two of its reads ask for as much, and the passcodes lie in none") {
  std::set<std::uint8_t> lengths;
  for (const Buffer& request : allowed) {
    lengths.insert(request[5]);
    const int first = u16_be(request, 2), end = first + 2 * u16_be(request, 4);
    CHECK((end <= 0x1438 || first >= 0x1448));
    CHECK((end <= 0x1470 || first >= 0x1480));
  }
  CHECK(lengths.size() == allowed.size());
}

TEST_CASE("jk-modbus: who it is and its limits first, then a reading per poll of two requests") {
  const Run done = run(good, start + 2 * 5);
  CHECK(std::vector(done.sent.begin(), done.sent.begin() + 6) == std::vector{live, names, serial, limits, live, more});
  CHECK(done.heard.readings.at(1) == std::vector(5, Pack{}.truth()));
  CHECK(done.heard.rejected.empty());
  CHECK(done.heard.limits.at(1).at(0).cell_ovp_v.value() == doctest::Approx(3.65));
  const Identity& identity = done.heard.identities.at(1);
  CHECK(identity.model == "JK_PB2A8S20P");
  CHECK(identity.software == "15.41");
  CHECK(identity.serial == "40119491480");
  CHECK(identity.manufactured == "2024-09-14");
}

TEST_CASE("jk-modbus: by triggers, who it is, its settings, then its cells at every poll") {
  const Run done = run(pulled, 12, by_trigger);
  CHECK(std::vector(done.sent.begin(), done.sent.begin() + 4) ==
        std::vector{pull_device, pull_settings, pull_cells, pull_cells});
  CHECK(done.heard.readings.at(1).size() == 10);
  CHECK(done.heard.identities.at(1).model == "JK_PB2A16S20P");
  CHECK(done.heard.identities.at(1).protocol == "jk-modbus");
  CHECK(done.heard.rejected.empty());
}

TEST_CASE("jk-modbus: data that another pack owns to is no answer to a trigger") {
  const auto wrong = [](const Buffer& request) {
    return u16_be(request, 2) == cells ? Chunks{cells_at(55) + done(2, cells)} : pulled(request);
  };
  const Run done = run(wrong, 200, by_trigger);
  CHECK(done.end == test::End::gave_up);
  CHECK(done.heard.readings.empty());
  // Software that answers only shortly after another request: the settings are asked before the next try.
  CHECK(std::vector(done.sent.begin() + 2, done.sent.end()) ==
        std::vector{pull_cells, pull_settings, pull_cells, pull_settings, pull_cells});
}

TEST_CASE("jk-modbus: a tenth of a second lies between an answer and the next request") {
  for (const AdapterOptions& options : {AdapterOptions{.address = 1}, by_trigger}) {
    const Run done = run(options.jk_trigger ? Answers(pulled) : Answers(good), 20, options);
    std::set<SteadyTime::duration> gaps;
    for (std::size_t i = 1; i < done.sent_at.size(); ++i) gaps.insert(done.sent_at[i] - done.sent_at[i - 1]);
    CHECK(*gaps.begin() == 100ms);
  }
}

TEST_CASE("jk-modbus: each address is asked as itself, no address is the factory's 1, others there are not") {
  for (const int address : {1, 2, 9, 15}) {
    const auto answers = [&](const Buffer& request) { return Chunks{Pack{.address = address}.answer(request)}; };
    const Run done = run(answers, 20, {.address = address});
    for (const Buffer& request : done.sent) CHECK(request[0] == address);
    CHECK(done.heard.readings.at(address).size() == 8);
  }
  CHECK(run(good, 20, {}).heard.readings.at(1).size() == 8);
  const Run none = run(good, 20, {.address = 16});
  CHECK(none.sent.empty());
  CHECK(none.why.find("1 to 15") != std::string::npos);
}

TEST_CASE("jk-modbus: a silent pack is asked three times, then given up") {
  const Run done = run(nothing, 500);
  CHECK(done.end == test::End::gave_up);
  CHECK(done.sent == std::vector(3, live));
  CHECK(done.heard.good == 0);
}

TEST_CASE("jk-modbus: a pack that refuses is told apart from a silent one") {
  const Run done = run([](const Buffer&) { return Chunks{modbus_test::refusal(1)}; }, 50);
  CHECK(done.sent.size() == 1);
  CHECK(done.why.find("refuses") != std::string::npos);
}

TEST_CASE("jk-modbus: a pack without T3 to T5 is soon not asked for them") {
  const Run silent = run(but(more, nothing), 40);
  CHECK(silent.count(more) == 6);
  CHECK(silent.heard.readings.at(1) == std::vector(static_cast<std::size_t>(silent.count(live)) - 1, Pack{}.live()));
  const Run refuses = run(but(more, [](const Buffer&) { return Chunks{modbus_test::refusal(1)}; }), 40);
  CHECK(refuses.count(more) == 1);
  CHECK(refuses.heard.readings.at(1) == std::vector(35, Pack{}.live()));
}

TEST_CASE("jk-modbus: a pack that has them is asked again, and never told without") {
  int asks = 0;
  const auto sometimes = [&](const Buffer& r) { return ++asks % 3 != 1 ? nothing(r) : good(r); };
  const Run done = run(but(more, sometimes), start + 2 + 4 * 10);
  CHECK(done.heard.readings.at(1) == std::vector(11, Pack{}.truth()));
  int polls = 0;
  const auto first_only = [&](const Buffer& r) { return ++polls == 1 ? good(r) : nothing(r); };
  const Run lost = run(but(more, first_only), 100);
  CHECK(lost.end == test::End::gave_up);
  CHECK(lost.heard.readings.at(1) == std::vector(1, Pack{}.truth()));
}

TEST_CASE("jk-modbus: limits are read again every ten minutes") {
  CHECK(run(good, start + 2 * 30 * 30 + 2).count(limits) == 3);
  CHECK(run(pulled, 2 + 30 * 30 + 2, by_trigger).count(pull_settings) == 3);
}

TEST_CASE("jk-modbus: a chain that has a master is left alone") {
  const auto master = [](const Buffer&) { return Chunks{trigger(7, cells)}; };
  for (const AdapterOptions& options : {AdapterOptions{.address = 1}, by_trigger}) {
    const Run done = run(master, 50, options);
    CHECK(done.sent.size() == 1);
    CHECK(done.why.find("jk-listen") != std::string::npos);
  }
}

TEST_CASE("jk-modbus: lost, damaged and cut answers cost a second request, not the conversation") {
  const auto echoed = [bad = test::badly(good)](const Buffer& request) {
    Chunks chunks = bad(request);
    if (chunks.size() == 2) chunks.insert(chunks.begin(), request);
    return chunks;
  };
  const Run done = run(echoed, 200);
  CHECK(done.sent.size() == 200);
  CHECK(done.heard.readings.at(1).size() >= 45);
  for (const Reading& reading : done.heard.readings.at(1)) CHECK(reading == Pack{}.truth());
}

TEST_CASE("jk-modbus: the late answer to one request is never another's") {
  const Run done = run(test::late(good), 60);
  CHECK(done.heard.readings.at(1).size() > 5);
  for (const Reading& reading : done.heard.readings.at(1)) {
    CHECK((reading == Pack{}.truth() || reading == Pack{}.live()));
  }
}
