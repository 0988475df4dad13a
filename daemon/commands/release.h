#pragma once
#include <iosfwd>
#include <string>

#include "config/config.h"

namespace cellwarden {

/// `cellwarden release ID MINUTES`: asks the running service, through the broker, to leave a pack's Bluetooth link to
/// the phone app for so long; 0 takes it back. Exit codes: 0 asked, 2 no such pack or time, 3 no broker or no service.
int release(const Config& config, const std::string& pack_id, double minutes, std::ostream& out, std::ostream& err);

}  // namespace cellwarden
