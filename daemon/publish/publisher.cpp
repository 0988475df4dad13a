#include "daemon/publish/publisher.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <random>

#include "daemon/publish/announcer.h"
#include "daemon/publish/insight_schedule.h"
#include "daemon/publish/messages.h"
#include "daemon/publish/mqtt_client.h"
#include "daemon/publish/publish_schedule.h"
#include "daemon/publish/published_banks.h"
#include "daemon/publish/release_wish.h"
#include "daemon/publish/shapes.h"

namespace cellwarden {
namespace {

namespace asio = boost::asio;

std::chrono::milliseconds random_birth_delay() {
  static std::mt19937 random{std::random_device{}()};
  return std::chrono::milliseconds(std::uniform_int_distribution<int>(1000, 10000)(random));
}

struct Pack {
  PackDevice device;
  PublishSchedule schedule;
  Limits limits = {};
  std::optional<Reading> reading = {};
  std::optional<Energy> energy = {};
  std::optional<std::vector<Alert>> alerts = {};  ///< what stands; absent: nobody judges
  std::optional<LinkCounters> link = {};          ///< absent: on a wire
  InsightSchedule insight_schedule = {};
  std::string insight = {};  ///< as last published
  bool online = false;
  bool fresh = false;  ///< `reading` came after the pack was last away

  /// What is told of it: "online" only over values that are.
  std::string status() const { return online && fresh ? "online" : "offline"; }
};

}  // namespace

struct Publisher::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::any_io_executor executor, const MqttConfig& mqtt, const HomeAssistantConfig& home_assistant,
       std::vector<PackConfig> configs, const std::vector<BankSettings>& bank_settings,
       std::filesystem::path the_state_dir, PublisherTimes the_times)
      : config(home_assistant),
        topics{mqtt.topic},
        announcer(topics, home_assistant, client),
        state_dir(std::move(the_state_dir)),
        times(std::move(the_times)),
        birth_timer(executor),
        settle_timer(executor),
        broker(mqtt.broker),
        publish_min(mqtt.publish_min),
        publish_max(mqtt.publish_max),
        insight_min(mqtt.insight_min),
        banks(topics, client, publish_min.count(), publish_max.count()),
        client(executor, mqtt,
               {.on_connected = [this] { connected(); },
                .on_disconnected = [this] { disconnected(); },
                .on_failure = [this](const std::string& why) { failed(why); },
                .on_message = [this](const MqttMessage& message) { received(message); }},
               MqttWill{topics.status(), "offline"}, times.reconnect_first, times.reconnect_most) {
    set_packs(std::move(configs), bank_settings);
    if (!times.birth_delay) times.birth_delay = random_birth_delay;
  }

  void set_packs(std::vector<PackConfig> configs, const std::vector<BankSettings>& bank_settings) {
    banks.set(bank_settings);
    const auto shapes = load_shapes(state_dir);
    std::map<std::string, Pack> before = std::exchange(packs, {});
    for (auto& config_of_pack : configs) {
      const std::string id = config_of_pack.id;
      const auto known = before.find(id);
      if (known != before.end() && known->second.device.config == config_of_pack) {
        packs.insert(before.extract(known));
        continue;
      }
      const auto shape = shapes.find(id);
      packs.emplace(id, Pack{.device = {.config = std::move(config_of_pack),
                                        .identity = {},
                                        .shape = shape == shapes.end() ? Shape{} : shape->second},
                             .schedule = {publish_min.count(), publish_max.count()}});
    }
    announcer.keep_only([this](const std::string& id) { return packs.contains(id) || banks.contains(id); });
    if (client.connected()) announce_and_tidy();
  }

  // ---- the broker ----

  void connected() {
    if (!last_failure.empty() || !ever_connected) spdlog::info("mqtt: connected to {}", broker);
    last_failure.clear();
    ever_connected = true;
    announce_and_tidy();
  }

  void announce_and_tidy() {
    announcer.listen();
    if (announcer.announces()) client.subscribe(config.birth_topic);
    if (release) client.subscribe(topics.release("+"));
    announce_all();
    after(settle_timer, times.listen_for_leftovers, [](Impl& self) { self.settle(); });
  }

  void disconnected() {
    spdlog::warn("mqtt: the connection to {} is lost; connecting again", broker);
    last_failure = "lost";
    announcer.disconnected();
    birth_timer.cancel();
    settle_timer.cancel();
  }

  void failed(const std::string& why) {
    if (why == last_failure) return spdlog::debug("mqtt: {}: {}", broker, why);
    last_failure = why;
    spdlog::warn("mqtt: {}: {}; trying again until it works", broker, why);
  }

  void received(const MqttMessage& message) {
    if (announcer.announces() && message.topic == config.birth_topic && !message.retained) {
      if (message.payload == config.birth_payload)
        after(birth_timer, times.birth_delay(), [](Impl& self) { self.announce_all(); });
      return;
    }
    if (const auto wish = release_wish(topics, message)) {
      if (release && packs.contains(wish->pack_id)) release(wish->pack_id, wish->minutes);
      return;
    }
    announcer.hear(message);
  }

  void after(asio::steady_timer& timer, std::chrono::milliseconds delay, void (*what)(Impl&)) {
    timer.expires_after(delay);
    timer.async_wait([weak = weak_from_this(), what](boost::system::error_code failure) {
      const auto self = weak.lock();
      if (!failure && self && self->client.connected()) what(*self);
    });
  }

  // ---- what there is ----

  void announce_all() {
    client.publish(topics.status(), "online", true, 1);
    for (const auto& [id, pack] : packs) publish_status(id, pack);
    banks.publish_statuses();
    announcer.announce_service();
    for (const auto& [id, pack] : packs) {
      announcer.announce(pack.device);
      publish_info(id, pack);
      if (pack.reading) publish_state(id, pack);
      publish_alerts(id, pack);
      if (!pack.insight.empty()) client.publish(topics.insight(id), pack.insight, true, 0);
    }
    for (const BankSettings& bank : banks.settings()) {
      announcer.announce(bank);
      banks.publish_all(bank.id);
    }
  }

  void settle() {
    std::vector<PackDevice> devices;
    for (const auto& [id, pack] : packs) devices.push_back(pack.device);
    announcer.settle(devices, banks.settings());
  }

  void publish_status(const std::string& id, const Pack& pack) {
    client.publish(topics.status(id), pack.status(), true, 1);
  }
  void publish_info(const std::string& id, const Pack& pack) {
    client.publish(topics.info(id), info_message(pack.device.identity, pack.limits, pack.device.config.limits), true,
                   1);
  }
  void publish_state(const std::string& id, const Pack& pack) {
    client.publish(topics.state(id), state_message(*pack.reading, pack.energy, pack.alerts, pack.link), true, 0);
  }
  void publish_alerts(const std::string& id, const Pack& pack) {
    if (pack.alerts) client.publish(topics.alerts(id), alerts_message(*pack.alerts), true, 1);
  }

  // ---- the packs ----

  void reading(const std::string& id, const Reading& news, const LinkCounters& link) {
    const auto found = packs.find(id);
    if (found == packs.end()) return;
    Pack& pack = found->second;
    if (pack.device.config.link.kind == LinkAddress::Kind::ble) pack.link = link;
    Shape shape = pack.device.shape;
    learn(shape, news);
    learn(shape, pack.link);
    if (pack.energy) learn(shape, *pack.energy);
    if (pack.alerts) learn_alerts(shape, pack.device.config.alerts.cell_delta_mv.has_value());
    const bool back = !std::exchange(pack.fresh, true);
    pack.reading = news;
    const bool grown = grow(pack, std::move(shape));
    if (grown || back || pack.schedule.due(news, news.steady_s)) {
      pack.schedule.published(news, news.steady_s);
      publish_state(id, pack);
    }
    if (back) publish_status(id, pack);
  }

  /// A shape that changed is kept, and its entities announced.
  bool grow(Pack& pack, Shape shape) {
    if (shape == pack.device.shape) return false;
    pack.device.shape = std::move(shape);
    save();
    if (client.connected()) announcer.announce(pack.device);
    return true;
  }

  void insight(const std::string& id, const Insight& news) {
    const auto found = packs.find(id);
    if (found == packs.end() || !found->second.reading) return;
    Pack& pack = found->second;
    if (!pack.insight_schedule.due(news, pack.reading->steady_s, insight_min.count())) return;
    pack.insight = insight_message(news);
    client.publish(topics.insight(id), pack.insight, true, 0);  // before its entities: they look at it
    Shape shape = pack.device.shape;
    learn(shape, news);
    grow(pack, std::move(shape));
  }

  void alerts(const std::string& id, const std::vector<Alert>& standing, const std::vector<AlertEvent>& events) {
    const auto found = packs.find(id);
    if (found == packs.end()) return;
    Pack& pack = found->second;
    pack.alerts = standing;
    publish_alerts(id, pack);
    for (const auto& event : events) client.publish(topics.event(id), event_message(event), false, 1);
    if (pack.fresh) publish_state(id, pack);
  }

  void save() const {
    std::map<std::string, Shape> shapes;
    for (const auto& [id, pack] : packs)
      if (!pack.device.shape.empty()) shapes.emplace(id, pack.device.shape);
    save_shapes(state_dir, shapes);
  }

  HomeAssistantConfig config;
  Topics topics;
  Announcer announcer;
  std::filesystem::path state_dir;
  PublisherTimes times;
  asio::steady_timer birth_timer, settle_timer;
  std::string broker;
  Seconds publish_min, publish_max, insight_min;
  std::map<std::string, Pack> packs;
  PublishedBanks banks;
  bool ever_connected = false;
  std::string last_failure;
  OnRelease release;
  MqttClient client;
};

Publisher::Publisher(asio::any_io_executor executor, const MqttConfig& mqtt, const HomeAssistantConfig& home_assistant,
                     std::vector<PackConfig> packs, const std::vector<BankSettings>& banks,
                     std::filesystem::path state_dir, PublisherTimes times)
    : impl_(std::make_shared<Impl>(executor, mqtt, home_assistant, std::move(packs), banks, std::move(state_dir),
                                   std::move(times))) {}
Publisher::~Publisher() = default;

void Publisher::start() { impl_->client.start(); }
void Publisher::stop() {
  impl_->birth_timer.cancel();
  impl_->settle_timer.cancel();
  impl_->client.stop();
}
bool Publisher::connected() const { return impl_->client.connected(); }
void Publisher::set_packs(std::vector<PackConfig> packs, const std::vector<BankSettings>& banks) {
  impl_->set_packs(std::move(packs), banks);
}

void Publisher::on_release(OnRelease on_release) { impl_->release = std::move(on_release); }

void Publisher::on_reading(const std::string& pack_id, const Reading& reading, const Counters& counters) {
  impl_->reading(pack_id, reading, counters.link);
}

void Publisher::on_energy(const std::string& pack_id, const Energy& energy) {
  const auto found = impl_->packs.find(pack_id);
  if (found != impl_->packs.end()) found->second.energy = energy;
}

void Publisher::on_insight(const std::string& pack_id, const Insight& insight) { impl_->insight(pack_id, insight); }

void Publisher::on_bank(const std::string& bank_id, const BankState& bank) { impl_->banks.take(bank_id, bank); }

void Publisher::on_alerts(const std::string& pack_id, const std::vector<Alert>& standing,
                          const std::vector<AlertEvent>& events) {
  impl_->alerts(pack_id, standing, events);
}

void Publisher::on_info(const std::string& pack_id, const Identity& identity, const Limits& limits) {
  const auto found = impl_->packs.find(pack_id);
  if (found == impl_->packs.end()) return;
  Pack& pack = found->second;
  const bool new_device = pack.device.identity != identity;
  pack.device.identity = identity;
  pack.limits = limits;
  if (new_device && impl_->client.connected()) impl_->announcer.announce(pack.device);
  impl_->publish_info(pack_id, pack);
}

void Publisher::on_status(const std::string& pack_id, bool online, const std::string&) {
  const auto found = impl_->packs.find(pack_id);
  if (found == impl_->packs.end()) return;
  Pack& pack = found->second;
  pack.online = online;
  const bool was_fresh = !online && std::exchange(pack.fresh, false);
  if (!online) pack.schedule.forget();
  impl_->publish_status(pack_id, pack);
  // What went out last may be a minute older than what was heard last: when that was must be right from now on.
  if (was_fresh) impl_->publish_state(pack_id, pack);
}

}  // namespace cellwarden
