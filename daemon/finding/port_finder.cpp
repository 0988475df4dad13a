#include "daemon/finding/port_finder.h"

#include <algorithm>
#include <cstdio>

namespace cellwarden::finding {

namespace {

constexpr std::size_t shown_bytes = 32;

std::string hex(Bytes bytes) {
  std::string text;
  char pair[4];
  for (const auto byte : bytes.first(std::min(bytes.size(), shown_bytes))) {
    std::snprintf(pair, sizeof pair, "%s%02X", text.empty() ? "" : " ", byte);
    text += pair;
  }
  return text + (bytes.size() > shown_bytes ? " ..." : "");
}

}  // namespace

/// Keeps the first that comes from others: some RS485 adapters give back what is sent.
class PortFinder::Tap {
 public:
  void operator()(Direction direction, Bytes bytes) {
    if (direction == Direction::to_bms) {
      echo_.assign(bytes.begin(), bytes.end());
      return;
    }
    for (const std::uint8_t byte : bytes) {
      if (!echo_.empty() && echo_.front() == byte) {
        echo_.erase(echo_.begin());
        continue;
      }
      echo_.clear();
      if (heard_.size() <= shown_bytes) heard_.push_back(byte);
    }
  }

  const Buffer& heard() const { return heard_; }
  bool is_full() const { return heard_.size() > shown_bytes; }

 private:
  Buffer heard_, echo_;
};

Task<void> PortFinder::run() {
  const std::vector<unsigned> rates = bauds(place_);
  for (const unsigned baud : rates) {
    co_await listen(baud);
    if (findings.is_chain) co_return;
  }
  for (const unsigned baud : rates) {
    co_await ask(baud);
    if (!findings.found.empty()) co_return;
  }
}

Task<void> PortFinder::listen(unsigned baud) {
  const auto executor = co_await boost::asio::this_coro::executor;
  say_(at_baud(baud) + "listening");
  Tap tap;
  Line line(executor, make_port_(baud, true));
  line.tap([&tap](Direction direction, Bytes bytes) { tap(direction, bytes); });
  bool has_ear = false;
  for (const Try& how : ears(place_)) {
    if (how.baud != baud) continue;
    has_ear = true;
    AdapterOptions options{.address = how.address};
    if (how.address != 0) options.addresses = {how.address};
    const Patience patient{patience(how), to_finish};
    Outcome outcome = co_await converse(line, how, options, patient);
    findings.is_chain |= outcome.made_sense;
    if (outcome.made_sense) {
      say_("    a chain talks here by itself: " + std::string(how.protocol->id) + " follows it. Nothing is sent");
    }
    take(std::move(outcome), how, findings, say_);
    if (findings.is_chain) co_return;
  }
  if (!has_ear) {
    const Link::Listener enough = [&tap, end = line.now() + listening](Bytes) {
      return tap.is_full() || std::chrono::steady_clock::now() >= end;
    };
    try {
      co_await line.listen(listening, enough);
    } catch (const LinkTimeout&) {
    }
  }
  if (tap.heard().empty()) co_return;
  say_("    somebody talks here unasked; is another master on this line?");
  findings.talkers.push_back(at_baud(baud) + hex(tap.heard()) + " (unasked)");
}

Task<void> PortFinder::ask(unsigned baud) {
  std::vector<Try> here = tries(place_);
  std::erase_if(here, [&](const Try& how) { return how.baud != baud; });
  if (here.empty()) co_return;
  const auto executor = co_await boost::asio::this_coro::executor;
  Tap tap;
  Line line(executor, make_port_(baud, false));
  line.tap([&tap](Direction direction, Bytes bytes) { tap(direction, bytes); });
  co_await ask_all(line, std::move(here), goal_, for_gateway(place_), say_, findings);
  if (!tap.heard().empty()) findings.talkers.push_back(at_baud(baud) + hex(tap.heard()));
}

}  // namespace cellwarden::finding
