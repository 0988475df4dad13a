// Lines over a network, to gateways on the loopback: one that speaks Modbus TCP, and one that passes bytes on.
#include <doctest/doctest.h>

#include "daemon/links/tcp_port.h"
#include "daemon/packs/line.h"
#include "tests/support/gateway.h"
#include "tests/support/run_task.h"

using namespace cellwarden;
using namespace std::chrono_literals;
using cellwarden::test::Gateway;

namespace {

constexpr RegisterRead two{0x0A, 0x20, 2};
const Buffer two_reply = modbus_test::reply(0x0A, {0x1234, 0xFFFF});

struct Remote {
  boost::asio::io_context io;
  Line line;
  std::vector<std::pair<Direction, Buffer>> passed;
  Buffer heard;

  Remote(const std::string& host, const std::string& port, bool speaks_modbus)
      : line(io.get_executor(),
             std::make_unique<TcpPort>(io.get_executor(), TcpSettings{host, port, speaks_modbus, false})) {
    line.tap([this](Direction direction, Bytes bytes) {
      passed.emplace_back(direction, Buffer(bytes.begin(), bytes.end()));
    });
  }
  explicit Remote(const Gateway& gateway, bool speaks_modbus = true)
      : Remote("127.0.0.1", gateway.port(), speaks_modbus) {}

  void read(RegisterRead what = two, Duration limit = 10s) {
    heard.clear();
    const Link::Listener listener = [&](Bytes chunk) {
      heard.insert(heard.end(), chunk.begin(), chunk.end());
      return modbus_test::intact_reply(heard, heard[0]) > 0;
    };
    run_task(io, line.read_registers(what, limit, listener));
  }
};

Gateway::Serial scripted(Buffer reply) {
  return [reply](const Buffer&) { return reply; };
}

}  // namespace

TEST_CASE("tcp: registers by Modbus TCP are heard and recorded as the RTU frames they stand for") {
  std::vector<Buffer> asked;
  {
    Gateway gateway(Gateway::Kind::modbus_tcp,
                    [&](const Buffer& request) { return asked.push_back(request), two_reply; });
    Remote remote(gateway);
    for (int turn = 0; turn < 3; ++turn) {
      remote.read();
      CHECK(remote.heard == two_reply);
    }
    CHECK(remote.passed.size() == 6);
    CHECK(remote.passed[0] == std::pair(Direction::to_bms, modbus_test::read(0x0A, 0x20, 2)));
    CHECK(remote.passed[1] == std::pair(Direction::from_bms, two_reply));
    CHECK(gateway.connections() == 1);
    CHECK(remote.line.name() == "tcp:127.0.0.1:" + gateway.port());
  }
  CHECK(asked == std::vector<Buffer>(3, modbus_test::read(0x0A, 0x20, 2)));
}

TEST_CASE("tcp: a board's refusal is an answer; that a gateway hears nothing from it is none") {
  Gateway refused(Gateway::Kind::modbus_tcp, scripted(modbus_test::refusal(0x0A, 2)));
  Remote asked(refused);
  asked.read();
  CHECK(asked.heard == modbus_test::refusal(0x0A, 2));

  Gateway silent(Gateway::Kind::modbus_tcp, scripted({}));
  Remote remote(silent);
  CHECK_THROWS_AS(remote.read(), LinkTimeout);
  CHECK(remote.heard.empty());
}

TEST_CASE("tcp: nothing but reads of registers goes to a gateway that speaks Modbus TCP") {
  bool is_asked = false;
  Gateway gateway(Gateway::Kind::modbus_tcp, [&](const Buffer&) { return is_asked = true, two_reply; });
  Remote remote(gateway);
  const Link::Listener any = [](Bytes) { return true; };
  Buffer write{0x0A, 0x10, 0x16, 0x20, 0x00, 0x01, 0x02, 0x00, 0x00};
  CHECK_THROWS_AS(run_task(remote.io, remote.line.exchange(write, 10s, any)), DeviceRefused);
  CHECK(gateway.connections() == 0);
  remote.read();
  CHECK(is_asked);
}

TEST_CASE("tcp: an answer to another request is refused, and the next is heard") {
  Gateway gateway(Gateway::Kind::modbus_tcp, scripted(two_reply));
  Remote remote(gateway);
  gateway.answer_late(true);
  FrameError why{};
  try {
    remote.read();
  } catch (const AnswerRejected& rejected) {
    why = rejected.why;
  }
  CHECK(why == FrameError::unexpected);
  CHECK(remote.heard.empty());
  gateway.answer_late(false);
  remote.read();
  CHECK(remote.heard == two_reply);
}

TEST_CASE("tcp: a gateway that passes bytes on carries registers and any other frames") {
  const Buffer other{0xDD, 0xA5, 0x03}, other_reply{0xDD, 0x03};
  Gateway gateway(Gateway::Kind::transparent,
                  [&](const Buffer& request) { return request == other ? other_reply : two_reply; });
  Remote remote(gateway, false);
  remote.read();
  CHECK(remote.heard == two_reply);
  Buffer heard;
  const Link::Listener listener = [&](Bytes chunk) {
    heard.insert(heard.end(), chunk.begin(), chunk.end());
    return heard == other_reply;
  };
  run_task(remote.io, remote.line.exchange(other, 10s, listener));
  CHECK(heard == other_reply);
  CHECK(remote.line.name() == "rtu+tcp:127.0.0.1:" + gateway.port());
}

TEST_CASE("tcp: a gateway that closes an idle connection is asked over a new one") {
  Gateway gateway(Gateway::Kind::modbus_tcp, scripted(two_reply));
  Remote remote(gateway);
  remote.read();
  gateway.hang_up();
  remote.read();
  CHECK(remote.heard == two_reply);
  CHECK(gateway.connections() == 2);
}

TEST_CASE("tcp: each way a gateway cannot be had has its own words") {
  Gateway* the_gateway = nullptr;
  Gateway gateway(Gateway::Kind::modbus_tcp, [&](const Buffer&) { return the_gateway->hang_up(), Buffer(); });
  the_gateway = &gateway;
  CHECK_THROWS_WITH_AS(Remote(gateway).read(), doctest::Contains("closed the connection"), LinkLost);

  std::string gone;
  { gone = Gateway(Gateway::Kind::modbus_tcp, scripted({})).port(); }
  CHECK_THROWS_WITH_AS(Remote("127.0.0.1", gone, true).read(), doctest::Contains("nobody listens at 127.0.0.1:"),
                       LinkLost);
  CHECK_THROWS_WITH_AS(Remote("no-such-host.invalid", "502", true).read(),
                       doctest::Contains("\"no-such-host.invalid\" leads nowhere"), LinkLost);
}

TEST_CASE("tcp: over IPv6 too") {
  try {
    Gateway gateway(Gateway::Kind::modbus_tcp, scripted(two_reply), true);
    Remote remote("::1", gateway.port(), true);
    remote.read();
    CHECK(remote.heard == two_reply);
    CHECK(remote.line.name() == "tcp:[::1]:" + gateway.port());
  } catch (const std::runtime_error& none) {
    MESSAGE("no IPv6 here: " << none.what());
  }
}

TEST_CASE("tcp: a line that is only listened to is never written to") {
  boost::asio::io_context io;
  Gateway gateway(Gateway::Kind::transparent, scripted({1}));
  Line line(io.get_executor(),
            std::make_unique<TcpPort>(io.get_executor(), TcpSettings{"127.0.0.1", gateway.port(), false, true}));
  const Link::Listener any = [](Bytes) { return true; };
  Buffer request{1};
  CHECK_THROWS_WITH_AS(run_task(io, line.exchange(request, 10s, any)), doctest::Contains("only listened to"), LinkLost);
}
