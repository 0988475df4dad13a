#pragma once
// What passes on a line of JK packs, as tests have and hear it: captured frames, and requests written out.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "protocols/jk/line_decoder.h"
#include "tests/protocols/modbus_frame.h"
#include "tests/support/hex.h"

namespace jk_test {

using namespace cellwarden;
using nlohmann::json;

struct Heard : Sink {
  int good = 0;
  std::map<FrameError, int> rejected;
  std::map<int, std::vector<Reading>> readings;  ///< by address, as all that follow
  std::map<int, std::vector<Limits>> limits;
  std::map<int, Identity> identities;

  void emit(Event event) override {
    if (auto* bad = std::get_if<Rejected>(&event.what)) ++rejected[bad->why];
    if (std::holds_alternative<GoodFrame>(event.what)) ++good;
    if (auto* reading = std::get_if<Reading>(&event.what)) readings[event.address].push_back(*reading);
    if (auto* limit = std::get_if<Limits>(&event.what)) limits[event.address].push_back(*limit);
    if (auto* identity = std::get_if<Identity>(&event.what)) merge(identities[event.address], *identity);
  }
  bool operator==(const Heard& other) const {
    return good == other.good && rejected == other.rejected && readings == other.readings && limits == other.limits &&
           identities == other.identities;
  }
};

inline const json& collection() {
  static const auto all = json::parse(std::ifstream(TEST_DATA "/protocols/frames/jk_modbus.json"));
  return all;
}
inline const json& entry(const std::string& name) {
  for (const auto& each : collection()) {
    if (each["name"] == name) return each;
  }
  throw std::out_of_range(name);
}
inline Buffer bytes_of(const std::string& name) { return from_hex(entry(name)["bytes"].get<std::string>()); }
inline Buffer request_of(const std::string& name) { return from_hex(entry(name)["request"].get<std::string>()); }

// jk.md 3.5
inline constexpr int cells = 0x1620, settings = 0x161E, device = 0x161C;
inline Buffer trigger(int address, int what) {
  return modbus_test::with_crc(
      {static_cast<std::uint8_t>(address), 0x10, 0x16, static_cast<std::uint8_t>(what & 0xFF), 0, 1, 2, 0, 0});
}
inline Buffer done(int address, int what) {
  return modbus_test::with_crc(
      {static_cast<std::uint8_t>(address), 0x10, 0x16, static_cast<std::uint8_t>(what & 0xFF), 0, 1});
}
inline const Buffer pad{0x00};

inline Buffer sealed(Buffer data) {
  unsigned sum = 0;
  for (std::size_t i = 0; i + 1 < data.size(); ++i) sum += data[i];
  data.back() = static_cast<std::uint8_t>(sum);
  return data;
}
/// The captured cells with another charge: tells one pack, or one moment, from the next.
inline Buffer cells_at(int soc_pct) {
  Buffer data = bytes_of("pb55aa_15.41_addr3_status");
  data[173] = static_cast<std::uint8_t>(soc_pct);
  return sealed(data);
}
inline Buffer settings_of(int address) {
  Buffer data = bytes_of("pb55aa_15.41_addr3_settings");
  data[270] = static_cast<std::uint8_t>(address);
  return sealed(data);
}
inline Buffer device_data() { return bytes_of("pb55aa_15.41_addr3_about"); }

/// One question and its answer as they pass.
inline Buffer exchange_of(int address, int soc_pct) {
  return trigger(address, cells) + cells_at(soc_pct) + done(address, cells);
}

inline void feed(Decoder& decoder, Direction direction, const Buffer& stream, std::size_t chunk, Sink& sink) {
  for (std::size_t at = 0; at < stream.size(); at += chunk) {
    decoder.feed(direction, Bytes(stream).subspan(at, std::min(chunk, stream.size() - at)), sink);
  }
}
/// All of it in one direction: a line that is listened to.
inline Heard overhear(const Buffer& stream, std::size_t chunk = 4096) {
  Heard heard;
  jk::ListenDecoder decoder;
  feed(decoder, Direction::from_bms, stream, chunk, heard);
  decoder.finish(heard);
  return heard;
}
inline Heard hear(const Buffer& request, const Buffer& stream, std::size_t chunk = 4096) {
  Heard heard;
  jk::ModbusDecoder decoder;
  if (!request.empty()) decoder.feed(Direction::to_bms, request, heard);
  feed(decoder, Direction::from_bms, stream, chunk, heard);
  decoder.finish(heard);
  return heard;
}

}  // namespace jk_test
