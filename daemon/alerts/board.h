#pragma once
// Where alerts stand. A rule judges the moment; the board holds each judgement as long as it must be held, raises once,
// clears once, and has the sentences made only then.
//
//   judged raise for hold_s -> stands -> judged clear for hold_s -> gone
//   Two levels of one kind are one alert: it is raised again when it rises, and stays when it falls back.
#include <map>
#include <utility>
#include <vector>

#include "daemon/alerts/alert.h"

namespace cellwarden {

enum class Verdict { neither, raise, clear };

/// At least `raise`, at most `clear`, or between.
constexpr Verdict above(double value, double raise, double clear) {
  return value >= raise - 1e-9 ? Verdict::raise : value <= clear + 1e-9 ? Verdict::clear : Verdict::neither;
}

struct Words {
  std::optional<int> cell;
  std::optional<double> value;
  std::string unit;
  std::string what;    ///< "cell 7 reads 3.63 V"
  std::string why;     ///< what makes that an alert
  std::string advice;  ///< what to do
  std::string over;    ///< said instead of "over: <what>" when it is cleared
};

/// Makes the sentences when they are needed; only looked at while the call lasts, so nothing is copied.
class Say {
 public:
  template <class F>
  Say(const F& f) : made_by_(&f), call_([](const void* by) { return (*static_cast<const F*>(by))(); }) {}
  Words operator()() const { return call_(made_by_); }

 private:
  const void* made_by_;
  Words (*call_)(const void*);
};

class Board {
 public:
  explicit Board(std::string pack) : pack_(std::move(pack)) {}

  /// The moment all that follows is judged at.
  void at(double steady_s, std::optional<UtcTime> utc);
  /// Nobody knows what was in between: what is pending begins anew.
  void break_off();
  double steady_s() const { return steady_s_; }

  struct Key {
    AlertKind kind;
    Level level;
    int cell = 0;  ///< 0: the pack has one alert of this kind, whichever cell it names
    auto operator<=>(const Key&) const = default;
  };
  void judge(const Key& key, Verdict verdict, double hold_s, const Say& say);
  /// For what is known once per charge: the same verdict `times` in a row.
  void judge_charge(const Key& key, Verdict verdict, int times, const Say& say);

  /// How long `verdict` has been judged without a break.
  double held_s(const Key& key, Verdict verdict) const;
  bool stands(const Key& key) const;

  const std::vector<Alert>& standing() const { return standing_; }
  std::vector<AlertEvent> take_events() { return std::exchange(events_, {}); }
  bool has_events() const { return !events_.empty(); }

  struct Latch {
    bool up = false;
    Verdict pending = Verdict::neither, counted = Verdict::neither;
    int times = 0;
    double from_s = 0;
    std::optional<UtcTime> from_utc;
  };
  const std::map<Key, Latch>& latches() const { return latches_; }
  void restore(std::vector<Alert> standing, std::map<Key, Latch> latches);

 private:
  void flip(const Key& key, Latch& latch, const Say& say);
  std::optional<Level> highest(AlertKind kind, int cell) const;
  void put_words(Alert& alert, const Words& words) const;

  std::string pack_;
  double steady_s_ = 0;
  std::optional<UtcTime> utc_;
  std::map<Key, Latch> latches_;
  std::vector<Alert> standing_;
  std::vector<AlertEvent> events_;
};

}  // namespace cellwarden
