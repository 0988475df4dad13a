#include "daemon/commands/run.h"

#include <unistd.h>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <ostream>

#include "daemon/commands/lines.h"
#include "daemon/commands/pack_table.h"
#include "daemon/publish/publisher.h"

namespace cellwarden {

namespace {

/// Without a broker the packs are shown here: redrawn on a terminal, a line per pack and interval into a pipe.
class Screen : public PackObserver {
 public:
  Screen(const std::vector<PackConfig>& packs, std::ostream& out) : out_(out), table_(isatty(STDOUT_FILENO)) {
    for (const PackConfig& pack : packs) rows_.push_back({pack.id, false, "not heard yet", {}});
  }

  void on_reading(const std::string& id, const Reading& reading, const Counters&) override {
    PackRow& changed = row(id);
    changed.reading = reading;
    show(changed);
  }
  void on_info(const std::string&, const Identity&, const Limits&) override {}
  void on_status(const std::string& id, bool online, const std::string& why) override {
    PackRow& changed = row(id);
    changed.online = online;
    changed.why = why;
    if (!online) show(changed);
  }

 private:
  PackRow& row(const std::string& id) { return *std::ranges::find(rows_, id, &PackRow::id); }
  void show(const PackRow& changed) {
    if (table_) {
      out_ << "\033[H\033[J" << pack_table(rows_) << std::flush;
    } else {
      out_ << pack_line(changed) << std::endl;
    }
  }

  std::ostream& out_;
  bool table_;
  std::vector<PackRow> rows_;
};

void log_to_journal(const std::string& level) {
  auto logger = spdlog::stderr_logger_st("cellwarden");
  logger->set_pattern("%l: %v");  // journald has the date
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace

int run_service(const std::filesystem::path& file, std::ostream& out, std::ostream& err) {
  auto read = read_config(file);
  if (const auto* faults = std::get_if<std::vector<ConfigFault>>(&read)) {
    for (const ConfigFault& fault : *faults) err << fault.text() << '\n';
    return 2;
  }
  const Config& config = std::get<Config>(read);
  log_to_journal(config.service.log_level);

  boost::asio::io_context io(1);
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<PackObserver> screen;
  if (config.mqtt) {
    publisher = std::make_unique<Publisher>(io.get_executor(), *config.mqtt, config.home_assistant, config.packs,
                                            config.service.state_dir);
  } else {
    spdlog::info("no [mqtt] in {}: running without a broker", file.string());
    screen = std::make_unique<Screen>(config.packs, out);
  }
  PackObserver& observer = publisher ? *publisher : *screen;

  Lines lines = make_lines(io, config.packs, config.service, observer);
  start(io, lines);
  if (publisher) publisher->start();
  spdlog::info("running with {} pack{}", config.packs.size(), config.packs.size() == 1 ? "" : "s");

  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { io.stop(); });
  io.run();
  if (publisher) publisher->stop();
  stop(io, lines);
  return 0;
}

}  // namespace cellwarden
