#pragma once
#include <iosfwd>
#include <string>

namespace cellwarden {

struct ReplayOptions {
  std::string file;      ///< "-": standard input
  std::string config;    ///< empty: nothing is known of the pack
  std::string pack;      ///< its id; empty: the only one in the config
  std::string protocol;  ///< of a capture; empty: the pack's
  bool events = false;   ///< each alert that came or went, one JSON object per line, before the insight
};

/// `cellwarden replay FILE`: recorded readings through the analysis; prints the insight after the last row as one JSON
/// object. Exit codes: 0 done, 1 no row could be read, 2 the file, the config or the pack is none.
int replay(const ReplayOptions& options, std::ostream& out, std::ostream& err);

}  // namespace cellwarden
