#pragma once
// A JK at the other end of a link, in a time of its own: what it will say waits in a queue, each notification for its
// moment. Nothing waits.
#include <deque>
#include <utility>

#include "tests/protocols/jk_ble_wire.h"

namespace cellwarden::test {

using namespace std::chrono_literals;

class NotifyingLink : public Link {
 public:
  /// What the board does when it is asked: it says things.
  using Board = std::function<void(const Buffer& request, NotifyingLink& link)>;

  /// The link breaks at `life`: so ends an adapter that would listen for ever.
  NotifyingLink(Board board, Duration life) : board_(std::move(board)), life_(SteadyTime{} + life) {}

  std::vector<Buffer> sent;
  std::vector<SteadyTime> sent_at;

  /// In the order of their moments.
  void say(Duration later, const Buffer& notification) {
    const SteadyTime when = now_ + later;
    const auto after = std::ranges::upper_bound(waiting_, when, {}, &Notification::when);
    waiting_.insert(after, {when, notification});
  }
  void be_silent() { waiting_.clear(); }

  Task<void> exchange(Buffer request, Duration limit, Listener listener) override {
    if (now_ >= life_) throw LinkLost("the link is over");
    std::erase_if(waiting_, [this](const Notification& unread) { return unread.when <= now_; });
    sent.push_back(request);
    sent_at.push_back(now_);
    board_(request, *this);
    const SteadyTime deadline = now_ + limit;
    while (!hand_on(deadline, listener)) {
    }
    co_return;
  }
  Task<void> listen(Duration limit, Listener listener) override {
    while (!hand_on(now_ + limit, listener)) {
    }
    co_return;
  }
  SteadyTime now() const override { return now_; }
  Task<void> sleep_until(SteadyTime when) override {
    now_ = std::max(now_, when);
    co_return;
  }

 private:
  struct Notification {
    SteadyTime when;
    Buffer bytes;
  };

  bool hand_on(SteadyTime deadline, const Listener& listener) {
    const SteadyTime until = std::min(deadline, life_);
    if (waiting_.empty() || waiting_.front().when > until) {
      now_ = std::max(now_, until);
      if (now_ >= life_) throw LinkLost("the link is over");
      throw LinkTimeout("silence");
    }
    const Notification next = std::move(waiting_.front());
    waiting_.pop_front();
    now_ = std::max(now_, next.when);
    return listener(next.bytes);
  }

  Board board_;
  SteadyTime life_, now_{};
  std::deque<Notification> waiting_;
};

/// The PB pack of the captured frames: cut to 128 bytes, noise of its module every 200 ms.
struct PbBoard {
  Buffer device = jk_ble_frame("pb_14.20_devinfo"), settings = jk_ble_frame("pb_14.20_settings"),
         cells = jk_ble_frame("pb_14.20_cell");
  Duration push_every = 450ms, streams_for = 60s;
  bool knows_who_asks = false;  ///< V19 streams only after it was asked who it is

  void operator()(const Buffer& request, NotifyingLink& link) {
    link.be_silent();
    for (Duration at = 100ms; at < streams_for; at += 200ms) link.say(at, at_noise);
    if (request == jk::ble_ask_device()) {
      knows_who_asks = true;
      say(link, 60ms, device);
      link.say(150ms, acknowledge);
    } else {
      say(link, 60ms, settings);
      say(link, 120ms, device);
      link.say(200ms, acknowledge + at_noise);
      if (knows_who_asks) stream(link);
    }
  }
  void stream(NotifyingLink& link) {
    for (Duration at = 600ms; at < streams_for; at += push_every) {
      ++cells[5];
      cells = sealed(std::move(cells));
      say(link, at, cells);
    }
  }
  static void say(NotifyingLink& link, Duration at, const Buffer& frame) {
    for (const Buffer& chunk : cut(frame, 128)) link.say(at += 10ms, chunk);
  }
};

}  // namespace cellwarden::test
