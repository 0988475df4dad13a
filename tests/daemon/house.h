#pragma once
// The whole house for one test: simulated packs on real ptys, a real mosquitto, the unchanged cellwarden binary, and a
// subscriber that sees what an owner's dashboard would see.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"

class House {
 public:
  explicit House(std::vector<std::string> simulator_options = {}) : folder_(make_folder()), port_(free_port()) {
    std::vector<std::string> command{SIMULATOR, "--truth", truth_file(), "--baud", "9600", "--quiet"};
    for (const char* name : {"van-4s", "shed-8s", "house-16s"}) {
      const std::string text(name);
      const std::string cells = text.substr(text.rfind('-') + 1, text.size() - text.rfind('-') - 2);
      command.push_back("--pack");
      command.push_back("path=" + (folder_ / name).string() + ",cells=" + cells +
                        ",ah=100,soc=60,current=20,seed=" + cells);
    }
    command.insert(command.end(), simulator_options.begin(), simulator_options.end());
    simulator = std::make_unique<Process>(command);
    if (!simulator->wait_for_text("ready")) throw std::runtime_error("the simulator did not start");
    write_config();
  }
  ~House() {
    service.reset();
    listener.reset();
    broker.reset();
    simulator.reset();
    std::filesystem::remove_all(folder_);
  }

  /// A broker with nothing in its memory: it keeps none over a restart.
  void start_broker() {
    std::ofstream(folder_ / "mosquitto.conf")
        << "listener " << port_ << " 127.0.0.1\nallow_anonymous true\npersistence false\n";
    broker = std::make_unique<Process>(
        std::vector<std::string>{mosquitto(), "-c", (folder_ / "mosquitto.conf").string()}, file("mosquitto.log"));
    for (int i = 0; i < 500; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in address = loopback(port_);
      const bool up = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
      close(fd);
      if (up) return;
      poll(nullptr, 0, 10);
    }
    throw std::runtime_error("mosquitto did not start");
  }
  /// "TOPIC PAYLOAD" a line, from everything retained on.
  void listen() {
    listener = std::make_unique<Process>(
        std::vector<std::string>{"mosquitto_sub", "-h", "127.0.0.1", "-p", std::to_string(port_), "-v", "-t", "#"},
        file("mosquitto_sub.log"));
  }
  void start_service() {
    service = std::make_unique<Process>(
        std::vector<std::string>{CELLWARDEN, "run", "--config", file("cellwarden.toml")}, file("cellwarden.log"));
  }

  std::string log() const {
    std::ifstream in(folder_ / "cellwarden.log");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string truth_file() const { return file("truth.jsonl"); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }

  std::unique_ptr<Process> simulator, broker, listener, service;
  static constexpr const char* packs[] = {"van-4s", "shed-8s", "house-16s"};

 private:
  void write_config() const {
    std::ofstream config(folder_ / "cellwarden.toml");
    config << "[mqtt]\nbroker = \"mqtt://127.0.0.1:" << port_
           << "\"\npublish_min = \"200ms\"\npublish_max = \"500ms\"\n"
           << "[service]\nstate_dir = \"" << folder_.string() << "\"\n";
    for (const char* name : packs) {
      config << "[[pack]]\nid = \"" << name << "\"\nprotocol = \"jbd\"\nlink = \"serial:" << file(name)
             << "\"\npoll = \"1s\"\n";
    }
  }
  static std::filesystem::path make_folder() {
    std::string folder = std::filesystem::temp_directory_path() / "cellwarden-house-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return folder;
  }
  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static int free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) throw std::runtime_error("no free port");
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    close(fd);
    return ntohs(address.sin_port);
  }
  static std::string mosquitto() {
    return std::filesystem::exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
  }

  std::filesystem::path folder_;
  int port_;
};
