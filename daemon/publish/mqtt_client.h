#pragma once
// A connection to the broker that is made again for ever. The only door to Paho: its threads only post to the
// executor, where every callback here is called.
//
// Reconnecting is done here and not by Paho, which keeps to itself why a broker refused.
#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "config/config.h"

namespace cellwarden {

struct MqttMessage {
  std::string topic, payload;
  bool retained = false;  ///< the broker had kept it; false for what is published now
};

struct MqttWill {
  std::string topic, payload;
};

class MqttClient {
 public:
  struct Callbacks {
    std::function<void()> on_connected;  ///< once per connection: subscribe and publish everything here
    std::function<void()> on_disconnected;
    std::function<void(const std::string& why)> on_failure;  ///< each attempt that failed, in words for the owner
    std::function<void(const MqttMessage&)> on_message;
  };

  MqttClient(boost::asio::any_io_executor executor, const MqttConfig& config, Callbacks callbacks,
             std::optional<MqttWill> will, std::chrono::milliseconds reconnect_first = std::chrono::seconds(1),
             std::chrono::milliseconds reconnect_most = std::chrono::seconds(30));
  ~MqttClient();

  void start();
  /// Publishes the will's payload by hand (a clean goodbye sends no will) and disconnects; two seconds at most.
  void stop();
  bool connected() const;

  /// Without a connection, what is retained is forgotten (everything is announced again on connect) and what is not
  /// waits in a short queue that drops its oldest.
  void publish(const std::string& topic, const std::string& payload, bool retain, int qos);
  void subscribe(const std::string& topic);
  void unsubscribe(const std::string& topic);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace cellwarden
