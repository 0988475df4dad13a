#include <doctest/doctest.h>

#include <set>

#include "protocols/jbd/jbd_adapter.h"
#include "tests/protocols/dd_frame.h"
#include "tests/support/hex.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_link.h"

using namespace cellwarden;

namespace {

/// All that may leave for a JBD (jbd.md 3.2), written out: a write added anywhere must turn this red.
const std::set<Buffer> allowed = {from_hex("DDA50300FFFD77"), from_hex("DDA50400FFFC77"), from_hex("DDA50500FFFB77"),
                                  from_hex("DDA5AA00FF5677"), from_hex("DDA5FA03000028FEDB77")};

struct Events : Sink {
  std::vector<Event> all;
  void emit(Event event) override { all.push_back(std::move(event)); }
  template <class T>
  long count() const {
    return std::ranges::count_if(all, [](const Event& event) { return std::holds_alternative<T>(event.what); });
  }
};

std::vector<Buffer> good(const Buffer& request) {
  if (request[2] == 0x03)
    return {from_hex("dd03001d0618000001f201f400002c7c00000000"), from_hex("000080640304030b8b0b8a0b84fa8d77")};
  if (request[2] == 0x04) return {from_hex("dd0400080f450f3d0f370f3dfec677")};
  if (request[2] == 0x05) return {from_hex("dd05000a30313233343536373839fde977")};
  return {from_hex("ddfa00070001020fa01036ff0177")};
}

/// Runs the adapter until the script is over or the adapter gives up.
Events run(ScriptedLink& link) {
  Events events;
  AdapterOptions options;
  jbd::JbdAdapter adapter(options);
  boost::asio::io_context io;
  try {
    run_task(io, adapter.run(link, events));
  } catch (const LinkLost&) {
  } catch (const LinkTimeout&) {
  } catch (const DeviceRefused&) {
  }
  return events;
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
  const Events events = run(link);
  CHECK(events.count<Reading>() == 5);
  CHECK(events.count<Limits>() == 1);
  CHECK(events.count<Rejected>() == 0);
}

TEST_CASE("jbd: a silent board is asked five times, a second apart, then given up") {
  ScriptedLink link([](const Buffer&) { return std::vector<Buffer>{}; }, 500);
  const Events events = run(link);
  CHECK(link.sent.size() == 5);
  CHECK(events.all.empty());
}

TEST_CASE("jbd: a board without the parameter read is read all the same") {
  ScriptedLink link([](const Buffer& r) { return r[2] == 0xFA ? std::vector<Buffer>{} : good(r); }, 20);
  const Events events = run(link);
  CHECK(events.count<Reading>() > 5);
  CHECK(events.count<Limits>() == 0);
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
  const Events events = run(link);

  const auto moments = asked(link, 0xFA);
  REQUIRE(moments.size() == 6);
  for (std::size_t i = 0; i < moments.size(); ++i) CHECK(moments[i] - moments[0] == i * std::chrono::minutes(10));
  std::vector<double> told;
  for (const auto& event : events.all) {
    if (const auto* limits = std::get_if<Limits>(&event.what)) told.push_back(limits->cell_ovp_v.value());
  }
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
      const Events events = run(link);
      CHECK(events.count<Reading>() > 5);
      CHECK(events.count<Rejected>() == 1);
    }
  }
}

TEST_CASE("jbd: a board that refuses to be read is told apart from a silent one") {
  for (const std::uint8_t reg : {std::uint8_t{0x03}, std::uint8_t{0x04}}) {
    ScriptedLink link(refusing(reg, 0x83), 100);
    Events events;
    jbd::JbdAdapter adapter(AdapterOptions{});
    boost::asio::io_context io;
    CHECK_THROWS_AS(run_task(io, adapter.run(link, events)), DeviceRefused);
    CHECK(link.sent.size() < 10);
    CHECK(events.count<Reading>() == 0);
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
  const Events events = run(link);
  CHECK(events.count<Reading>() == 4);
  CHECK(events.count<Rejected>() == 4);
}

TEST_CASE("jbd: a sleeping board loses the first request and is read by the second") {
  bool asleep = true;
  ScriptedLink link(
      [&](const Buffer& request) { return std::exchange(asleep, false) ? std::vector<Buffer>{} : good(request); }, 20);
  const Events events = run(link);
  CHECK(events.count<Reading>() > 5);
  REQUIRE(link.sent_at.size() == 20);
  CHECK(link.sent[0] == link.sent[1]);
  CHECK(link.sent_at[1] - link.sent_at[0] >= std::chrono::seconds(1));
}

TEST_CASE("jbd: one lost answer costs a second request, not the conversation") {
  int asks = 0;
  ScriptedLink link([&](const Buffer& request) { return ++asks % 5 == 0 ? std::vector<Buffer>{} : good(request); },
                    100);
  const Events events = run(link);
  CHECK(link.sent.size() == 100);
  CHECK(events.count<Reading>() >= 35);
  CHECK(events.count<Rejected>() == 0);
}
