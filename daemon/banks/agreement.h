#pragma once
// Whether what must be equal is. Readings taken seconds apart differ while a load steps: what agreed before is believed
// for a while without agreeing, what never did is not. Pure; the time is handed in.
#include <optional>

namespace cellwarden {

class Agreement {
 public:
  static constexpr double hold_s = 60;

  void look(bool agree, double now_s) {
    now_s_ = now_s;
    if (agree) {
      agreed_before_ = true;
      apart_since_s_.reset();
    } else if (!apart_since_s_) {
      apart_since_s_ = now_s;
    }
  }
  /// Nothing to compare.
  void look_away() { apart_since_s_.reset(); }

  bool believed() const { return !apart_since_s_ || (agreed_before_ && !apart_for_long()); }
  /// Too long apart for a step of the load.
  bool apart_for_long() const { return apart_since_s_ && now_s_ - *apart_since_s_ > hold_s; }

 private:
  bool agreed_before_ = false;
  double now_s_ = 0;
  std::optional<double> apart_since_s_;
};

}  // namespace cellwarden
