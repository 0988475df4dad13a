#include <doctest/doctest.h>

#include <set>

#include "protocols/jbd/jbd_adapter.h"
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
