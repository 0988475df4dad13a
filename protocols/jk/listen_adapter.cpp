#include "protocols/jk/listen_adapter.h"

#include <algorithm>

namespace cellwarden::jk {

using namespace std::chrono_literals;

namespace {

/// An answer begins within 40 ms; the master waits 220 ms for one (jk.md 3.5).
constexpr Duration answer_limit = 100ms;
/// Twice the chain's round.
constexpr Duration silence_limit = 10s;

}  // namespace

/// Lets pass what the owner's packs say, and knows when a good frame was heard.
class ListenAdapter::Chosen : public Sink {
 public:
  Chosen(Link& link, Sink& to, const std::vector<int>& wanted)
      : link_(link), to_(to), wanted_(wanted), heard_at_(link.now()) {}

  void emit(Event event) override {
    const bool is_wanted = wanted_.empty() || std::ranges::find(wanted_, event.address) != wanted_.end();
    if (std::holds_alternative<Rejected>(event.what)) {
      if (!is_wanted) event.address = wanted_.front();  // the line's own trouble
    } else {
      heard_at_ = link_.now();
      if (!is_wanted) return;
    }
    to_.emit(std::move(event));
  }

  bool is_dry() const { return link_.now() - heard_at_ >= silence_limit; }

 private:
  Link& link_;
  Sink& to_;
  const std::vector<int>& wanted_;
  SteadyTime heard_at_;
};

Task<void> ListenAdapter::run(Link& link, Sink& sink) {
  decoder_ = {};
  Chosen chosen(link, sink, wanted_);
  while (!chosen.is_dry()) co_await follow(link, chosen);
  throw LinkTimeout("no JK pack talks here");
}

/// Until the line is quiet for a moment.
Task<void> ListenAdapter::follow(Link& link, Chosen& sink) {
  const auto hear = [&](Bytes chunk) {
    decoder_.feed(Direction::from_bms, chunk, sink);
    return sink.is_dry();
  };
  try {
    co_await link.listen(answer_limit, hear);
  } catch (const LinkTimeout&) {
    decoder_.pause(sink);
  }
}

}  // namespace cellwarden::jk
