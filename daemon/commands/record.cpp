#include "daemon/commands/record.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <spdlog/spdlog.h>

#include <fstream>
#include <ostream>

#include "daemon/commands/lines.h"
#include "daemon/links/capture.h"
#include "daemon/links/serial_port.h"

namespace cellwarden {

namespace {

/// Counts for the progress line; the capture itself is written by the line's tap.
class Progress : public PackObserver {
 public:
  explicit Progress(std::ostream& err) : err_(err) {}
  std::uint64_t readings = 0;
  std::string why;

  void on_reading(const std::string&, const Reading&, const Counters& counters) override {
    readings = counters.readings;
    std::uint64_t rejected = 0;
    for (const auto count : counters.rejected) rejected += count;
    const char* line_end = isatty(STDERR_FILENO) ? "\r" : "\n";
    err_ << readings << " readings, " << rejected << " rejected" << line_end << std::flush;
  }
  void on_info(const std::string&, const Identity&, const Limits&) override {}
  void on_status(const std::string&, bool, const std::string& reason) override { why = reason; }

 private:
  std::ostream& err_;
};

/// How the frames travelled, where that is not what the capture shows.
void remark_on(const PackConfig& pack, CaptureWriter& writer) {
  if (!find_protocol(pack.protocol)->modbus) return;
  if (pack.link.kind == LinkAddress::Kind::tcp) {
    writer.remark("registers read through libmodbus over Modbus TCP, shown as the RTU frames they stand for");
  } else if (pack.link.kind != LinkAddress::Kind::ble) {
    writer.remark("registers read through libmodbus; the frames are as they passed on the wire");
  }
}

}  // namespace

int record_pack(const PackConfig& pack, const std::filesystem::path& file, std::optional<Seconds> seconds,
                std::ostream& out, std::ostream& err) {
  try {
    check_opens(pack);
  } catch (const LinkLost& lost) {
    err << lost.what() << '\n';
    return 3;
  }
  std::ofstream capture(file);
  if (!capture) {
    err << "cannot write " << file.string() << "; does its folder exist, may you write there?\n";
    return 3;
  }

  spdlog::set_level(spdlog::level::off);  // the progress line speaks for it
  boost::asio::io_context io(1);
  Progress progress(err);
  Lines lines(io, progress);
  const auto began = std::chrono::steady_clock::now();
  CaptureWriter writer(capture);
  remark_on(pack, writer);
  const auto as_shown = find_protocol(pack.protocol)->as_shown;
  lines.tap([&](Direction direction, Bytes bytes) {
    const double seconds_since = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const bool is_masked = as_shown && direction == Direction::to_bms;
    writer.write(seconds_since, direction, is_masked ? as_shown(bytes) : Buffer(bytes.begin(), bytes.end()));
  });
  lines.set({pack}, ServiceConfig{}.offline_after_polls);

  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { io.stop(); });
  boost::asio::steady_timer end(io);
  if (seconds) {
    end.expires_after(std::chrono::duration_cast<Duration>(*seconds));
    end.async_wait([&](auto error) {
      if (!error) io.stop();
    });
  }
  io.run();
  lines.stop();
  capture.flush();
  if (!capture) {
    err << "\nwriting " << file.string() << " failed; is the disk full?\n";
    return 3;
  }
  out << file.string() << ": " << progress.readings << " readings\n";
  err << "it holds all that the BMS said, its passcodes too where it tells them; mind whom you give it to\n";
  if (progress.readings > 0) return 0;
  err << progress.why << '\n';
  return 1;
}

}  // namespace cellwarden
