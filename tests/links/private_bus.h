#pragma once
// A message bus of the test's own.
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace cellwarden::test {

class PrivateBus {
 public:
  /// `rules`: further ones of its policy, such as <deny send_destination="org.bluez"/>.
  explicit PrivateBus(std::string rules = "") : rules_(std::move(rules)) { start(); }

  /// It dies as by kill -9, and comes back at the same address.
  void stop() { process_.reset(); }
  void start() {
    const auto file = directory_.path / "bus.conf";
    address = "unix:path=" + (directory_.path / "bus").string();
    std::filesystem::remove(directory_.path / "bus");
    std::ofstream(file) << "<busconfig><type>session</type><listen>" << address << "</listen><auth>EXTERNAL</auth>"
                        << "<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
                        << "<allow eavesdrop=\"true\"/><allow own=\"*\"/>" << rules_ << "</policy></busconfig>\n";
    process_ = std::make_unique<Process>(std::vector<std::string>{"dbus-daemon", "--config-file=" + file.string(),
                                                                  "--nofork", "--nopidfile", "--print-address"},
                                         (directory_.path / "bus.log").string());
    if (!process_->wait_for_text("unix:")) throw std::runtime_error("dbus-daemon does not start");
  }

  std::string address;

 private:
  std::string rules_;
  TemporaryDirectory directory_;
  std::unique_ptr<Process> process_;
};

}  // namespace cellwarden::test
