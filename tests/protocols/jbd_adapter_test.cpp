#include <doctest/doctest.h>

#include <set>

#include "protocols/jbd/jbd_adapter.h"
#include "tests/protocols/conversation.h"
#include "tests/protocols/dd_frame.h"

using namespace cellwarden;
using test::Heard;

namespace {

/// All that may leave for a JBD (jbd.md 3.2), written out: a write added anywhere must turn this red.
const std::set<Buffer> allowed = {from_hex("DDA50300FFFD77"), from_hex("DDA50400FFFC77"), from_hex("DDA50500FFFB77"),
                                  from_hex("DDA5AA00FF5677"), from_hex("DDA5FA03000028FEDB77")};

std::vector<Buffer> good(const Buffer& request) {
  if (request[2] == 0x03)
    return {from_hex("dd03001d0618000001f201f400002c7c00000000"), from_hex("000080640304030b8b0b8a0b84fa8d77")};
  if (request[2] == 0x04) return {from_hex("dd0400080f450f3d0f370f3dfec677")};
  if (request[2] == 0x05) return {from_hex("dd05000a30313233343536373839fde977")};
  return {from_hex("ddfa00070001020fa01036ff0177")};
}

Heard run(ScriptedLink& link) {
  Heard heard;
  jbd::JbdAdapter adapter(AdapterOptions{});
  test::run_to_its_end(adapter, link, heard);
  return heard;
}

}  // namespace

TEST_CASE("jbd: only allowed reads leave, whatever the board answers") {
  const std::vector<ScriptedLink::Answers> boards = {
      good, [](const Buffer&) { return std::vector<Buffer>{}; },
      [](const Buffer&) { return std::vector<Buffer>{from_hex("FFDDDD0377A5005A0102")}; },
      [](const Buffer& request) {
        Buffer refusal = from_hex("dd248100ff7f77");
        refusal[1] = request[2];
        return std::vector<Buffer>{refusal};
      },
      [](const Buffer& request) { return request[2] == 0x03 ? good(request) : std::vector<Buffer>{}; }};
  for (const auto& board : boards) {
    ScriptedLink link(board, 500);
    run(link);
    CHECK(!link.sent.empty());
    for (const auto& request : link.sent) CHECK(allowed.contains(request));
  }
  using jbd::Register;
  for (const auto reg : {Register::basic_info, Register::cell_voltages, Register::model, Register::error_counts}) {
    CHECK(allowed.contains(jbd::read_request(reg)));
  }
  CHECK(allowed.contains(jbd::parameters_request(0, 40)));
}

TEST_CASE("jbd: identity and limits first, then a reading per poll") {
  ScriptedLink link(good, 3 + 2 * 5);
  const Heard heard = run(link);
  CHECK(heard.readings.size() == 5);
  CHECK(heard.limit_sets.size() == 1);
  CHECK(heard.rejected.empty());
}

TEST_CASE("jbd: a silent board is asked five times, a second apart, then given up") {
  ScriptedLink link([](const Buffer&) { return std::vector<Buffer>{}; }, 500);
  const Heard heard = run(link);
  CHECK(link.sent.size() == 5);
  CHECK(heard.good == 0);
  CHECK(heard.rejected.empty());
}

TEST_CASE("jbd: a board without the parameter read is read all the same") {
  ScriptedLink link([](const Buffer& r) { return r[2] == 0xFA ? std::vector<Buffer>{} : good(r); }, 20);
  const Heard heard = run(link);
  CHECK(heard.readings.size() > 5);
  CHECK(heard.limit_sets.size() == 0);
}

namespace {

std::vector<SteadyTime> asked(const ScriptedLink& link, std::uint8_t reg) {
  std::vector<SteadyTime> moments;
  for (std::size_t i = 0; i < link.sent.size(); ++i) {
    if (link.sent[i][2] == reg) moments.push_back(link.sent_at[i]);
  }
  return moments;
}

/// Answers as `good` does, but `reg` with a refusal.
ScriptedLink::Answers refusing(std::uint8_t reg, std::uint8_t status) {
  return [=](const Buffer& request) {
    return request[2] == reg ? std::vector<Buffer>{test::dd_reply(reg, {}, status)} : good(request);
  };
}

}  // namespace

TEST_CASE("jbd: limits are read again every ten minutes, what changed is told, and no poll is lost by it") {
  int limit_mv = 3600;
  const auto board = [&](const Buffer& request) {
    if (request[2] != 0xFA) return good(request);
    Buffer data{0, 0x14, 1};
    const Buffer value = test::words({++limit_mv});
    data.insert(data.end(), value.begin(), value.end());
    return std::vector<Buffer>{test::dd_reply(0xFA, data)};
  };
  constexpr std::size_t polls = 2 * 30 * 30;  // an hour, at a poll every two seconds
  ScriptedLink link(board, 2 + 6 + 2 * polls);
  const Heard heard = run(link);

  const auto moments = asked(link, 0xFA);
  REQUIRE(moments.size() == 6);
  for (std::size_t i = 0; i < moments.size(); ++i) CHECK(moments[i] - moments[0] == i * std::chrono::minutes(10));
  std::vector<double> told;
  for (const Limits& limits : heard.limit_sets) told.push_back(limits.cell_ovp_v.value());
  REQUIRE(told.size() == 6);
  CHECK(told.front() == doctest::Approx(3.601));
  CHECK(told.back() == doctest::Approx(3.606));
  const auto infos = asked(link, 0x03);
  for (std::size_t i = 2; i < infos.size(); ++i) CHECK(infos[i] - infos[i - 1] == std::chrono::seconds(2));
}

TEST_CASE("jbd: a board that refuses its name or its limits is read all the same") {
  for (const std::uint8_t reg : {std::uint8_t{0x05}, std::uint8_t{0xFA}}) {
    for (const std::uint8_t status : {std::uint8_t{0x80}, std::uint8_t{0x81}, std::uint8_t{0x83}}) {
      ScriptedLink link(refusing(reg, status), 20);
      const Heard heard = run(link);
      CHECK(heard.readings.size() > 5);
      CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::refused, 1}});
    }
  }
}

TEST_CASE("jbd: a board that refuses to be read is told apart from a silent one") {
  for (const std::uint8_t reg : {std::uint8_t{0x03}, std::uint8_t{0x04}}) {
    ScriptedLink link(refusing(reg, 0x83), 100);
    Heard heard;
    jbd::JbdAdapter adapter(AdapterOptions{});
    CHECK(test::run_to_its_end(adapter, link, heard).how == test::End::refused);
    CHECK(link.sent.size() < 10);
    CHECK(heard.readings.size() == 0);
  }
}

TEST_CASE("jbd: a request that reached the board damaged (0x82) is asked again") {
  int damaged = 0;
  ScriptedLink link(
      [&](const Buffer& request) {
        if (request[2] == 0x04 && ++damaged % 2 == 1) return std::vector<Buffer>{test::dd_reply(0x04, {}, 0x82)};
        return good(request);
      },
      3 + 3 * 4);
  const Heard heard = run(link);
  CHECK(heard.readings.size() == 4);
  CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::refused, 4}});
}

TEST_CASE("jbd: a sleeping board loses the first request and is read by the second") {
  bool asleep = true;
  ScriptedLink link(
      [&](const Buffer& request) { return std::exchange(asleep, false) ? std::vector<Buffer>{} : good(request); }, 20);
  const Heard heard = run(link);
  CHECK(heard.readings.size() > 5);
  REQUIRE(link.sent_at.size() == 20);
  CHECK(link.sent[0] == link.sent[1]);
  CHECK(link.sent_at[1] - link.sent_at[0] >= std::chrono::seconds(1));
}

TEST_CASE("jbd: one lost answer costs a second request, not the conversation") {
  int asks = 0;
  ScriptedLink link([&](const Buffer& request) { return ++asks % 5 == 0 ? std::vector<Buffer>{} : good(request); },
                    100);
  const Heard heard = run(link);
  CHECK(link.sent.size() == 100);
  CHECK(heard.readings.size() >= 35);
  CHECK(heard.rejected.empty());
}
