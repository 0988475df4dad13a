#include "daemon/commands/run.h"

#include <unistd.h>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <ostream>
#include <utility>

#include "daemon/analysis/insight.h"
#include "daemon/analyst/analyst.h"
#include "daemon/banks/banks.h"
#include "daemon/commands/alert_hook.h"
#include "daemon/commands/analysis_settings.h"
#include "daemon/commands/demo_time.h"
#include "daemon/commands/lines.h"
#include "daemon/commands/pack_table.h"
#include "daemon/commands/systemd.h"
#include "daemon/commands/ticker.h"
#include "daemon/history/chronicle.h"
#include "daemon/history/energy_keeper.h"
#include "daemon/history/found_store.h"
#include "daemon/history/state_store.h"
#include "daemon/publish/publisher.h"

namespace cellwarden {

namespace {

/// Without a broker the packs are shown here: redrawn on a terminal, a line per pack and interval into a pipe.
class Screen : public PackObserver {
 public:
  Screen(const Config& config, std::ostream& out) : out_(out), table_(isatty(STDOUT_FILENO)) {
    for (const PackConfig& pack : config.packs) rows_.push_back({pack.id, false, "not heard yet", {}});
    for (const BankSettings& bank : config.banks) banks_.push_back({bank.id, {}});
  }

  void on_reading(const std::string& id, const Reading& reading, const Counters&) override {
    PackRow& changed = row(id);
    changed.reading = reading;
    show(changed);
  }
  /// Shown with the next reading.
  void on_insight(const std::string& id, const Insight& now) override {
    const auto verdict = now.charge_verdict.value;
    row(id).outlook = {verdict ? std::string(name(*verdict)) : "",
                       now.charge_margin_mv.value,
                       now.minutes_to_stop.value,
                       now.first_full_cell.value,
                       now.first_empty_cell.value,
                       now.advice};
  }
  void on_info(const std::string&, const Identity&, const Limits&) override {}
  void on_status(const std::string& id, bool online, const std::string& why) override {
    PackRow& changed = row(id);
    changed.online = online;
    changed.why = why;
    if (!online) show(changed);
  }
  /// Into a pipe where a pack of it is lost or back; on a terminal with the next reading.
  void on_bank(const std::string& id, const BankState& news) override {
    BankRow& changed = *std::ranges::find(banks_, id, &BankRow::id);
    const bool is_news = changed.bank.stale_packs != news.stale_packs;
    changed.bank = news;
    if (!table_ && is_news) out_ << bank_line(changed) << std::endl;
  }

 private:
  PackRow& row(const std::string& id) { return *std::ranges::find(rows_, id, &PackRow::id); }
  void show(const PackRow& changed) {
    if (table_) {
      out_ << "\033[H\033[J" << pack_table(rows_, banks_) << std::flush;
    } else {
      out_ << pack_line(changed) << std::endl;
    }
  }

  std::ostream& out_;
  bool table_;
  std::vector<PackRow> rows_;
  std::vector<BankRow> banks_;
};

void start_log(const std::string& level) {
  std::shared_ptr<spdlog::logger> logger;
  if (std::getenv("JOURNAL_STREAM") != nullptr) {
    logger = spdlog::create<spdlog::sinks::systemd_sink_st>("cellwarden");  // with priorities; journald has the date
  } else {
    logger = spdlog::stderr_logger_st("cellwarden");
    logger->set_pattern("%l: %v");
  }
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_level(spdlog::level::from_str(level));
}

/// systemd's, which lies in memory (cellwarden.service); without systemd there is only the state directory.
std::filesystem::path runtime_dir(const ServiceConfig& service) {
  const char* given = std::getenv("RUNTIME_DIRECTORY");
  const std::string directory = given ? given : "";
  if (directory.empty()) return service.state_dir / "run";
  return directory.substr(0, directory.find(':'));
}

UtcTime utc_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string packs_text(std::size_t count) { return std::to_string(count) + (count == 1 ? " pack" : " packs"); }

std::vector<AnalysedPack> analysed(const std::vector<PackConfig>& packs) {
  std::vector<AnalysedPack> all;
  all.reserve(packs.size());
  for (const PackConfig& pack : packs) all.push_back({pack.id, analysis_settings(pack), pack.alerts});
  return all;
}

std::vector<BankedPack> banked(const std::vector<PackConfig>& packs) {
  std::vector<BankedPack> all;
  all.reserve(packs.size());
  for (const PackConfig& pack : packs) all.push_back({pack.id, pack.capacity_ah, pack.chemistry, pack.limits});
  return all;
}

/// The config as it stands in the file now; empty when it has faults: then what runs goes on.
std::optional<Config> read_again(const std::filesystem::path& file) {
  auto read = read_config(file);
  if (auto* config = std::get_if<Config>(&read)) return std::move(*config);
  for (const ConfigFault& fault : std::get<std::vector<ConfigFault>>(read)) spdlog::error("{}", fault.text());
  spdlog::error("the config has faults: everything goes on as before");
  return std::nullopt;
}

/// The service by one config, until a signal ends it or another config needs more than other packs: then that one.
std::optional<Config> serve(boost::asio::io_context& io, boost::asio::signal_set& signals, Systemd& systemd,
                            const std::filesystem::path& file, Config config, double speed, std::ostream& out) {
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<PackObserver> screen;
  if (config.mqtt) {
    publisher = std::make_unique<Publisher>(io.get_executor(), *config.mqtt, config.home_assistant, config.packs,
                                            config.banks, config.service.state_dir);
  } else {
    spdlog::info("no [mqtt] in {}: running without a broker", file.string());
    screen = std::make_unique<Screen>(config, out);
  }
  PackObserver& observer = publisher ? *publisher : *screen;
  EnergyStore store(open_history(config.service.state_dir, history_schema(), utc_now()), runtime_dir(config.service));
  StateStore states(store.history());
  Chronicle chronicle(store.history());
  AlertHook hook(io.get_executor(), config.service);
  Banks banks(observer);
  banks.set(banked(config.packs), config.banks);
  Analyst analyst(states, chronicle, banks, [&](const AlertEvent& event) { hook.tell(event); });
  analyst.set_packs(analysed(config.packs));
  EnergyKeeper keeper(store, analyst);
  DemoTime time(speed, keeper);
  Ticker ticker(io.get_executor(), [&](double steady_s) { analyst.on_tick(time.steady_s(steady_s), utc_now()); });
  FoundStore found(store.history());
  Lines lines(io, time, config.bluetooth, &found);
  lines.set(config.packs, config.service.offline_after_polls);
  if (publisher) {
    publisher->on_release([&lines](const std::string& pack_id, double minutes) {
      const std::chrono::duration<double, std::ratio<60>> asked(minutes);
      if (!lines.release(pack_id, std::chrono::duration_cast<Duration>(asked))) {
        spdlog::warn("{}: has no Bluetooth link to release", pack_id);
      }
    });
    publisher->start();
  }
  spdlog::info("running with {}", packs_text(config.packs.size()));
  systemd.ready();
  systemd.status(packs_text(config.packs.size()));

  std::optional<Config> next;
  const auto reload = [&] {
    systemd.reloading();
    next = read_again(file);
    const bool only_packs = next && publisher && next->mqtt == config.mqtt &&
                            next->home_assistant == config.home_assistant && next->service == config.service &&
                            next->bluetooth == config.bluetooth;
    if (next && !only_packs) return false;
    if (next) {
      config = *std::exchange(next, std::nullopt);
      publisher->set_packs(config.packs, config.banks);
      banks.set(banked(config.packs), config.banks);
      analyst.set_packs(analysed(config.packs));
      lines.set(config.packs, config.service.offline_after_polls);
      spdlog::info("config read again: {}", packs_text(config.packs.size()));
      systemd.status(packs_text(config.packs.size()));
    }
    systemd.ready();
    return true;
  };
  std::function<void()> listen = [&] {
    signals.async_wait([&](boost::system::error_code, int number) {
      if (number == SIGHUP && reload()) return listen();
      io.stop();
    });
  };
  listen();
  io.restart();
  io.run();
  if (!next) systemd.stopping();
  if (publisher) publisher->stop();
  lines.stop();
  keeper.save();
  analyst.save();
  return next;
}

}  // namespace

int run_service(const std::filesystem::path& file, double speed, std::ostream& out, std::ostream& err) {
  auto read = read_config(file);
  if (const auto* faults = std::get_if<std::vector<ConfigFault>>(&read)) {
    for (const ConfigFault& fault : *faults) err << fault.text() << '\n';
    return 2;
  }
  boost::asio::io_context io(1);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM, SIGHUP);
  Systemd systemd(io.get_executor());
  std::optional<Config> config = std::move(std::get<Config>(read));
  start_log(config->service.log_level);
  if (speed != real_time) {
    spdlog::warn("a demonstration: time goes {} times as fast; with a real battery every Ah and kWh would be wrong",
                 speed);
  }
  while (config) {
    spdlog::set_level(spdlog::level::from_str(config->service.log_level));
    config = serve(io, signals, systemd, file, std::move(*config), speed, out);
  }
  return 0;
}

}  // namespace cellwarden
