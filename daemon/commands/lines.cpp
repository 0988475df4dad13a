#include "daemon/commands/lines.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <map>

#include "daemon/links/capture_port.h"
#include "daemon/links/serial_port.h"

namespace cellwarden {

namespace {

std::unique_ptr<Port> make_port(boost::asio::any_io_executor executor, const PackConfig& pack) {
  if (pack.link.kind == LinkAddress::Kind::capture) return std::make_unique<CapturePort>(pack.link.path);
  const Protocol& protocol = *find_protocol(pack.protocol);
  const unsigned baud = pack.baud ? pack.baud : protocol.default_baud;
  return std::make_unique<SerialPort>(executor,
                                      SerialSettings{pack.link.path, baud, pack.rs485, protocol.only_listens});
}

}  // namespace

void check_opens(const PackConfig& pack) {
  boost::asio::io_context nobody;
  make_port(nobody.get_executor(), pack)->open();
}

Lines make_lines(boost::asio::io_context& io, const std::vector<PackConfig>& packs, const ServiceConfig& service,
                 PackObserver& observer) {
  Lines made;
  std::map<LinkAddress, Line*> by_port;
  for (const PackConfig& pack : packs) {
    const Protocol& protocol = *find_protocol(pack.protocol);
    Line*& line = by_port[pack.link];
    if (line == nullptr) {
      made.lines.push_back(std::make_unique<Line>(io.get_executor(), make_port(io.get_executor(), pack)));
      line = made.lines.back().get();
    }
    const AdapterOptions options{pack.address, std::chrono::duration_cast<Duration>(pack.poll)};
    made.sessions.push_back(std::make_unique<PackSession>(*line, line->name(), protocol.adapter(options),
                                                          std::vector{pack}, service.offline_after_polls, observer));
  }
  return made;
}

void start(boost::asio::io_context& io, Lines& lines) {
  for (auto& session : lines.sessions) {
    lines.stops.push_back(std::make_unique<boost::asio::cancellation_signal>());
    ++lines.running;
    auto ended = [&lines](std::exception_ptr failure) {
      --lines.running;
      try {
        if (failure) std::rethrow_exception(failure);
      } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
      }
    };
    boost::asio::co_spawn(io, session->run(),
                          boost::asio::bind_cancellation_slot(lines.stops.back()->slot(), std::move(ended)));
  }
}

void stop(boost::asio::io_context& io, Lines& lines) {
  for (auto& signal : lines.stops) signal->emit(boost::asio::cancellation_type::terminal);
  io.restart();
  while (lines.running > 0 && io.run_one() > 0) {
  }
}

}  // namespace cellwarden
