#pragma once
// A Link that answers from a script in its own time: nothing waits, and all that was asked is kept.
#include <algorithm>
#include <deque>
#include <utility>

#include "protocols/link.h"

namespace cellwarden {

class ScriptedLink : public Link {
 public:
  /// The chunks that answer a request; none: silence.
  using Answers = std::function<std::vector<Buffer>(const Buffer& request)>;

  ScriptedLink(Answers answers, std::size_t requests) : answers_(std::move(answers)), requests_(requests) {}

  std::vector<Buffer> sent;
  std::vector<SteadyTime> sent_at;
  std::deque<Buffer> unasked;  ///< what `listen` hears

  /// Throws LinkLost when the script is over: so ends an adapter that would poll for ever.
  Task<void> exchange(Buffer request, Duration limit, Listener listener) override {
    if (sent.size() == requests_) throw LinkLost("the script is over");
    now_ = std::max(now_, quiet_until_);
    sent.push_back(request);
    sent_at.push_back(now_);
    for (const auto& chunk : answers_(request)) {
      if (listener(chunk)) co_return;
    }
    now_ += limit;
    throw LinkTimeout("silence");
  }

  Task<void> listen(Duration, Listener listener) override {
    while (!unasked.empty()) {
      const Buffer chunk = std::move(unasked.front());
      unasked.pop_front();
      if (listener(chunk)) co_return;
    }
    throw LinkLost("the script is over");
  }

  void stay_quiet(Duration time) override { quiet_until_ = now_ + time; }
  SteadyTime now() const override { return now_; }
  Task<void> sleep_until(SteadyTime when) override {
    now_ = std::max(now_, when);
    co_return;
  }

 private:
  Answers answers_;
  std::size_t requests_;
  SteadyTime now_{}, quiet_until_{};
};

}  // namespace cellwarden
