#include "daemon/commands/release.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdio>
#include <ostream>

#include "daemon/publish/mqtt_client.h"
#include "daemon/publish/release_wish.h"
#include "daemon/publish/topics.h"

namespace cellwarden {

namespace {

/// A broker sends what it keeps at once.
constexpr std::chrono::seconds patience(5);

std::string minutes_text(double minutes) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", minutes);
  return text;
}

}  // namespace

int release(const Config& config, const std::string& pack_id, double minutes, std::ostream& out, std::ostream& err) {
  const auto pack = std::ranges::find(config.packs, pack_id, &PackConfig::id);
  if (pack == config.packs.end() || pack->link.kind != LinkAddress::Kind::ble) {
    err << (pack == config.packs.end() ? "there is no pack \"" + pack_id + "\"" : pack_id + " has no Bluetooth link");
    err << "; packs with one:";
    for (const PackConfig& each : config.packs) {
      if (each.link.kind == LinkAddress::Kind::ble) err << ' ' << each.id;
    }
    err << '\n';
    return 2;
  }
  if (!(minutes >= 0 && minutes <= longest_release_min)) {  // nor what is no number
    err << "minutes are " << minutes_text(minutes) << ", but must be 0 to " << longest_release_min << '\n';
    return 2;
  }

  const Topics topics{config.mqtt->topic};
  MqttConfig own = *config.mqtt;
  own.client_id = own.topic + "-release-" + std::to_string(getpid());
  boost::asio::io_context io(1);
  std::string why = "no broker answers at " + own.broker;
  bool asked = false;
  MqttClient* client = nullptr;
  MqttClient broker(io.get_executor(), own,
                    {.on_connected =
                         [&] {
                           why = "the service is not running: start it with `cellwarden run`";
                           client->subscribe(topics.status());
                         },
                     .on_disconnected = [] {},
                     .on_failure = [&](const std::string& reason) { why = reason, io.stop(); },
                     .on_message =
                         [&](const MqttMessage& message) {
                           asked = message.topic == topics.status() && message.payload == "online";
                           if (asked) client->publish(topics.release(pack_id), minutes_text(minutes), false, 1);
                           io.stop();
                         }},
                    std::nullopt);
  client = &broker;
  broker.start();
  boost::asio::steady_timer nothing_heard(io, patience);
  nothing_heard.async_wait([&](auto) { io.stop(); });
  io.run();
  broker.stop();
  if (!asked) {
    err << why << '\n';
    return 3;
  }
  if (minutes > 0) {
    out << pack_id << ": its link is left to the phone app for " << minutes_text(minutes) << " minutes (at most "
        << longest_release_min << "); to end that sooner: cellwarden release " << pack_id << " 0\n";
  } else {
    out << pack_id << ": the service takes its link back\n";
  }
  return 0;
}

}  // namespace cellwarden
