#pragma once
// A real program run by a test: its output is read line by line, and it is gone when the test is.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

class Process {
 public:
  /// `arguments[0]` is looked up in PATH. Standard error goes to the test's own, or to `stderr_file`.
  explicit Process(std::vector<std::string> arguments, const std::string& stderr_file = "") {
    int out[2], in[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(in, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves nothing behind
      dup2(in[0], 0);
      dup2(out[1], 1);
      if (!stderr_file.empty()) dup2(open(stderr_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), 2);
      std::vector<char*> argv;
      for (auto& argument : arguments) argv.push_back(argument.data());
      argv.push_back(nullptr);
      execvp(argv[0], argv.data());
      _exit(127);
    }
    close(out[1]);
    close(in[0]);
    out_ = out[0];
    in_ = in[1];
    fcntl(out_, F_SETFL, O_NONBLOCK);
  }
  ~Process() {
    end(SIGKILL);
    close(out_);
    close(in_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void say(const std::string& line) {
    const std::string text = line + "\n";
    if (::write(in_, text.data(), text.size()) < 0) throw std::runtime_error("the process is gone");
  }

  /// The next line for which `wanted` holds; lines before it are dropped. Empty when the guard time is over or the
  /// output ended: waiting ends with the line, the guard is only for a test that fails.
  std::optional<std::string> wait_for(const std::function<bool(const std::string&)>& wanted,
                                      std::chrono::seconds guard = std::chrono::seconds(60)) {
    const auto end = std::chrono::steady_clock::now() + guard;
    for (;;) {
      for (auto line = next_line(); line; line = next_line()) {
        if (wanted(*line)) return line;
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0 || !fill(static_cast<int>(left.count()))) return std::nullopt;
    }
  }
  std::optional<std::string> wait_for_text(const std::string& text,
                                           std::chrono::seconds guard = std::chrono::seconds(60)) {
    return wait_for([&](const std::string& line) { return line.find(text) != std::string::npos; }, guard);
  }

  pid_t id() const { return pid_; }
  void tell(int signal) const {
    if (pid_ > 0) kill(pid_, signal);
  }
  /// Sends `signal`, waits for the end, returns the exit code (128 + signal when killed).
  int end(int signal = SIGTERM) {
    if (pid_ > 0) {
      kill(pid_, signal);
      wait();
    }
    return exit_code_;
  }
  int wait() {
    if (pid_ > 0) {
      int status = 0;
      waitpid(pid_, &status, 0);
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      pid_ = -1;
    }
    return exit_code_;
  }

 private:
  std::optional<std::string> next_line() {
    const auto end = text_.find('\n');
    if (end == std::string::npos) return std::nullopt;
    std::string line = text_.substr(0, end);
    text_.erase(0, end + 1);
    return line;
  }
  bool fill(int milliseconds) {
    pollfd ready{out_, POLLIN, 0};
    if (poll(&ready, 1, milliseconds) <= 0) return false;
    char chunk[4096];
    const ssize_t n = ::read(out_, chunk, sizeof chunk);
    if (n <= 0) return false;
    text_.append(chunk, static_cast<std::size_t>(n));
    return true;
  }

  pid_t pid_ = -1;
  int out_ = -1, in_ = -1;
  int exit_code_ = -1;
  std::string text_;
};
