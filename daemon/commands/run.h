#pragma once
#include <filesystem>
#include <iosfwd>

namespace cellwarden {

/// `cellwarden run --config F`: the service, until SIGINT or SIGTERM. Without a broker in the config it prints the
/// packs: a live table on a terminal, plain lines into a pipe. Exit codes: 0 stopped, 2 faults in the config.
/// `speed`: how much faster than the clock its packs live (demo_time.h); 1 for every real one.
int run_service(const std::filesystem::path& config, double speed, std::ostream& out, std::ostream& err);

}  // namespace cellwarden
