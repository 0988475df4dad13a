#include "daemon/commands/alert_hook.h"

#include "daemon/alerts/alert_json.h"

namespace cellwarden {

AlertHook::AlertHook(const boost::asio::any_io_executor& executor, const ServiceConfig& service) {
  if (!service.alert_command.empty())
    command_ = std::make_unique<AlertCommand>(executor, service.alert_command, service.alert_command_time);
}

void AlertHook::tell(const AlertEvent& event) {
  if (!command_) return;
  const auto& alert = event.alert;
  command_->run(alert.pack + " " + std::string(name(alert.kind)) + (event.raised ? " raised" : " cleared"),
                to_json(event).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace cellwarden
