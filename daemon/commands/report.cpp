#include "daemon/commands/report.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/commands/chosen_pack.h"
#include "daemon/commands/report_facts.h"
#include "daemon/replay/recording.h"
#include "daemon/report/html.h"
#include "daemon/report/report_json.h"
#include "daemon/report/sentences.h"
#include "daemon/report/text.h"

namespace cellwarden {

namespace {

constexpr int done = 0, nothing_known = 1, usage = 2, unwritable = 3;

bool is_file(const std::string& name) {
  std::error_code unknown;
  return name == "-" || std::filesystem::exists(name, unknown);
}

report::Facts facts_of_file(const ReportOptions& options, std::ostream& err) {
  const PackConfig pack = chosen_pack(options.config, options.pack);
  RecordedFile file{options.subject, 0, chosen_protocol(options.protocol, pack)};
  if (options.subject == "-") {
    file.name = "standard input";
    return facts_from_recording(std::cin, file, pack, err);
  }
  std::ifstream in(options.subject);
  in.peek();  // a directory opens and cannot be read
  if (!in.is_open() || in.bad()) throw Unusable("cannot read " + options.subject + "; is the path right?");
  in.clear();  // empty is readable
  std::error_code unknown;
  const auto size = std::filesystem::file_size(options.subject, unknown);
  file.bytes = unknown ? 0 : size;
  try {
    return facts_from_recording(in, file, pack, err);
  } catch (const NotARecording& why) {
    throw Unusable(options.subject + ": " + why.what());
  }
}

/// A pack's id, unless only a file can be meant.
report::Facts facts_of(const ReportOptions& options, const std::string& usual_config, UtcTime now, std::ostream& err) {
  const bool file = is_file(options.subject);
  if (file && (options.config.empty() || !options.pack.empty())) return facts_of_file(options, err);
  const std::string config_file = options.config.empty() ? usual_config : options.config;
  const Config config = usable_config(config_file);
  const auto found = std::ranges::find(config.packs, options.subject, &PackConfig::id);
  if (found != config.packs.end()) return facts_from_history(config.service.state_dir, *found, now);
  if (file) return facts_of_file(options, err);
  throw Unusable("no pack \"" + options.subject + "\" in " + config_file +
                 (config.packs.empty() ? ", which has none" : "; its packs are:" + ids_of(config.packs)) +
                 "; nor is there a file of that name");
}

bool write(const std::string& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  out.close();
  return !out.fail();
}

}  // namespace

int report_pack(const ReportOptions& options, const std::string& usual_config, UtcTime now, std::ostream& out,
                std::ostream& err) {
  try {
    const report::Facts facts = facts_of(options, usual_config, now, err);
    const report::Page page = report::page_of(facts);
    if (!options.html.empty() && !write(options.html, report::html_of(page))) {
      err << "cannot write " << options.html << "; is the path right?\n";
      return unwritable;
    }
    if (options.json) {
      out << report::report_json(facts, page).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    } else if (options.html.empty()) {
      out << report::text_of(page);
    }
    return done;
  } catch (const NothingKnown& why) {
    err << why.what() << '\n';
    return nothing_known;
  } catch (const Unusable& why) {
    err << why.what() << '\n';
    return usage;
  }
}

}  // namespace cellwarden
