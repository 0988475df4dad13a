#include "daemon/commands/watch.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <map>
#include <set>

#include "daemon/banks/bank_json.h"
#include "daemon/commands/pack_table.h"
#include "daemon/publish/mqtt_client.h"
#include "protocols/battery_json.h"

namespace cellwarden {

namespace {

constexpr auto not_running = "the service is not running: start it with `cellwarden run`";
/// A broker sends what it keeps at once; after that long it keeps nothing.
constexpr std::chrono::seconds silence(3);

/// The packs as the broker tells of them.
class View {
 public:
  View(std::string topic, bool json) : topic_(std::move(topic)), json_(json), table_(!json && isatty(STDOUT_FILENO)) {}

  void on_message(const MqttMessage& message) {
    if (message.topic == topic_ + "/status") return on_service(message.payload == "online");
    const auto slash = message.topic.find('/', topic_.size() + 1);
    if (slash == std::string::npos) return;
    const std::string id = message.topic.substr(topic_.size() + 1, slash - topic_.size() - 1);
    const std::string what = message.topic.substr(slash + 1);
    if (message.payload.empty()) {
      rows_.erase(id), banks_.erase(id), status_known_.erase(id);  // no longer configured
      if (table_) draw();
      return;
    }
    if (what == "state" && take_bank(id, message.payload)) return show_bank(id);
    PackRow& row = rows_[id];
    row.id = id;
    if (what == "status") {
      row.online = message.payload == "online";
      status_known_.insert(id);
    } else if (what == "insight") {
      if (!take_insight(row, message.payload)) return complain(message.topic, "insight");
      if (!table_) return;  // it goes with the next reading's line
    } else if (!take_state(row, message.payload)) {
      return complain(message.topic, "reading");
    }
    show(id);
  }

  /// Nothing was kept on the broker: no service has ever spoken there.
  void on_nothing_heard() {
    if (!service_online_) on_service(false);
  }

 private:
  void on_service(bool online) {
    const bool is_news = service_online_ != online;
    service_online_ = online;
    if (table_) return draw();
    if (is_news) std::cerr << (online ? "the service is running" : not_running) << std::endl;
  }

  static bool take_state(PackRow& row, const std::string& payload) {
    try {
      row.reading = reading_from_json(nlohmann::json::parse(payload));
      return true;
    } catch (const nlohmann::json::exception&) {
      return false;
    }
  }

  /// False for a pack's state. A bank's tells by itself which packs are heard.
  bool take_bank(const std::string& id, const std::string& payload) {
    const auto json = nlohmann::json::parse(payload, nullptr, false);
    if (!is_bank(json)) return false;
    try {
      banks_[id] = {id, bank_from_json(json)};
      return true;
    } catch (const nlohmann::json::exception&) {
      return false;
    }
  }

  static bool take_insight(PackRow& row, const std::string& payload) {
    try {
      const auto json = nlohmann::json::parse(payload);
      const auto text = [&](const char* key) {
        return json.at(key).is_null() ? std::string() : json.at(key).get<std::string>();
      };
      const auto number = [&]<class T>(const char* key, std::optional<T>& into) {
        if (!json.at(key).is_null()) into = json.at(key).get<T>();
      };
      Outlook outlook{.charge_verdict = text("charge_verdict"), .advice = text("advice")};
      number("charge_margin_mv", outlook.charge_margin_mv);
      number("minutes_to_stop", outlook.minutes_to_stop);
      number("first_full_cell", outlook.first_full_cell);
      number("first_empty_cell", outlook.first_empty_cell);
      row.outlook = std::move(outlook);
      return true;
    } catch (const nlohmann::json::exception&) {
      return false;
    }
  }

  static void complain(const std::string& topic, const char* what) {
    std::cerr << topic << " holds no " << what << "; does another program write there?\n";
  }

  void show(const std::string& id) {
    if (table_) return draw();
    const auto row = rows_.find(id);
    if (row == rows_.end() || banks_.contains(id)) return;
    if (!status_known_.contains(id) || (row->second.online && !row->second.reading)) return;  // on the way
    if (json_) {
      const auto reading = row->second.reading ? to_json(*row->second.reading) : nlohmann::json(nullptr);
      std::cout << nlohmann::json{{"id", id}, {"online", row->second.online}, {"reading", reading}}.dump() << std::endl;
    } else {
      std::cout << pack_line(row->second) << std::endl;
    }
  }

  void show_bank(const std::string& id) {
    if (table_) return draw();
    const BankRow& row = banks_.at(id);
    if (json_) {
      std::cout << nlohmann::json{{"id", id}, {"online", row.bank.online()}, {"bank", to_json(row.bank)}}.dump()
                << std::endl;
    } else {
      std::cout << bank_line(row) << std::endl;
    }
  }

  void draw() const {
    std::vector<PackRow> rows;
    std::vector<BankRow> banks;
    for (const auto& [id, row] : banks_) banks.push_back(row);
    for (const auto& [id, row] : rows_)
      if (!banks_.contains(id)) rows.push_back(row);
    std::cout << "\033[H\033[J" << pack_table(rows, banks);
    if (!service_online_.value_or(true)) std::cout << '\n' << not_running << '\n';
    std::cout << std::flush;
  }

  std::string topic_;
  bool json_, table_;
  std::optional<bool> service_online_;  ///< empty until the broker told
  std::map<std::string, PackRow> rows_;
  std::set<std::string> status_known_;
  std::map<std::string, BankRow> banks_;
};

}  // namespace

int watch(const MqttConfig& mqtt, bool json, std::optional<double> seconds) {
  MqttConfig own = mqtt;
  own.client_id =
      mqtt.topic + "-watch-" + std::to_string(getpid());  // the service's own id would throw it off the broker

  boost::asio::io_context io(1);
  View view(mqtt.topic, json);
  bool connected = false;
  boost::asio::steady_timer nothing_heard(io);
  std::string why = "no broker answers at " + mqtt.broker;
  MqttClient* client = nullptr;
  MqttClient broker(io.get_executor(), own,
                    {.on_connected =
                         [&] {
                           connected = true;
                           client->subscribe(mqtt.topic + "/status");
                           // What a state says of itself, a bank's or a pack's, is known before its status is shown.
                           client->subscribe(mqtt.topic + "/+/state");
                           client->subscribe(mqtt.topic + "/+/status");
                           client->subscribe(mqtt.topic + "/+/insight");
                           nothing_heard.expires_after(silence);
                           nothing_heard.async_wait([&](auto error) {
                             if (!error) view.on_nothing_heard();
                           });
                         },
                     .on_disconnected = [] { std::cerr << "the broker is gone; trying again\n"; },
                     .on_failure =
                         [&](const std::string& reason) {
                           why = reason;
                           if (!connected) io.stop();
                         },
                     .on_message = [&](const MqttMessage& message) { view.on_message(message); }},
                    std::nullopt);
  client = &broker;
  broker.start();

  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { io.stop(); });
  boost::asio::steady_timer end(io);
  if (seconds) {
    end.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(Seconds(*seconds)));
    end.async_wait([&](auto error) {
      if (!error) io.stop();
    });
  }
  io.run();
  broker.stop();
  if (connected) return 0;
  std::cerr << why << '\n';
  return 3;
}

}  // namespace cellwarden
