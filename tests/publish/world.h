#pragma once
// A broker, a publisher with one pack, and a watcher who sees everything that passes.
#include <doctest/doctest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "daemon/publish/mqtt_client.h"
#include "daemon/publish/publisher.h"
#include "tests/publish/a_reading.h"
#include "tests/support/broker.h"
#include "tests/support/run_until.h"

namespace cellwarden::test {

using Json = nlohmann::json;
using namespace std::chrono_literals;

class World {
 public:
  explicit World(const std::string& broker_settings = "allow_anonymous true\n") : broker(broker_settings) {
    mqtt.broker = broker.url();
    packs.push_back(pack("house-1"));
    before_ = spdlog::default_logger();
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)));
  }
  ~World() {
    publisher.reset();
    watcher.reset();
    spdlog::set_default_logger(before_);
  }

  static PackConfig pack(const std::string& id) {
    PackConfig config;
    config.id = id;
    config.name = "House " + id;
    return config;
  }

  /// Sees everything that passes from now on, and what the broker retains.
  void watch() {
    MqttConfig config = mqtt;
    config.client_id = "watcher";
    watcher =
        std::make_unique<MqttClient>(io.get_executor(), config,
                                     MqttClient::Callbacks{.on_connected = [this] { watcher->subscribe("#"); },
                                                           .on_disconnected = {},
                                                           .on_failure = {},
                                                           .on_message =
                                                               [this](const MqttMessage& message) {
                                                                 seen_[message.topic] = message.payload;
                                                                 order.push_back(message.topic + " " + message.payload);
                                                               }},
                                     std::nullopt, 20ms, 50ms);
    watcher->start();
  }

  /// Starts a publisher with the settings as they are now; before it the watcher, so that nothing passes unseen.
  void open(bool watched = true) {
    publisher.reset();
    if (watched && !watcher) watch();
    PublisherTimes times;
    times.birth_delay = [] { return 1ms; };
    times.reconnect_first = 20ms, times.reconnect_most = 50ms;
    times.listen_for_leftovers = 300ms;
    publisher = std::make_unique<Publisher>(io.get_executor(), mqtt, home_assistant, packs, banks, state.path, times);
    publisher->start();
  }

  void hear(const std::string& id, double steady_s = 0, const Counters& counters = {}) {
    publisher->on_status(id, true, "");
    publisher->on_reading(id, a_reading(steady_s), counters);
  }

  template <class Condition>
  bool until(Condition condition) {
    return run_until(io, condition);
  }

  std::string seen(const std::string& topic) const {
    const auto found = seen_.find(topic);
    return found == seen_.end() ? "" : found->second;
  }
  Json json(const std::string& topic) const {
    auto value = Json::parse(seen(topic), nullptr, false);
    return value.is_object() ? value : Json::object();
  }
  bool emptied(const std::string& topic) const { return seen_.contains(topic) && seen(topic).empty(); }
  void forget() { seen_.clear(), order.clear(); }
  bool logged(const std::string& words) const { return log_.str().find(words) != std::string::npos; }
  /// The publisher has been connected at all: what a test does next comes after its announcement.
  bool settled() const { return publisher->connected() && !seen("cellwarden/status").empty(); }

  bool said(const std::string& topic, const std::string& words) const {
    for (const auto& line : order)
      if (line.starts_with(topic + " ") && line.find(words) != std::string::npos) return true;
    return false;
  }
  bool before(const std::string& first, const std::string& second) const {
    for (const auto& line : order) {
      if (line.starts_with(first)) return true;
      if (line.starts_with(second)) return false;
    }
    return false;
  }

  boost::asio::io_context io;
  Broker broker;
  TemporaryDirectory state;
  MqttConfig mqtt;
  HomeAssistantConfig home_assistant;
  std::vector<PackConfig> packs;
  std::vector<BankSettings> banks;
  std::unique_ptr<MqttClient> watcher;
  std::unique_ptr<Publisher> publisher;
  std::vector<std::string> order;

 private:
  std::map<std::string, std::string> seen_;
  std::ostringstream log_;
  std::shared_ptr<spdlog::logger> before_;
};

}  // namespace cellwarden::test
