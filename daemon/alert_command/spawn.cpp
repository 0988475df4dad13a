#include "daemon/alert_command/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace cellwarden {

namespace {

/// Signals as every program expects them, a group of its own, `input` as file 0 and nothing above 2.
int spawn_with(const std::vector<std::string>& command, int input, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input, 0);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  posix_spawnattr_t how;
  posix_spawnattr_init(&how);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&how, &none);
  posix_spawnattr_setsigdefault(&how, &all);
  posix_spawnattr_setpgroup(&how, 0);
  posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const int failure = posix_spawn(&pid, argv.front(), &files, &how, argv.data(), environ);
  posix_spawnattr_destroy(&how);
  posix_spawn_file_actions_destroy(&files);
  return failure;
}

}  // namespace

std::optional<Child> spawn(const std::vector<std::string>& command, const std::string& input, std::string& why) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    why = std::strerror(errno);
    return std::nullopt;
  }
  // Written before anyone reads: it lies in the pipe, and nobody can be gone yet.
  const bool whole = write(ends[1], input.data(), input.size()) == static_cast<ssize_t>(input.size());
  close(ends[1]);
  fcntl(ends[0], F_SETFL, 0);  // a plain pipe for the program
  Child child{-1, -1};
  const int failure = whole ? spawn_with(command, ends[0], child.pid) : EMSGSIZE;
  close(ends[0]);
  if (failure != 0) {
    why = std::strerror(failure);
    return std::nullopt;
  }
  child.pidfd = static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0));  // glibc 2.36's own is not for C++
  if (child.pidfd < 0) {
    why = std::string("its end cannot be seen: ") + std::strerror(errno);
    kill(-child.pid, SIGKILL);
    waitpid(child.pid, nullptr, 0);
    return std::nullopt;
  }
  return child;
}

}  // namespace cellwarden
