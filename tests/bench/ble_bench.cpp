// The service among packs by Bluetooth: simulated boards, their own pace and their own notifications, behind a fake
// bluetoothd on a bus of its own.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/bench/process_cost.h"
#include "tests/links/fake_bluez.h"
#include "tests/links/private_bus.h"
#include "tests/simulator/ble/profiles.h"
#include "tests/simulator/devices.h"
#include "tests/simulator/pack_text.h"
#include "tests/support/broker.h"

namespace bench {

namespace {

using cellwarden::test::FakeBluez;
using simulator::Octets;

constexpr std::chrono::seconds settle(8), measured(30);
/// Physics runs fast, so that every reading differs from the one before and is published.
constexpr double time_scale = 30;

std::string hex(int uuid) {
  char text[8];
  std::snprintf(text, sizeof text, "%04x", static_cast<unsigned>(uuid));
  return text;
}

/// A simulated board as bluetoothd shows it.
class AirBoard {
 public:
  AirBoard(boost::asio::io_context& io, FakeBluez& bluez, const std::string& text)
      : keys_("--pack", text),
        pack_(simulator::pack_options(keys_, keys_.text("ble", ""))),
        board_(simulator::make_device(pack_, keys_)),
        bluez_(bluez),
        beat_(io),
        device_(bluez.device(keys_.text("ble", ""), pack_.options().name)) {
    const auto air = simulator::ble::peripheral_options(keys_);
    keys_.all_known();
    chunk_ = air.chunk > 0 ? air.chunk : static_cast<std::size_t>(air.mtu) - 3;
    show(air.services);
    device_.answer = [this](const cellwarden::Buffer& request) {
      std::vector<cellwarden::Buffer> all;
      for (const auto& answer : board_->receive(request)) split(answer.bytes, all);
      return all;
    };
    beat();
  }

  std::size_t notifications = 0;

 private:
  void show(const std::vector<simulator::ble::Service>& services) {
    using namespace simulator::ble;
    for (const Service& service : services) {
      if (service.uuid == 0x1800) continue;
      device_.service = hex(service.uuid);
      device_.characteristics.clear();
      for (const Characteristic& one : service.characteristics) {
        std::vector<std::string> flags;
        if (one.properties & notifies) flags.emplace_back("notify");
        if (one.properties & writes_command) flags.emplace_back("write-without-response");
        device_.characteristics.push_back({hex(one.uuid), flags});
      }
      // The fake notifies from its first.
      std::ranges::stable_partition(device_.characteristics, [](const auto& one) { return one.flags[0] == "notify"; });
    }
  }
  void split(const Octets& bytes, std::vector<cellwarden::Buffer>& into) {
    for (std::size_t at = 0; at < bytes.size(); at += chunk_) {
      const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
      into.emplace_back(from, from + static_cast<std::ptrdiff_t>(std::min(chunk_, bytes.size() - at)));
      ++notifications;
    }
  }
  void beat() {
    beat_.expires_after(simulator::Device::beat);
    beat_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;
      pack_.step(time_scale * std::chrono::duration<double>(simulator::Device::beat).count());
      std::vector<cellwarden::Buffer> all;
      if (device_.connected) {
        for (const Octets& bytes : board_->unasked()) split(bytes, all);
      }
      for (const auto& one : all) bluez_.notify(device_, one);
      beat();
    });
  }

  simulator::Keys keys_;
  simulator::PackModel pack_;
  std::unique_ptr<simulator::Device> board_;
  FakeBluez& bluez_;
  boost::asio::steady_timer beat_;
  FakeBluez::Device& device_;
  std::size_t chunk_ = 20;
};

struct Pack {
  std::string id, address, protocol, simulated;
};
const std::vector<Pack> packs = {
    {"jk-new", "C8:47:8C:00:00:01", "jk-ble", ",cells=16,layout=32s"},
    {"jk-old", "C8:47:80:00:00:02", "jk-ble", ",cells=16,layout=24s"},
    {"daly", "40:18:03:00:00:03", "daly-modbus", ",cells=16"},
    {"jbd", "A4:C1:37:00:00:05", "jbd", ",cells=16"},
};

void write_config(const std::string& file, const std::string& broker, const std::string& state_dir) {
  std::ofstream config(file);
  config << "[mqtt]\nbroker = \"" << broker << "\"\npublish_min = \"200ms\"\n[service]\nstate_dir = \"" << state_dir
         << "\"\n";
  for (const Pack& pack : packs) {
    config << "[[pack]]\nid = \"" << pack.id << "\"\nlink = \"ble:" << pack.address << "\"\nprotocol = \""
           << pack.protocol << "\"\npoll = \"1s\"\n";
  }
}

}  // namespace

void bench_ble(Table& table) {
  const cellwarden::test::PrivateBus bus;
  setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address.c_str(), 1);
  boost::asio::io_context io;
  FakeBluez bluez(io, bus.address);
  std::vector<std::unique_ptr<AirBoard>> boards;
  for (const Pack& pack : packs) {
    boards.push_back(std::make_unique<AirBoard>(io, bluez,
                                                "name=" + pack.id + ",ble=" + pack.address + ",protocol=" +
                                                    pack.protocol + ",ah=100,soc=60,current=20" + pack.simulated));
  }
  bluez.plug("hci0");
  cellwarden::test::Broker broker;
  broker.start();
  const cellwarden::test::TemporaryDirectory folder;
  const std::string config = folder.path / "cellwarden.toml";
  write_config(config, broker.url(), folder.path);
  Process service({CELLWARDEN, "run", "--config", config}, folder.path / "cellwarden.log");
  const auto notifications = [&] {
    std::size_t sum = 0;
    for (const auto& board : boards) sum += board->notifications;
    return sum;
  };

  io.run_for(settle);
  const std::size_t notified_before = notifications();
  const double cpu_before = cpu_seconds(service.id());
  io.run_for(measured);
  const double seconds = static_cast<double>(measured.count());
  const double cpu_pct = 100 * (cpu_seconds(service.id()) - cpu_before) / seconds;
  const double per_second = static_cast<double>(notifications() - notified_before) / seconds;
  const Memory memory = memory_of(service.id());

  Process listener({"mosquitto_sub", "-h", "127.0.0.1", "-p", std::to_string(broker.port), "-v", "-t",
                    "cellwarden/+/status", "-W", "5"});
  std::size_t online = 0;
  listener.wait_for([&](const std::string& line) {
    online += line.ends_with(" online");
    return online == packs.size();
  });
  service.end();
  if (online < packs.size()) throw std::runtime_error("not every Bluetooth pack came online");
  table.push_back({"4 packs x 16 cells by Bluetooth, 1 s: RSS", "-", figure(memory.rss, 1) + " MB"});
  table.push_back({"  of that private", "-", figure(memory.own, 1) + " MB"});
  table.push_back(
      {"  CPU, of one core", "-", figure(cpu_pct, 2) + " %, " + figure(per_second, 0) + " notifications a second"});
}

}  // namespace bench
