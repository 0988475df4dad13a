#pragma once
#include "daemon/replay/recording.h"

namespace cellwarden {

/// A Reading per line, as the state topic shows it, with `t_s`.
class JsonRecording : public Recording {
 public:
  using Recording::Recording;
  bool next(Reading& into) override;
};

}  // namespace cellwarden
