#pragma once
#include <iosfwd>
#include <string>

#include "protocols/battery.h"

namespace cellwarden {

struct ReportOptions {
  std::string subject = {};   ///< a pack's id, or a file of recorded readings ("-": standard input)
  std::string config = {};    ///< empty: the usual one for a pack, none for a file
  std::string pack = {};      ///< of a file: its id; empty: the only one in the config
  std::string protocol = {};  ///< of a capture; empty: the pack's
  bool json = false;
  std::string html = {};  ///< a file to write; empty: none
};

/// `cellwarden report PACK`: one page for the owner, from the service's history or a recorded file. Exit codes: 0 done,
/// 1 nothing is known of the pack, 2 there is no such pack or file, 3 the HTML file could not be written.
int report_pack(const ReportOptions& options, const std::string& usual_config, UtcTime now, std::ostream& out,
                std::ostream& err);

}  // namespace cellwarden
