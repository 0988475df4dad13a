#include "daemon/commands/read.h"

#include <unistd.h>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include <ostream>

#include "daemon/commands/lines.h"
#include "daemon/commands/pack_table.h"
#include "protocols/battery_json.h"

namespace cellwarden {

namespace {

using nlohmann::json;

/// A value as the owner reads it: 3.65, on, unknown, "a, b".
std::string plain(const json& value) {
  if (value.is_null()) return "unknown";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
  if (!value.is_array()) return value.dump();
  std::string list;
  for (const auto& element : value) list += (list.empty() ? "" : ", ") + (element.is_null() ? "-" : plain(element));
  return list.empty() ? "none" : list;
}

void print_block(std::ostream& out, const char* heading, const json& block) {
  out << heading << '\n';
  for (const auto& [key, value] : block.items()) {
    if (!value.is_null())
      out << "  " << key << std::string(key.size() < 24 ? 24 - key.size() : 1, ' ') << plain(value) << '\n';
  }
}

/// Shows what comes; ends the loop after the first reading unless it follows.
class Reader : public PackObserver {
 public:
  /// `recorded`: from a capture, so nobody knows when it was taken.
  Reader(boost::asio::io_context& io, const ReadOptions& options, bool recorded, std::ostream& out)
      : io_(io),
        options_(options),
        recorded_(recorded),
        out_(out),
        table_(options.follow && !options.json && isatty(STDOUT_FILENO)) {}

  bool has_read() const { return row_.reading.has_value(); }
  const std::string& why() const { return row_.why; }

  void on_info(const std::string&, const Identity& identity, const Limits& limits) override {
    identity_ = identity;
    limits_ = limits;
  }

  void on_status(const std::string& id, bool online, const std::string& why) override {
    row_.id = id;
    row_.online = online;
    row_.why = why;
    if (options_.follow && has_read()) show();
  }

  void on_reading(const std::string& id, const Reading& reading, const Counters&) override {
    row_.id = id;
    row_.reading = reading;
    if (recorded_) row_.reading->taken_at.reset();
    if (options_.follow) {
      show();
    } else {
      show_all();
      io_.stop();
    }
  }

 private:
  void show() {
    if (options_.json) {
      out_ << json{{"online", row_.online}, {"reading", to_json(*row_.reading)}}.dump() << std::endl;
    } else if (table_) {
      out_ << "\033[H\033[J" << pack_table({row_}) << std::flush;
    } else {
      out_ << pack_line(row_) << std::endl;
    }
  }

  void show_all() {
    const json all{{"reading", to_json(*row_.reading)}, {"limits", to_json(limits_)}, {"identity", to_json(identity_)}};
    if (options_.json) {
      out_ << all.dump() << std::endl;
      return;
    }
    print_block(out_, "reading", all["reading"]);
    if (limits_ == Limits{}) {
      out_ << "limits\n  unknown: this board does not tell them; write yours under limits = { ... } in the config\n";
    } else {
      print_block(out_, "limits", all["limits"]);
    }
    print_block(out_, "identity", all["identity"]);
  }

  boost::asio::io_context& io_;
  ReadOptions options_;
  bool recorded_;
  std::ostream& out_;
  bool table_;
  PackRow row_;
  Identity identity_;
  Limits limits_;
};

}  // namespace

int read_pack(const PackConfig& pack, const ReadOptions& options, std::ostream& out, std::ostream& err) {
  const bool recorded = pack.link.kind == LinkAddress::Kind::capture;
  if (recorded && options.follow) {
    err << "a recording does not go on: leave out --follow\n";
    return 2;
  }
  try {
    check_opens(pack);
  } catch (const LinkLost& lost) {
    err << lost.what() << '\n';
    return 3;
  }

  boost::asio::io_context io(1);
  Reader reader(io, options, recorded, out);
  // Standard output is for readings alone.
  const auto logger = std::make_shared<spdlog::logger>("read", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_pattern("%l: %v");
  logger->set_level(options.follow ? spdlog::level::info : spdlog::level::off);
  spdlog::set_default_logger(logger);
  Lines lines(io, reader);
  lines.set({pack}, ServiceConfig{}.offline_after_polls);

  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { io.stop(); });
  boost::asio::steady_timer patience(io);
  if (!options.follow) {
    err << "asking " << pack.link.text() << " ...\n";
    const bool by_radio = pack.link.kind == LinkAddress::Kind::ble;
    patience.expires_after(std::chrono::duration_cast<Duration>(by_radio ? options.radio_patience : options.patience));
    patience.async_wait([&](auto error) {
      if (!error) io.stop();
    });
  }
  io.run();
  lines.stop();
  if (reader.has_read()) return 0;
  if (recorded) {
    err << pack.link.path << " holds no whole reading in answer to what " << pack.protocol
        << " asks; `cellwarden decode` takes a recording as it is\n";
  } else {
    err << (reader.why().empty() ? "nothing was heard" : reader.why()) << '\n';
  }
  return 1;
}

}  // namespace cellwarden
