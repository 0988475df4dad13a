#pragma once
// Reading from a port's descriptor or socket, for so long and no longer.
#include "protocols/link.h"

namespace cellwarden {

/// What has arrived, at least one byte; nothing, and `gone` set, when the other side is no more. Throws LinkTimeout
/// when nothing came by `deadline`.
template <class Stream>
Task<Buffer> read_by(Stream& stream, SteadyTime deadline, boost::system::error_code& gone);

}  // namespace cellwarden
