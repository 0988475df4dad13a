#pragma once
// From a config to running conversations: one Line per port, one PackSession per conversation on it.
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <vector>

#include "config/config.h"
#include "daemon/packs/line.h"
#include "daemon/packs/pack_session.h"

namespace cellwarden {

struct Lines {
  std::vector<std::unique_ptr<Line>> lines;
  std::vector<std::unique_ptr<PackSession>> sessions;
  std::vector<std::unique_ptr<boost::asio::cancellation_signal>> stops;  ///< one per started session
  std::size_t running = 0;
};

/// Opens nothing yet: each session opens its port when it first speaks.
Lines make_lines(boost::asio::io_context& io, const std::vector<PackConfig>& packs, const ServiceConfig& service,
                 PackObserver& observer);

/// Throws LinkLost, saying why, when the pack's port cannot be opened now. For commands run by hand: there a port that
/// cannot be opened is an answer, not a reason to wait.
void check_opens(const PackConfig& pack);

/// Starts every session. One that fails in a way nobody foresaw ends the program, loudly.
void start(boost::asio::io_context& io, Lines& lines);

/// Ends every session and waits for it: a conversation holds its line until it is over.
void stop(boost::asio::io_context& io, Lines& lines);

}  // namespace cellwarden
