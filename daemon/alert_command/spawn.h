#pragma once
// A program begun with a text on its standard input, in a process group of its own and with no file of ours open.
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace cellwarden {

struct Child {
  pid_t pid;
  int pidfd;  ///< readable when it has ended; the caller's to close
};

/// Empty, with `why` set, when it cannot be run. `input` is short: it fits into a pipe, so nothing ever waits.
std::optional<Child> spawn(const std::vector<std::string>& command, const std::string& input, std::string& why);

}  // namespace cellwarden
