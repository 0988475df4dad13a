#pragma once
#include <filesystem>
#include <iosfwd>

namespace cellwarden {

/// `cellwarden run --config F`: the service, until SIGINT or SIGTERM. Without a broker in the config it prints the
/// packs: a live table on a terminal, plain lines into a pipe. Exit codes: 0 stopped, 2 faults in the config.
int run_service(const std::filesystem::path& config, std::ostream& out, std::ostream& err);

}  // namespace cellwarden
