// Real scripts: one that reads, one that hangs, one that fails, more of them than may run. Nothing sleeps: the loop
// runs until what must happen has happened, or a generous guard gives up.
#include "daemon/alert_command/alert_command.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <fstream>
#include <sstream>

#include "tests/support/log.h"
#include "tests/support/run_until.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using namespace std::chrono_literals;
using test::Log;

namespace {

struct Hook {
  std::vector<std::string> script(const std::string& text) const {
    const auto file = folder.path / "on-alert";
    std::ofstream(file) << "#!/bin/sh\ncd " << folder.path.string() << "\n" << text;
    ::chmod(file.c_str(), 0700);
    return {file.string(), "first argument"};
  }
  std::string text(const std::string& name) const {
    std::ifstream in(folder.path / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  template <class Condition>
  bool until(Condition condition) {
    return run_until(io, condition);
  }
  test::TemporaryDirectory folder;
  boost::asio::io_context io;
  Log log;
};

}  // namespace

TEST_CASE("alert command: the program gets its arguments and the alert on standard input") {
  Hook hook;
  AlertCommand command(hook.io.get_executor(), hook.script("cat > heard; echo \"$1\" >> heard; mv heard done\n"), 10s);
  command.run("house-1 drift raised", "{\"alarm\":\"drift\"}\n");
  CHECK(command.running() == 1);
  REQUIRE(hook.until([&] { return command.running() == 0; }));
  CHECK(hook.text("done") == "{\"alarm\":\"drift\"}\nfirst argument\n");
  CHECK(hook.log.text().empty());
}

TEST_CASE("alert command: one that hangs is killed with all it started, while the service goes on") {
  Hook hook;
  AlertCommand command(hook.io.get_executor(), hook.script("sleep 1000 &\necho $! > child\nwait\n"), 300ms);
  int turns = 0;
  boost::asio::steady_timer timer(hook.io);
  std::function<void()> turn = [&] {
    timer.expires_after(1ms);
    timer.async_wait([&](boost::system::error_code cancelled) {
      if (!cancelled) ++turns, turn();
    });
  };
  turn();
  command.run("house-1 drift raised", "{}");
  REQUIRE(hook.until([&] { return !hook.text("child").empty(); }));
  const int before = turns;
  REQUIRE(hook.until([&] { return command.running() == 0; }));
  CHECK(turns > before);
  CHECK(hook.log.times("took longer than 0.3 s and was killed: house-1 drift raised") == 1);
  const pid_t child = std::stoi(hook.text("child"));
  // Gone, or a zombie that init has not collected yet.
  CHECK(hook.until([&] {
    std::ifstream status("/proc/" + std::to_string(child) + "/stat");
    std::string pid, name, state;
    return !(status >> pid >> name >> state) || state == "Z";
  }));
}

TEST_CASE("alert command: four at a time; of those that wait the oldest are dropped, and it is said") {
  Hook hook;
  AlertCommand command(hook.io.get_executor(), hook.script("cat >> heard\necho $$ >> stopped\nkill -STOP $$\n"), 60s);
  constexpr std::size_t all = AlertCommand::most_running + AlertCommand::most_waiting;
  for (std::size_t i = 0; i < all; ++i) command.run("alert " + std::to_string(i), std::to_string(i) + "\n");
  CHECK(command.running() == AlertCommand::most_running);
  CHECK(command.waiting() == AlertCommand::most_waiting);
  CHECK(hook.log.text().empty());
  command.run("one more", "more\n");
  CHECK(command.waiting() == AlertCommand::most_waiting);
  CHECK(hook.log.times("dropped: alert 4") == 1);

  // They go on: all others are told.
  const auto go_on = [&] {
    std::istringstream pids(hook.text("stopped"));
    for (pid_t pid = 0; pids >> pid;) ::kill(pid, SIGCONT);
  };
  REQUIRE(hook.until([&] {
    go_on();
    return command.running() == 0 && command.waiting() == 0;
  }));
  std::istringstream heard(hook.text("heard"));
  std::size_t lines = 0;
  for (std::string line; std::getline(heard, line); ++lines) CHECK(line != "4");
  CHECK(lines == all);
}

TEST_CASE("alert command: one that reads nothing, fails, or is not there is said and does no harm") {
  Hook hook;
  {
    AlertCommand command(hook.io.get_executor(), hook.script("exec < /dev/null\nexit 3\n"), 10s);
    command.run("house-1 drift raised", std::string(4000, 'x'));
    REQUIRE(hook.until([&] { return command.running() == 0; }));
  }
  CHECK(hook.log.times("ended with exit code 3: house-1 drift raised") == 1);
  AlertCommand absent(hook.io.get_executor(), {"/nowhere/on-alert"}, 10s);
  absent.run("house-1 drift cleared", "{}");
  CHECK(absent.running() == 0);
  CHECK(hook.log.times(
            "/nowhere/on-alert cannot be run (No such file or directory); not told: house-1 drift cleared") == 1);
}

TEST_CASE("alert command: at the end of the service what still runs is ended") {
  Hook hook;
  {
    AlertCommand command(hook.io.get_executor(), hook.script("echo $$ > self\nexec sleep 1000\n"), 60s);
    command.run("a", "{}");
    REQUIRE(hook.until([&] { return hook.text("self").ends_with("\n"); }));
  }
  CHECK(::kill(std::stoi(hook.text("self")), 0) == -1);
  hook.io.run_for(10ms);  // what was waited for comes to nothing
}
