#pragma once
// Hands each alert to the owner's own program, where one is configured.
#include <memory>

#include "config/config.h"
#include "daemon/alert_command/alert_command.h"
#include "daemon/alerts/alert.h"

namespace cellwarden {

class AlertHook {
 public:
  AlertHook(const boost::asio::any_io_executor& executor, const ServiceConfig& service);
  void tell(const AlertEvent& event);

 private:
  std::unique_ptr<AlertCommand> command_;
};

}  // namespace cellwarden
