#include "daemon/alert_command/alert_command.h"

#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstring>
#include <deque>
#include <list>

#include "daemon/alert_command/spawn.h"

namespace cellwarden {

namespace asio = boost::asio;

namespace {

struct Waiting {
  std::string what, json;
};

struct Running {
  Running(const asio::any_io_executor& executor, std::string of, Child of_child)
      : what(std::move(of)), child(of_child), ended(executor, child.pidfd), timer(executor) {}

  std::string what;
  Child child;
  asio::posix::stream_descriptor ended;  ///< readable once the program has ended
  asio::steady_timer timer;
  bool killed = false, over = false;
};

std::string ending(int status) {
  if (WIFEXITED(status)) return "ended with exit code " + std::to_string(WEXITSTATUS(status));
  return "was ended by signal " + std::to_string(WTERMSIG(status));
}

}  // namespace

struct AlertCommand::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::any_io_executor on, std::vector<std::string> argv, std::chrono::duration<double> most)
      : executor(std::move(on)), command(std::move(argv)), limit(most) {}

  void add(const std::string& what, const std::string& json) {
    if (waiting.size() >= most_waiting) {
      spdlog::warn("alert_command: {} alerts wait for {}; dropped: {}", waiting.size(), command.front(),
                   waiting.front().what);
      waiting.pop_front();
    }
    waiting.push_back({what, json});
    next();
  }

  void next() {
    while (!waiting.empty() && running.size() < most_running) {
      const Waiting alert = std::move(waiting.front());
      waiting.pop_front();
      start(alert);
    }
  }

  void start(const Waiting& alert) {
    std::string why;
    const auto child = spawn(command, alert.json, why);
    if (!child) {
      spdlog::warn("alert_command: {} cannot be run ({}); not told: {}", command.front(), why, alert.what);
      return;
    }
    const auto program = std::make_shared<Running>(executor, alert.what, *child);
    running.push_back(program);
    program->timer.expires_after(std::chrono::duration_cast<std::chrono::nanoseconds>(limit));
    program->timer.async_wait([program](boost::system::error_code cancelled) {
      if (!cancelled) kill(*program);
    });
    watch(program);
  }

  void watch(const std::shared_ptr<Running>& program) {
    program->ended.async_wait(asio::posix::descriptor_base::wait_read,
                              [weak = weak_from_this(), program](boost::system::error_code cancelled) {
                                const auto self = weak.lock();
                                if (!cancelled && self) self->look(program);
                              });
  }

  /// Never waits here: a wake-up may have been meant for a program before it whose number this descriptor now has.
  void look(const std::shared_ptr<Running>& program) {
    int status = 0;
    if (::waitpid(program->child.pid, &status, WNOHANG) == 0) return watch(program);
    end(program, status);
  }

  static void kill(Running& program) {
    if (program.over) return;  // its number may be another's by now
    program.killed = true;
    ::kill(-program.child.pid, SIGKILL);  // and what it has started
  }

  void end(const std::shared_ptr<Running>& program, int status) {
    program->over = true;
    program->timer.cancel();
    if (program->killed) {
      spdlog::warn("alert_command: {} took longer than {} s and was killed: {}", command.front(), limit.count(),
                   program->what);
    } else if (status != 0) {
      spdlog::warn("alert_command: {} {}: {}", command.front(), ending(status), program->what);
    }
    running.remove(program);
    next();
  }

  asio::any_io_executor executor;
  std::vector<std::string> command;
  std::chrono::duration<double> limit;
  std::deque<Waiting> waiting;
  std::list<std::shared_ptr<Running>> running;
};

AlertCommand::AlertCommand(asio::any_io_executor executor, std::vector<std::string> command,
                           std::chrono::duration<double> limit)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(command), limit)) {}

AlertCommand::~AlertCommand() {
  boost::system::error_code ignored;
  for (const auto& program : impl_->running) {
    Impl::kill(*program);
    ::waitpid(program->child.pid, nullptr, 0);  // killed, so it is gone at once
    program->over = true;
    program->timer.cancel(ignored), program->ended.cancel(ignored);
  }
}

void AlertCommand::run(const std::string& what, const std::string& json) { impl_->add(what, json); }
std::size_t AlertCommand::running() const { return impl_->running.size(); }
std::size_t AlertCommand::waiting() const { return impl_->waiting.size(); }

}  // namespace cellwarden
