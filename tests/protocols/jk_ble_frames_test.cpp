// Captured JK frames over Bluetooth: what each means, cut at every size and with all that is glued to them.
#include <doctest/doctest.h>

#include "tests/protocols/jk_ble_wire.h"
#include "tests/protocols/jk_expected.h"

using namespace cellwarden;
using namespace cellwarden::test;
using nlohmann::json;

namespace {

bool check_value(const std::string& kind, const std::string& key, const json& value, const std::string& variant,
                 const Heard& heard) {
  if (kind == "cell_info") return check_cells(key, value, variant, heard.readings.at(0));
  if (kind == "settings") return check_settings(key, value, heard.limit_sets.at(0));
  return check_device(key, value, heard.identities.at(0));
}

}  // namespace

TEST_CASE("jk-ble: every captured frame means what it means") {
  std::map<std::string, int> seen;
  for (const auto& entry : jk_ble_collection()) {
    if (!entry.contains("bytes")) continue;
    const auto kind = entry["kind"].get<std::string>();
    INFO(entry["name"].get<std::string>());
    const Heard heard = hear(from_hex(entry["bytes"].get<std::string>()));
    ++seen[entry["expect"].contains("reject") ? "refused" : kind];
    if (kind == "command_ack") {
      check_same(heard, Heard{});  // neither good nor bad
      continue;
    }
    if (entry["expect"].contains("reject")) {
      CHECK(heard.good == 0);
      CHECK(heard.readings.empty());
      CHECK(heard.rejected.contains(entry.contains("truncated") ? FrameError::length : FrameError::checksum));
      continue;
    }
    CHECK(heard.good == 1);
    CHECK(heard.rejected.empty());
    CHECK(heard.readings.size() == (kind == "cell_info" ? 1 : 0));
    CHECK(heard.limit_sets.size() == (kind == "settings" ? 1 : 0));
    CHECK(heard.identities.size() == (kind == "device_info" ? 1 : 0));
    if (kind == "logbook") continue;
    for (const auto& expected : entry["expect"].items()) {
      const std::string& key = expected.key();
      INFO(key);
      CHECK(check_value(kind, key, expected.value(), entry["variant"], heard) != no_word.contains(key));
    }
  }
  const std::map<std::string, int> all = {{"cell_info", 22},  {"settings", 7}, {"device_info", 9},
                                          {"command_ack", 1}, {"logbook", 1},  {"refused", 2}};
  CHECK(seen == all);
}

TEST_CASE("jk-ble: cut at every size from one byte to the largest notification, frames say the same") {
  for (const auto& entry : jk_ble_collection()) {
    if (!entry.contains("bytes")) continue;
    INFO(entry["name"].get<std::string>());
    const Buffer bytes = from_hex(entry["bytes"].get<std::string>());
    const Heard whole = hear(bytes);
    for (std::size_t size = 1; size <= 247; ++size) {
      const Heard pieces = hear(cut(bytes, size));
      INFO("pieces of " << size);
      check_same(pieces, whole);
    }
  }
}

TEST_CASE("jk-ble: captured streams, as notified and cut anew") {
  for (const std::string name : {"stream_pb_AT_junk", "stream_bd6a17s_128_128_44"}) {
    INFO(name);
    const Chunks chunks = jk_ble_chunks(name);
    const Heard heard = hear(chunks);
    CHECK(heard.rejected.empty());
    std::size_t devices = 0, settings = 0, cells = 0;
    for (const auto& frame : jk_ble_entry(name)["expect"]["frames"]) {
      const int type = frame["type"];
      if (type == 3) {
        CHECK(heard.identities.at(devices).model == frame["model"].get<std::string>());
        CHECK(heard.identities.at(devices++).software == frame["sw"].get<std::string>());
        continue;
      }
      for (const auto& expected : frame.items()) {
        INFO(expected.key());
        if (type == 1) check_settings(expected.key(), expected.value(), heard.limit_sets.at(settings));
        if (type == 2) check_cells(expected.key(), expected.value(), "", heard.readings.at(cells));
      }
      ++(type == 1 ? settings : cells);
    }
    CHECK(cells >= 5);
    CHECK(heard.identities.size() == devices);
    CHECK(heard.limit_sets.size() == settings);
    CHECK(heard.readings.size() == cells);
    CHECK(heard.good == static_cast<int>(devices + settings + cells));

    Buffer all;
    for (const Buffer& chunk : chunks) all = all + chunk;
    for (const std::size_t size : {1, 2, 3, 5, 19, 20, 80, 128, 150, 244, 300, 384, 512, 4000}) {
      INFO("pieces of " << size);
      check_same(hear(cut(all, size)), heard);
    }
  }
}

TEST_CASE("jk-ble: buffers of 304, 320, 324 and 384 bytes, and frames back to back") {
  const Buffer settings = jk_ble_frame("pb_14.20_settings"), device = jk_ble_frame("pb_14.20_devinfo"),
               cells = jk_ble_frame("pb_14.20_cell");
  const Heard one_each = hear(Chunks{settings, device, cells});
  REQUIRE(one_each.good == 3);
  const auto head = [](const Buffer& of) { return Buffer(of.begin(), of.begin() + 84); };
  const auto tail = [](const Buffer& of) { return Buffer(of.begin() + 84, of.end()); };
  check_same(hear({settings + at_noise, device + acknowledge, cells + acknowledge + at_noise}), one_each);
  check_same(hear({settings + head(device), tail(device) + acknowledge + head(cells), tail(cells) + at_noise}),
             one_each);
  check_same(hear(settings + device + cells), one_each);
  check_same(hear(at_noise + at_noise + acknowledge + settings + device + acknowledge + at_noise + cells), one_each);
  // An acknowledge in two notifications, and what we asked come back.
  const Buffer ack_head(acknowledge.begin(), acknowledge.begin() + 15),
      ack_tail(acknowledge.begin() + 15, acknowledge.end());
  check_same(
      hear({jk::ble_ask_device(), settings + ack_head, ack_tail, at_noise, jk::ble_start_stream(), device, cells}),
      one_each);
}

TEST_CASE("jk-ble: junk before and after a frame costs nothing but itself") {
  const Buffer frame = jk_ble_frame("pb_15.37_cell_drycontact_arr1");
  const Reading reading = hear(frame).readings.at(0);
  for (const auto& junk :
       {"00", "FF00FF", "55", "55AA", "55AAEB", "55AAEB90", "55AAEB9002", "55AAEB9000", "55AAEB9004", "AA5590",
        "AA5590EBC8010100", "AA5590EBC8010100000000000000000000000045", "41", "41540D", "41414154", "4E570013"}) {
    CAPTURE(std::string(junk));
    for (std::size_t size = 1; size <= 64; ++size) {
      const Heard before = hear(cut(from_hex(junk) + frame, size)), after = hear(cut(frame + from_hex(junk), size));
      CHECK(before.readings == std::vector{reading});
      CHECK(!before.rejected.empty());
      CHECK(after.readings == std::vector{reading});
      CHECK(!after.rejected.empty());
    }
  }
}

TEST_CASE("jk-ble: refused, and why") {
  const Buffer frame = jk_ble_frame("pb_15.37_cell_drycontact_arr1");
  const auto only = [](const Buffer& bytes, FrameError why) {
    const Heard heard = hear(bytes);
    CHECK(heard.good == 0);
    CHECK(heard.readings.empty());
    CHECK(heard.rejected.contains(why));
  };
  for (const std::size_t at : {6, 37, 100, 150, 298, 299}) {
    Buffer damaged = frame;
    damaged[at] ^= 0x04;
    only(damaged, FrameError::checksum);
  }
  for (const int type : {0, 4, 6, 0xC8}) only(with(frame, 4, {static_cast<std::uint8_t>(type)}), FrameError::sync);
  only(Buffer(frame.begin() + 1, frame.end()), FrameError::sync);
  for (const std::size_t size : {299, 150, 5, 4, 1}) {
    only(Buffer(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)), FrameError::length);
  }
}

TEST_CASE("jk-ble: passcodes leave the codec in no text") {
  for (const auto& entry : jk_ble_collection()) {
    if (entry["kind"] != "device_info") continue;
    Buffer frame = jk_ble_frame(entry["name"]);
    const std::string secret = "GEHEIM99";
    for (const std::size_t at : {62, 118}) frame = with(frame, at, Buffer(secret.begin(), secret.end()));
    const Heard heard = hear(frame);
    REQUIRE(heard.identities.size() == 1);
    each_member(heard.identities[0], [&](std::string_view, const std::optional<std::string>& text) {
      CHECK(text.value_or("").find("GEHEIM") == std::string::npos);
      CHECK(text.value_or("").find("123456") == std::string::npos);
    });
  }
}

TEST_CASE("jk-ble: a text is printable or left out") {
  const Buffer frame = jk_ble_frame("pb_14.20_devinfo");
  const auto identity = [](const Buffer& bytes) { return hear(bytes).identities.at(0); };
  CHECK(identity(with(frame, 6, from_hex("4A4BFF01C3A942 00"))).model == "JKB");
  CHECK(!identity(with(frame, 6, from_hex("00"))).model);
  CHECK(identity(with(frame, 78, from_hex("323431323331"))).manufactured == "2024-12-31");
  CHECK(!identity(with(frame, 78, from_hex("323431333331"))).manufactured);
  CHECK(!identity(with(frame, 78,
                       from_hex("3234313233"
                                "00")))
             .manufactured);
  // Sixteen characters fill the field: what follows is none of them.
  CHECK(identity(with(frame, 86, from_hex("31323334353637383930313233343536"))).serial == "1234567890123456");
}
