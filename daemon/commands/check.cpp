#include "daemon/commands/check.h"

#include <ostream>

#include "config/config.h"

namespace cellwarden {

int check_config(const std::filesystem::path& file, std::ostream& out, std::ostream& err) {
  const auto read = read_config(file);
  if (const auto* faults = std::get_if<std::vector<ConfigFault>>(&read)) {
    for (const auto& fault : *faults) err << fault.text() << '\n';
    return 2;
  }
  const auto& config = std::get<Config>(read);
  out << file.string() << ": no faults\n";
  out << "broker: " << (config.mqtt ? config.mqtt->broker + ", topics under " + config.mqtt->topic : "none") << '\n';
  for (const auto& pack : config.packs) {
    out << "pack " << pack.id << ": " << pack.protocol << " on " << pack.link.text();
    if (pack.address != 0) out << ", address " << pack.address;
    out << ", every " << pack.poll.count() << " s\n";
  }
  return 0;
}

}  // namespace cellwarden
