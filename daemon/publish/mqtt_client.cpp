#include "daemon/publish/mqtt_client.h"

#include <MQTTAsync.h>
#include <mqtt/async_client.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <fstream>
#include <mutex>

#include "daemon/publish/mqtt_reasons.h"

namespace cellwarden {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Paho refuses a publish beyond this many unsent messages: a broker that accepts and then stalls must not eat memory.
constexpr int most_unsent = 10000;
constexpr std::size_t most_waiting = 200;

std::string default_client_id(const std::string& topic) {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  return topic + "-" + host;
}

std::string paho_uri(const std::string& broker) {
  const auto after = [&](std::string_view scheme) { return broker.substr(scheme.size()); };
  if (broker.starts_with("mqtts://")) return "ssl://" + after("mqtts://");
  if (broker.starts_with("mqtt://")) return "tcp://" + after("mqtt://");
  return broker;
}

/// A host without a port gets the usual one of its scheme, which Paho does not know for ssl://.
std::string with_port(std::string uri) {
  const auto host = uri.find("://") + 3;
  const auto bracket = uri.find(']', host);
  if (uri.find(':', bracket == std::string::npos ? host : bracket) == std::string::npos)
    uri += uri.starts_with("ssl://") ? ":8883" : ":1883";
  return uri;
}

std::string read_password(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string password((std::istreambuf_iterator<char>(in)), {});
  if (!in)
    throw std::runtime_error("cannot read the password file " + file.string() + "; check its name and its rights");
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) password.pop_back();
  return password;
}

/// Paho would set OpenSSL up at once, more than 1 MB that no broker without TLS needs; with TLS OpenSSL does it itself.
void leave_openssl_alone() {
  static std::once_flag once;
  std::call_once(once, [] {
    MQTTAsync_init_options all = MQTTAsync_init_options_initializer;
    all.do_openssl_init = 0;
    MQTTAsync_global_init(&all);
  });
}

}  // namespace

struct MqttClient::Impl : std::enable_shared_from_this<Impl>, mqtt::iaction_listener {
  enum class State { stopped, connecting, connected, waiting };

  Impl(asio::any_io_executor the_executor, const MqttConfig& the_config, Callbacks the_callbacks,
       std::optional<MqttWill> the_will, std::chrono::milliseconds first, std::chrono::milliseconds most)
      : executor(the_executor),
        config(the_config),
        callbacks(std::move(the_callbacks)),
        will(std::move(the_will)),
        first_delay(first),
        most_delay(most),
        retry(the_executor),
        version(config.version == 5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1),
        paho(with_port(paho_uri(config.broker)),
             config.client_id.empty() ? default_client_id(config.topic) : config.client_id,
             mqtt::create_options_builder().mqtt_version(version).max_buffered_messages(most_unsent).finalize(),
             nullptr) {}

  /// Hands `what` over to the one thread. Called on Paho's threads.
  void post(std::function<void(Impl&)> what) {
    asio::post(executor, [weak = weak_from_this(), what = std::move(what)] {
      if (const auto self = weak.lock(); self && self->state != State::stopped) what(*self);
    });
  }

  void on_success(const mqtt::token&) override {
    post([](Impl& self) { self.connected(); });
  }
  void on_failure(const mqtt::token& token) override {
    post([code = token.get_return_code(), reason = static_cast<int>(token.get_reason_code())](Impl& self) {
      self.failed(self.refusal(code, reason));
    });
  }

  void install_callbacks() {
    paho.set_connection_lost_handler([this](const std::string&) { post([](Impl& self) { self.lost(); }); });
    paho.set_disconnected_handler(
        [this](const mqtt::properties&, mqtt::ReasonCode) { post([](Impl& self) { self.lost(); }); });
    paho.set_message_callback([this](const mqtt::const_message_ptr& message) {
      post([news = MqttMessage{message->get_topic(), message->to_string(), message->is_retained()}](Impl& self) {
        if (self.callbacks.on_message) self.callbacks.on_message(news);
      });
    });
  }

  mqtt::connect_options options() {
    mqtt::connect_options_builder all;
    all.mqtt_version(version).keep_alive_interval(20s).connect_timeout(10s).max_inflight(1000);
    version == MQTTVERSION_5 ? all.clean_start(true) : all.clean_session(true);
    if (!config.username.empty()) all.user_name(config.username);
    if (!config.password_file.empty()) all.password(read_password(config.password_file));
    if (will) all.will(mqtt::message(will->topic, will->payload, 1, true));
    if (config.broker.starts_with("mqtts://")) all.ssl(tls());
    return all.finalize();
  }

  /// Without Paho's error handler, which would tell what OpenSSL has against a certificate: version 1.2 calls it on a
  /// copy of the options that is gone by then, and crashes.
  mqtt::ssl_options tls() const {
    mqtt::ssl_options_builder all;
    all.enable_server_cert_auth(true).verify(true);
    if (!config.ca_file.empty()) {
      if (::access(config.ca_file.c_str(), R_OK) != 0)
        throw std::runtime_error("cannot read the CA file " + config.ca_file.string() +
                                 "; check its name and its rights");
      all.trust_store(config.ca_file.string());
    }
    return all.finalize();
  }

  void connect() {
    state = State::connecting;
    try {
      paho.connect(options(), nullptr, *this);
    } catch (const std::exception& what) {
      failed(what.what());
    }
  }

  std::string refusal(int code, int reason) const {
    return why_refused(
        {.code = code, .reason = reason, .v5 = config.version == 5, .tls = config.broker.starts_with("mqtts://")});
  }

  void connected() {
    if (state != State::connecting) return;
    state = State::connected;
    delay = first_delay;
    if (callbacks.on_connected) callbacks.on_connected();
    for (auto& message : std::exchange(waiting, {})) send(message.topic, message.payload, false, 1);
    if (!paho.is_connected()) lost();  // it went before its success was told
  }

  void failed(const std::string& why) {
    if (state != State::connecting) return;
    if (callbacks.on_failure) callbacks.on_failure(why);
    try_later();
  }

  void lost() {
    if (state != State::connected) return;
    state = State::waiting;
    if (callbacks.on_disconnected) callbacks.on_disconnected();
    delay = first_delay;
    if (state != State::stopped) try_later();
  }

  void try_later() {
    state = State::waiting;
    retry.expires_after(delay);
    delay = std::min(delay * 2, most_delay);
    retry.async_wait([weak = weak_from_this()](boost::system::error_code failure) {
      const auto self = weak.lock();
      if (!failure && self && self->state == State::waiting) self->connect();
    });
  }

  void publish(const std::string& topic, const std::string& payload, bool retain, int qos) {
    if (state == State::connected) return send(topic, payload, retain, qos);
    if (retain) return;
    waiting.push_back({topic, payload, false});
    if (waiting.size() <= most_waiting) return;
    spdlog::warn("mqtt: no broker, and more than {} events wait: dropped the oldest, of {}", most_waiting,
                 waiting.front().topic);
    waiting.pop_front();
  }

  void send(const std::string& topic, const std::string& payload, bool retain, int qos) {
    try {
      paho.publish(topic, payload.data(), payload.size(), qos, retain);
      dropped = 0;
    } catch (const mqtt::exception& what) {
      if (dropped++ == 0)
        spdlog::warn("mqtt: the broker does not take what is published ({}); dropping, first {}", what.what(), topic);
    }
  }

  void stop() {
    const bool was_connected = state == State::connected;
    state = State::stopped;
    retry.cancel();
    try {
      if (was_connected && will)
        paho.publish(will->topic, will->payload.data(), will->payload.size(), 1, true)->wait_for(1000ms);
      if (paho.is_connected()) paho.disconnect(500)->wait_for(1000ms);
    } catch (const std::exception& what) {
      spdlog::debug("mqtt: goodbye failed: {}", what.what());
    }
  }

  asio::any_io_executor executor;
  MqttConfig config;
  Callbacks callbacks;
  std::optional<MqttWill> will;
  std::chrono::milliseconds first_delay, most_delay, delay = first_delay;
  asio::steady_timer retry;
  State state = State::stopped;
  std::deque<MqttMessage> waiting;
  std::size_t dropped = 0;
  int version;
  mqtt::async_client paho;  // last: its threads are gone before what they use
};

MqttClient::MqttClient(asio::any_io_executor executor, const MqttConfig& config, Callbacks callbacks,
                       std::optional<MqttWill> will, std::chrono::milliseconds reconnect_first,
                       std::chrono::milliseconds reconnect_most) {
  leave_openssl_alone();
  impl_ =
      std::make_shared<Impl>(executor, config, std::move(callbacks), std::move(will), reconnect_first, reconnect_most);
  impl_->install_callbacks();
}

MqttClient::~MqttClient() {
  try {
    if (impl_->state != Impl::State::stopped) stop();
  } catch (const std::exception&) {  // a goodbye that cannot be said is what the will is for
  }
}

void MqttClient::start() {
  if (impl_->state == Impl::State::stopped) impl_->connect();
}
void MqttClient::stop() { impl_->stop(); }
bool MqttClient::connected() const { return impl_->state == Impl::State::connected; }

void MqttClient::publish(const std::string& topic, const std::string& payload, bool retain, int qos) {
  impl_->publish(topic, payload, retain, qos);
}

void MqttClient::subscribe(const std::string& topic) {
  if (!connected()) return;
  try {
    impl_->paho.subscribe(topic, 1);
  } catch (const mqtt::exception& what) {
    spdlog::warn("mqtt: cannot subscribe to {}: {}", topic, what.what());
  }
}

void MqttClient::unsubscribe(const std::string& topic) {
  if (!connected()) return;
  try {
    impl_->paho.unsubscribe(topic);
  } catch (const mqtt::exception&) {  // the connection has just gone, and the subscription with it
  }
}

}  // namespace cellwarden
