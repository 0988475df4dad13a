#include "daemon/commands/probe.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <ostream>
#include <set>

#include "daemon/links/serial_port.h"
#include "daemon/links/serial_ports.h"
#include "daemon/packs/line.h"
#include "protocols/plausible.h"

namespace cellwarden {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// First only an ear: another master on the line, or a BMS that speaks unasked.
constexpr Duration listening = 1s;
/// Who makes sense gets the time to finish.
constexpr Duration to_finish = 6s;
/// Boards with numbers begin at the first; the others are asked once each.
constexpr Duration next_address = 600ms;
constexpr std::size_t shown_bytes = 32;

struct Found {
  ProbeTry how;
  Reading reading;
  Identity identity;
};

/// Waits for a whole, plausible reading; its patience grows when something makes sense.
class Ear : public Sink {
 public:
  Ear(asio::any_io_executor executor, Duration patience)
      : timer_(executor), deadline_(std::chrono::steady_clock::now() + patience) {}

  void emit(Event event) override {
    if (const auto* identity = std::get_if<Identity>(&event.what)) {
      merge(identity_, *identity);
    } else if (auto* reading = std::get_if<Reading>(&event.what)) {
      const Plausibility found = check_plausible(*reading);
      if (!found.wrong.empty() || !found.impossible_cells.empty()) return;
      reading_ = std::move(*reading);
      end_by(std::chrono::steady_clock::now());
    } else if (std::holds_alternative<GoodFrame>(event.what) && !made_sense_) {
      made_sense_ = true;
      end_by(std::chrono::steady_clock::now() + to_finish);
    }
  }

  Task<void> patience() {
    while (std::chrono::steady_clock::now() < deadline_) {
      timer_.expires_at(deadline_);
      boost::system::error_code moved;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, moved));
    }
  }

  const std::optional<Reading>& reading() const { return reading_; }
  const Identity& identity() const { return identity_; }

 private:
  void end_by(SteadyTime when) {
    deadline_ = when;
    timer_.cancel();
  }

  asio::steady_timer timer_;
  SteadyTime deadline_;
  bool made_sense_ = false;
  std::optional<Reading> reading_;
  Identity identity_;
};

Duration patience_of(const ProbeTry& how) {
  const Recognition& known = how.protocol->probe;
  return how.address == known.first_address ? known.patience : std::min(known.patience, next_address);
}

std::string hex(Bytes bytes) {
  std::string text;
  char pair[4];
  for (const auto byte : bytes.first(std::min(bytes.size(), shown_bytes))) {
    std::snprintf(pair, sizeof pair, " %02X", byte);
    text += pair;
  }
  return text + (bytes.size() > shown_bytes ? " ..." : "");
}

class Probe {
 public:
  Probe(asio::io_context& io, std::string path, std::ostream& err) : io_(io), path_(std::move(path)), err_(err) {}

  Task<void> run() {
    for (const unsigned baud : bauds()) {
      Line line(io_.get_executor(), std::make_unique<SerialPort>(io_.get_executor(), SerialSettings{path_, baud}));
      Buffer heard;
      line.tap([&](Direction direction, Bytes bytes) {
        if (direction == Direction::from_bms) heard.insert(heard.end(), bytes.begin(), bytes.end());
      });
      co_await listen(line, baud);
      for (const ProbeTry& how : probe_tries()) {
        if (how.baud == baud) co_await attempt(line, how);
      }
      if (!heard.empty()) talkers_.push_back(std::to_string(baud) + " baud:" + hex(heard));
      if (!found.empty()) co_return;
    }
  }

  std::vector<Found> found;
  const std::vector<std::string>& talkers() const { return talkers_; }

  static std::vector<unsigned> bauds() {
    std::vector<unsigned> all;
    for (const ProbeTry& how : probe_tries()) {
      if (std::ranges::find(all, how.baud) == all.end()) all.push_back(how.baud);
    }
    return all;
  }

 private:
  Task<void> listen(Line& line, unsigned baud) {
    err_ << baud << " baud: listening" << std::endl;
    std::size_t bytes = 0;
    try {
      co_await line.listen(listening, [&](Bytes chunk) { return (bytes += chunk.size()) > shown_bytes; });
    } catch (const LinkTimeout&) {
    }
    if (bytes > 0) err_ << baud << " baud: somebody talks here unasked; is another master on this line?" << std::endl;
  }

  Task<void> attempt(Line& line, ProbeTry how) {
    err_ << how.baud << " baud: " << how.protocol->id;
    if (how.protocol->addressed) err_ << ", address " << how.address;
    err_ << std::endl;
    const auto adapter = how.protocol->adapter({how.address, 2s});
    Ear ear(io_.get_executor(), patience_of(how));
    auto [order, failure, timer_failure] =
        co_await asio::experimental::make_parallel_group(asio::co_spawn(io_, adapter->run(line, ear), asio::deferred),
                                                         asio::co_spawn(io_, ear.patience(), asio::deferred))
            .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (ear.reading()) {
      found.push_back({how, *ear.reading(), ear.identity()});
      err_ << "    found: " << how.protocol->brand << ' ' << ear.identity().model.value_or("") << std::endl;
      co_return;
    }
    try {
      if (order[0] == 0 && failure) std::rethrow_exception(failure);
    } catch (const LinkTimeout&) {
    } catch (const DeviceRefused& refused) {
      err_ << "    " << refused.what() << std::endl;
    }
  }

  asio::io_context& io_;
  std::string path_;
  std::ostream& err_;
  std::vector<std::string> talkers_;
};

std::string block(const Found& found, const std::string& path, std::size_t number) {
  const auto& [how, reading, identity] = found;
  std::string brand(how.protocol->brand);
  std::ranges::transform(brand, brand.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  char seen[64];
  std::snprintf(seen, sizeof seen, "%zu cells, %.2f V", reading.cells_v.size(), reading.pack_v.value_or(0));
  std::string text = "[[pack]]  # " + identity.model.value_or(std::string(how.protocol->brand)) + ", " + seen + "\n";
  text += "id = \"" + brand + "-" + std::to_string(number) + "\"\n";
  text += "protocol = \"" + std::string(how.protocol->id) + "\"\n";
  text += "link = \"serial:" + path + "\"\n";
  if (how.protocol->addressed) text += "address = " + std::to_string(how.address) + "\n";
  if (how.baud != how.protocol->default_baud) text += "baud = " + std::to_string(how.baud) + "\n";
  return text;
}

nlohmann::json as_json(const Found& found, const std::string& path) {
  const auto& [how, reading, identity] = found;
  return {{"protocol", std::string(how.protocol->id)},
          {"link", "serial:" + path},
          {"address", how.protocol->addressed ? nlohmann::json(how.address) : nlohmann::json()},
          {"baud", how.baud},
          {"model", identity.model ? nlohmann::json(*identity.model) : nlohmann::json()},
          {"cells", reading.cells_v.size()}};
}

Duration longest() {
  Duration sum = listening * static_cast<int>(Probe::bauds().size());
  for (const ProbeTry& how : probe_tries()) sum += patience_of(how);
  return sum;
}

void explain_nothing(const std::string& path, const std::vector<std::string>& talkers, std::ostream& err) {
  if (talkers.empty()) {
    err << "nobody answers on serial:" << path
        << "; is the BMS awake (charge or load it for a moment), ground connected, RX and TX (or A and B) swapped?\n";
    return;
  }
  err << "somebody talks on serial:" << path << ", but none of the protocols known here. Heard:\n";
  for (const auto& talker : talkers) err << "  " << talker << '\n';
  err << "is another program or master on the same wires? These bytes say more to whoever knows this BMS\n";
}

}  // namespace

std::vector<ProbeTry> probe_tries() {
  std::vector<ProbeTry> all;
  for (const Protocol& protocol : catalog()) {
    if (protocol.only_listens || protocol.default_baud == 0) continue;
    std::vector<unsigned> bauds(protocol.probe.bauds.begin(), protocol.probe.bauds.end());
    if (bauds.empty()) bauds = {protocol.default_baud};
    for (const unsigned baud : bauds) {
      for (int address = protocol.probe.first_address; address <= protocol.probe.last_address; ++address)
        all.push_back({&protocol, baud, address});
    }
  }
  std::ranges::stable_sort(all, {}, &ProbeTry::baud);
  return all;
}

int probe(const LinkAddress& link, bool json, std::ostream& out, std::ostream& err) {
  asio::io_context io(1);
  std::string path = link.path;
  Probe probing(io, path, err);
  std::string lost;
  err << "trying what is known on serial:" << path << ", at most "
      << std::chrono::duration_cast<std::chrono::seconds>(longest()).count() << " s\n";
  asio::co_spawn(io, probing.run(), [&](std::exception_ptr failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const LinkLost& why) {
      lost = why.what();
    }
  });
  io.run();

  path = lasting_name(path);
  if (json) {
    auto list = nlohmann::json::array();
    for (const Found& found : probing.found) list.push_back(as_json(found, path));
    out << list.dump() << '\n';
  } else {
    std::size_t number = 0;
    for (const Found& found : probing.found) out << '\n' << block(found, path, ++number);
  }
  if (!lost.empty()) {
    err << lost << '\n';
    return 3;
  }
  if (!probing.found.empty()) return 0;
  explain_nothing(path, probing.talkers(), err);
  return 1;
}

}  // namespace cellwarden
