#pragma once
// The owner's own program, run once for each alert, which it reads as JSON on its standard input. The service never
// waits for it: at most four run at a time, each for a bounded time, the others wait in a queue that says what it
// drops.
#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace cellwarden {

class AlertCommand {
 public:
  /// `command`: the program's whole path and its arguments.
  AlertCommand(boost::asio::any_io_executor executor, std::vector<std::string> command,
               std::chrono::duration<double> limit);
  /// What still runs is killed.
  ~AlertCommand();

  /// `what` names the alert in messages; `json` is what the program reads.
  void run(const std::string& what, const std::string& json);
  std::size_t running() const;
  std::size_t waiting() const;

  static constexpr std::size_t most_running = 4, most_waiting = 64;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace cellwarden
