// `cellwarden decode`, the unchanged binary: captures in, one JSON object and an exit code out.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/commands/outcome.h"
#include "tests/protocols/dd_frame.h"
#include "tests/support/broker.h"
#include "tests/support/hex.h"

using namespace cellwarden;
using namespace cellwarden::test;
using nlohmann::json;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Runs the binary; `arguments` may redirect.
Outcome cellwarden_says(const TemporaryDirectory& folder, const std::string& arguments) {
  const auto out = folder.path / "out", err = folder.path / "err";
  const std::string command =
      std::string("timeout 60 '") + CELLWARDEN + "' " + arguments + " > " + out.string() + " 2> " + err.string();
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(out), text_of(err)};
}

/// The same answer from a FILE, from `-` and from standard input.
Outcome decode(const std::string& capture) {
  const TemporaryDirectory folder;
  const std::string file = (folder.path / "capture").string();
  std::ofstream(file) << capture;
  const Outcome named = cellwarden_says(folder, "decode --protocol jbd " + file);
  const Outcome piped = cellwarden_says(folder, "decode --protocol jbd < " + file);
  const Outcome dashed = cellwarden_says(folder, "decode --protocol jbd - < " + file);
  CHECK(named.out == piped.out);
  CHECK(named.exit_code == piped.exit_code);
  CHECK(dashed.out == piped.out);
  CHECK(dashed.exit_code == piped.exit_code);
  return named;
}

std::string hex(const Buffer& bytes) {
  std::string text;
  char two[8];
  for (const auto byte : bytes) {
    std::snprintf(two, sizeof two, " %02X", byte);
    text += two;
  }
  return text;
}
std::string to_bms(const Buffer& bytes) { return "1.0 >" + hex(bytes) + "\n"; }
std::string from_bms(const Buffer& bytes) { return "1.1 <" + hex(bytes) + "\n"; }
std::string in_chunks(const Buffer& bytes, std::size_t size) {
  std::string lines;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    lines += from_bms(Buffer(from, from + static_cast<std::ptrdiff_t>(std::min(size, bytes.size() - at))));
  }
  return lines;
}

const Buffer info = dd_reply(0x03, BasicInfoData{}.bytes());
const Buffer cells = dd_reply(0x04, words({3310, 3322, 3315, 3318}));
const Buffer model = dd_reply(0x05, Buffer{'S', 'P', '0', '4'});
const Buffer limits = dd_reply(0xFA, {0, 0x14, 2, 0x0E, 0x42, 0x0D, 0xDE});  // 0x24, 0x25: 3650, 3550 mV

std::string a_poll(std::size_t chunk = 512) {
  return to_bms(dd_request(0x03)) + in_chunks(info, chunk) + to_bms(dd_request(0x04)) + in_chunks(cells, chunk);
}
std::string a_conversation(std::size_t chunk = 512) {
  return "# cellwarden capture 1\n" + to_bms(dd_request(0x05)) + in_chunks(model, chunk) +
         to_bms(dd_request(0xFA, {0, 0x14, 2})) + in_chunks(limits, chunk) + a_poll(chunk);
}

void check_conversation(const json& object) {
  REQUIRE(object.is_object());
  CHECK(object["frames"] == 4);
  const json& reading = object["reading"];
  CHECK(reading["cells_v"] == json{3.310, 3.322, 3.315, 3.318});
  CHECK(reading["pack_v"] == 13.28);
  CHECK(reading["current_a"] == -12.34);
  CHECK(reading["soc_pct"] == 50.0);
  CHECK(reading["remaining_ah"] == 50.0);
  CHECK(reading["full_ah"] == 100.0);
  CHECK(reading["cycles"] == 42);
  CHECK(reading["temps_c"] == json{21.5, -3.5});
  CHECK(reading["charge_on"] == true);
  CHECK(reading["alarms"] == json::array());
  CHECK(reading["soh_pct"].is_null());
  CHECK(object["limits"]["cell_ovp_v"] == 3.65);
  CHECK(object["limits"]["cell_ovp_release_v"] == 3.55);
  CHECK(object["limits"]["cell_uvp_v"].is_null());
  CHECK(object["identity"]["brand"] == "JBD");
  CHECK(object["identity"]["model"] == "SP04");
  CHECK(object["identity"]["software"] == "2.9");
}

}  // namespace

TEST_CASE("decode: a conversation, whole and in chunks, gives reading, limits and identity") {
  for (const std::size_t chunk : {512U, 20U, 7U, 1U}) {
    CAPTURE(chunk);
    const Outcome done = decode(a_conversation(chunk));
    CHECK(done.exit_code == 0);
    CHECK(done.err == "");
    CHECK(std::ranges::count(done.out, '\n') == 1);
    check_conversation(done.object());
    CHECK(done.object()["rejected"] == json::object());
  }
}

TEST_CASE("decode: junk between frames is counted and costs no frame") {
  const std::string junk = from_bms(from_hex("FF00FFDD"));
  const Outcome done = decode(junk + to_bms(dd_request(0x05)) + junk + from_bms(model) + junk +
                              to_bms(dd_request(0xFA, {0, 0x14, 2})) + from_bms(limits) + junk + a_poll());
  CHECK(done.exit_code == 0);
  check_conversation(done.object());
  CHECK(done.object()["rejected"].contains("sync"));
  CHECK_FALSE(done.object()["rejected"].contains("checksum"));
}

TEST_CASE("decode: lines of the file that are none are said with their number, the rest is decoded") {
  const Outcome done = decode("who goes there\n" + a_conversation());
  CHECK(done.exit_code == 0);
  check_conversation(done.object());
  CHECK(done.err.find("line 1 ") != std::string::npos);
}

TEST_CASE("decode: only the keys that the bytes gave") {
  const json named = decode(to_bms(dd_request(0x05)) + from_bms(model)).object();
  CHECK_FALSE(named.contains("reading"));
  CHECK_FALSE(named.contains("limits"));
  CHECK(named["identity"]["model"] == "SP04");
  CHECK(named["frames"] == 1);

  const json limited = decode(from_bms(limits)).object();
  CHECK_FALSE(limited.contains("reading"));
  CHECK_FALSE(limited.contains("identity"));
  CHECK(limited["limits"]["cell_ovp_v"] == 3.65);
}

TEST_CASE("decode: replies alone are decoded too; half a poll is what it is") {
  CHECK(decode(from_bms(info) + from_bms(cells)).object()["reading"]["cells_v"].size() == 4);
  const json only_info = decode(from_bms(info)).object();
  CHECK(only_info["reading"]["pack_v"] == 13.28);
  CHECK(only_info["reading"]["cells_v"] == json::array());
  const json only_cells = decode(from_bms(cells)).object();
  CHECK(only_cells["reading"]["cells_v"].size() == 4);
  CHECK(only_cells["reading"]["pack_v"].is_null());
}

TEST_CASE("decode: the last whole reading counts, not half of the next") {
  BasicInfoData later;
  later.pack_10mv = 1329, later.soc = 51;
  const json object = decode(a_poll() + to_bms(dd_request(0x03)) + from_bms(dd_reply(0x03, later.bytes()))).object();
  CHECK(object["frames"] == 3);
  CHECK(object["reading"]["soc_pct"] == 50.0);
  CHECK(object["reading"]["cells_v"].size() == 4);
}

TEST_CASE("decode: a reply without its request is unexpected") {
  const Outcome done = decode(to_bms(dd_request(0x03)) + from_bms(cells) + from_bms(info) + from_bms(info));
  CHECK(done.exit_code == 0);
  CHECK(done.object()["frames"] == 1);
  CHECK(done.object()["rejected"] == json{{"unexpected", 2}});
  CHECK(done.object()["reading"]["cells_v"] == json::array());
}

TEST_CASE("decode: a refusal is counted as such, and alone is no success") {
  const std::string refused = to_bms(dd_request(0x03)) + from_bms(dd_reply(0x03, {}, 0x81));
  const Outcome done = decode(refused);
  CHECK(done.exit_code == 1);
  CHECK(done.object() == json{{"frames", 0}, {"rejected", {{"refused", 1}}}});
  const Outcome later = decode(refused + a_poll());
  CHECK(later.exit_code == 0);
  CHECK(later.object()["rejected"] == json{{"refused", 1}});
}

TEST_CASE("decode: damaged frames are counted and give no value") {
  Buffer damaged = cells;
  damaged[5] ^= 0x01;
  const std::string wrong = to_bms(dd_request(0x04)) + from_bms(damaged);
  const Outcome nothing = decode(wrong + wrong);
  CHECK(nothing.exit_code == 1);
  CHECK(nothing.object()["frames"] == 0);
  CHECK(nothing.object()["rejected"]["checksum"] == 2);
  CHECK_FALSE(nothing.object().contains("reading"));

  const Outcome mixed = decode(wrong + a_poll());
  CHECK(mixed.exit_code == 0);
  CHECK(mixed.object()["rejected"]["checksum"] == 1);
  CHECK(mixed.object()["reading"]["cells_v"].size() == 4);

  Buffer cut(cells.begin(), cells.end() - 4);
  const Outcome unfinished = decode(to_bms(dd_request(0x04)) + from_bms(cut));
  CHECK(unfinished.exit_code == 1);
  CHECK(unfinished.object()["rejected"].contains("length"));
}

TEST_CASE("decode: an intact reading that no battery has is no reading; an impossible cell is null") {
  BasicInfoData hot;
  hot.temps = {2731 + 2000};
  const json object = decode(to_bms(dd_request(0x03)) + from_bms(dd_reply(0x03, hot.bytes())) +
                             to_bms(dd_request(0x04)) + from_bms(cells))
                          .object();
  CHECK_FALSE(object.contains("reading"));
  CHECK(object["rejected"] == json{{"range", 1}});

  const json torn = decode(to_bms(dd_request(0x03)) + from_bms(info) + to_bms(dd_request(0x04)) +
                           from_bms(dd_reply(0x04, words({3310, 12, 3315, 3318}))))
                        .object();
  CHECK(torn["reading"]["cells_v"] == json{3.310, nullptr, 3.315, 3.318});
}

TEST_CASE("decode: a captured stream of a JK over Bluetooth") {
  const TemporaryDirectory folder;
  const std::string file = (folder.path / "capture").string();
  std::ofstream capture(file);
  for (const auto& frame : json::parse(std::ifstream(TEST_DATA "/protocols/frames/jk_ble.json"))) {
    if (frame["name"] != "stream_pb_AT_junk") continue;
    for (const auto& chunk : frame["chunks"]) capture << "< " << chunk.get<std::string>() << '\n';
  }
  capture.close();
  const Outcome done = cellwarden_says(folder, "decode --protocol jk-ble " + file);
  CHECK(done.exit_code == 0);
  const json object = done.object();
  CHECK(object["frames"] == 10);
  CHECK(object["rejected"] == json::object());
  CHECK(object["reading"]["pack_v"] == 53.57);
  CHECK(object["limits"]["cell_ovp_v"] == 3.65);
  CHECK(object["identity"]["software"] == "15.41");
}

TEST_CASE("decode: nothing to decode is exit 1 with an object all the same") {
  for (const char* nothing : {"", "# cellwarden capture 1\n", "1.0 > DD A5 03 00 FF FD 77\n", "no capture at all\n"}) {
    CAPTURE(std::string(nothing));
    const Outcome done = decode(nothing);
    CHECK(done.exit_code == 1);
    CHECK(done.object() == json{{"frames", 0}, {"rejected", json::object()}});
  }
}

TEST_CASE("decode: a file that cannot be read and an unknown protocol are exit 2, and named") {
  const TemporaryDirectory folder;
  const Outcome absent = cellwarden_says(folder, "decode --protocol jbd " + (folder.path / "absent").string());
  CHECK(absent.exit_code == 2);
  CHECK(absent.out == "");
  CHECK(absent.err.find((folder.path / "absent").string()) != std::string::npos);

  const Outcome directory = cellwarden_says(folder, "decode --protocol jbd " + folder.path.string());
  CHECK(directory.exit_code == 2);
  CHECK(directory.out == "");
  CHECK(directory.err.find(folder.path.string()) != std::string::npos);

  const Outcome unknown = cellwarden_says(folder, "decode --protocol jdb < /dev/null");
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err.find("jdb") != std::string::npos);
  CHECK(unknown.err.find("jbd") != std::string::npos);
  CHECK(cellwarden_says(folder, "decode < /dev/null").exit_code == 2);
}
