// A chain is listened to: in the line's own time, without a byte sent.
#include <doctest/doctest.h>

#include "protocols/jk/listen_adapter.h"
#include "tests/protocols/jk_line.h"
#include "tests/support/run_task.h"

using namespace jk_test;
using namespace std::chrono_literals;

namespace {

/// What passes, each at its moment. To send anything is a fault.
class TalkingLine : public Link {
 public:
  void say(Duration after, Buffer bytes) { said_.push_back({end_ += after, std::move(bytes)}); }

  Task<void> exchange(Buffer, Duration, Listener) override {
    FAIL("something is sent");
    co_return;
  }
  Task<void> read_registers(RegisterRead, Duration, Listener) override {
    FAIL("something is sent");
    co_return;
  }
  Task<void> listen(Duration limit, Listener listener) override {
    for (;;) {
      if (next_ == said_.size() || said_[next_].first > now_ + limit) {
        now_ += limit;
        if (next_ == said_.size() && now_ > end_ + 1min) throw LinkLost("the script is over");
        throw LinkTimeout("silence");
      }
      now_ = std::max(now_, said_[next_].first);
      if (listener(said_[next_++].second)) co_return;
    }
  }
  SteadyTime now() const override { return now_; }
  Task<void> sleep_until(SteadyTime when) override {
    now_ = std::max(now_, when);
    co_return;
  }

 private:
  SteadyTime now_{}, end_{};
  std::vector<std::pair<SteadyTime, Buffer>> said_;
  std::size_t next_ = 0;
};

/// A round of a master with three packs at its pace (jk.md 3.5).
void say_round(TalkingLine& line, int soc_pct) {
  for (int address = 1; address <= 15; ++address) {
    line.say(200ms, trigger(address, cells));
    if (address > 3) continue;
    line.say(12ms, cells_at(soc_pct + address));
    line.say(1ms, pad + done(address, cells) + pad);
    line.say(180ms, trigger(address, settings));
    line.say(12ms, settings_of(address));
    line.say(1ms, pad + done(address, settings) + pad);
  }
  line.say(220ms, cells_at(soc_pct));
  line.say(120ms, settings_of(0));
}

struct Run {
  Heard heard;
  bool gave_up = false;
};
Run run(TalkingLine& line, AdapterOptions options = {}) {
  Run done;
  const auto adapter = find_protocol("jk-listen")->adapter(options);
  boost::asio::io_context io;
  try {
    run_task(io, adapter->run(line, done.heard));
  } catch (const LinkLost&) {
  } catch (const LinkTimeout&) {
    done.gave_up = true;
  }
  return done;
}

std::vector<double> charges(const Heard& heard, int address) {
  std::vector<double> all;
  if (!heard.readings.contains(address)) return all;
  for (const Reading& reading : heard.readings.at(address)) all.push_back(*reading.soc_pct);
  return all;
}
using Charges = std::vector<double>;

}  // namespace

TEST_CASE("jk-listen: it only listens, to all packs of a line together") {
  const Protocol& protocol = *find_protocol("jk-listen");
  CHECK(protocol.only_listens);
  CHECK(protocol.together);
  CHECK(protocol.addressed);
}

TEST_CASE("jk-listen: every pack of the chain, the master by the silence before it") {
  TalkingLine line;
  for (const int soc : {50, 60}) say_round(line, soc);
  const Run done = run(line);
  CHECK(done.gave_up);  // when the chain had been silent
  CHECK(done.heard.rejected.empty());
  for (int address = 0; address <= 3; ++address) {
    CHECK(charges(done.heard, address) == Charges{50.0 + address, 60.0 + address});
    CHECK(done.heard.limits.at(address).size() == 2);
  }
}

TEST_CASE("jk-listen: packs that the owner did not name are nobody else's readings") {
  TalkingLine line;
  say_round(line, 50);
  const Run done = run(line, {.address = 2, .addresses = {2}});
  CHECK(done.heard.readings.size() == 1);
  CHECK(charges(done.heard, 2) == Charges{52});
  CHECK(done.heard.identities.size() == 1);
}

TEST_CASE("jk-listen: an answer whose last word was lost is nobody's, not the master's") {
  TalkingLine line;
  line.say(200ms, trigger(3, cells));
  line.say(12ms, cells_at(53));
  line.say(180ms, trigger(4, cells));
  line.say(200ms, trigger(3, cells));
  line.say(12ms, cells_at(53));
  line.say(400ms, settings_of(0));
  const Run done = run(line);
  CHECK(done.heard.readings.empty());
  CHECK(done.heard.limits.at(0).size() == 1);
  CHECK(done.heard.rejected == std::map<FrameError, int>{{FrameError::unexpected, 2}});
}

TEST_CASE("jk-listen: a silent line, and one with noise that never ends, are given up") {
  TalkingLine silent;
  CHECK(run(silent).gave_up);
  TalkingLine noise;
  for (int i = 0; i < 1000; ++i) noise.say(50ms, from_hex("5500AA0103"));
  const Run done = run(noise);
  CHECK(done.gave_up);
  CHECK(noise.now() - SteadyTime{} < 12s);
  CHECK(done.heard.good == 0);
}
