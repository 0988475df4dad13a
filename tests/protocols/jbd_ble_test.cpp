// JBD's Bluetooth modules that want a password before the board answers (jbd.md 4.1).
#include <doctest/doctest.h>

#include <set>

#include "protocols/jbd/jbd_adapter.h"
#include "tests/protocols/conversation.h"
#include "tests/protocols/dd_frame.h"

using namespace cellwarden;
using namespace cellwarden::test;
namespace login = jbd::login;

namespace {

// Captured: password 123123, module a4:c1:37:04:2d:be, random byte 37 (jbd.md 4.1).
const Buffer app_key = from_hex("FFAA15063030303030303B"), random_byte = from_hex("FFAA170017"),
             password = from_hex("FFAA1806CC2A3B6C56C4D5");
const Buffer key_ok = from_hex("FFAA15010016"), key_wrong = from_hex("FFAA15010117"),
             none_set = from_hex("FFAA15010218"), random_37 = from_hex("FFAA1701374F"),
             password_ok = from_hex("FFAA18010019"), password_wrong = from_hex("FFAA1801011A");
/// All that may leave over Bluetooth (jbd.md 3.2), written out: anything else must turn this red.
const std::set<Buffer> allowed = {from_hex("DDA50300FFFD77"),
                                  from_hex("DDA50400FFFC77"),
                                  from_hex("DDA50500FFFB77"),
                                  from_hex("DDA5FA03000028FEDB77"),
                                  app_key,
                                  random_byte,
                                  password};

AdapterOptions owners_password() {
  return {.over_ble = true, .ble_password = "123123", .ble_address = "A4:C1:37:04:2D:BE"};
}

/// A module in front of a board, as the test wants it.
struct Module {
  Buffer key = key_ok, verdict = password_ok;
  bool opens_by_key = false, open = false;

  std::vector<Buffer> answer(const Buffer& request) {
    if (request == app_key) {
      open |= opens_by_key || key == none_set;
      return {key};
    }
    if (request == random_byte) return {random_37};
    if (request[0] == 0xFF) {
      open |= request == password && verdict == password_ok;
      return {verdict};
    }
    if (!open) return {};
    if (request[2] == 0x03) return in_chunks(dd_reply(0x03, BasicInfoData{}.bytes()));
    if (request[2] == 0x04) return in_chunks(dd_reply(0x04, words({3310, 3322, 3315, 3318})));
    return in_chunks(dd_reply(request[2], {}, 0x80));
  }
  /// Notifications of twenty bytes, whatever the MTU.
  static std::vector<Buffer> in_chunks(const Buffer& bytes) {
    std::vector<Buffer> all;
    for (auto at = bytes.begin(); at != bytes.end(); at += std::min<std::ptrdiff_t>(20, bytes.end() - at)) {
      all.emplace_back(at, at + std::min<std::ptrdiff_t>(20, bytes.end() - at));
    }
    return all;
  }
};

using Run = test::Conversation;
/// `connections`: how often the link is made anew with the same adapter; the module forgets each time.
Run run(const Module& module, const AdapterOptions& options, std::size_t requests, int connections = 1) {
  jbd::JbdAdapter adapter(options);
  for (;;) {
    Module now = module;
    Run done = test::converse(
        adapter, [&](const Buffer& request) { return now.answer(request); }, requests);
    if (--connections == 0) return done;
  }
}

bool is_login(const Buffer& request) { return request[0] == 0xFF; }

}  // namespace

TEST_CASE("jbd login: frames as captured") {
  CHECK(login::app_key_request() == app_key);
  CHECK(login::random_request() == random_byte);
  const auto mac = login::mac_of("a4:c1:37:04:2d:be");
  REQUIRE(mac);
  CHECK(mac == login::mac_of("A4:C1:37:04:2D:BE"));
  CHECK(login::password_request(*mac, "123123", 0x37) == password);
  CHECK(login::password_request(*mac, "000000", 0x62) == from_hex("ffaa1806f65369967ff0d5"));
  for (const char* none : {"", "A4:C1:37:04:2D", "A4:C1:37:04:2D:B", "A4:C1:37:04:2D:ZZ", "A4:C1:37:04:2D:BE:00"})
    CHECK_FALSE(login::mac_of(none));
  for (const Buffer& frame : {app_key, random_byte, password, key_ok, random_37, password_wrong}) {
    CHECK(login::next_frame(frame).kind == FrameStep::frame);
    CHECK(login::next_frame(frame).bytes == frame.size());
    for (std::size_t size = 1; size < frame.size(); ++size)
      CHECK(login::next_frame(Bytes(frame).first(size)).kind == FrameStep::need_more);
    for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
      Buffer flipped = frame;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      CHECK(login::next_frame(flipped).kind != FrameStep::frame);
    }
  }
}

TEST_CASE("jbd login: a capture keeps no password") {
  const Buffer shown = login::without_password(password);
  CHECK(shown == from_hex("FFAA18060000000000001E"));
  CHECK(login::next_frame(shown).kind == FrameStep::frame);
  for (const Buffer& other : {app_key, random_byte, from_hex("DDA50300FFFD77"), from_hex("FFAA18"), Buffer{}})
    CHECK(login::without_password(other) == other);
  const auto row = find_protocol("jbd");
  const bool masks = row->as_shown != nullptr;
  REQUIRE(masks);
  CHECK(row->as_shown(password) == shown);
}

TEST_CASE("jbd login: without the owner's password nothing but DD reads leaves, over Bluetooth or a wire") {
  for (const bool over_ble : {false, true}) {
    const Run done = run({}, {.over_ble = over_ble, .ble_address = "A4:C1:37:04:2D:BE"}, 500);
    CHECK(done.sent == std::vector<Buffer>(5, from_hex("DDA50300FFFD77")));
  }
  AdapterOptions on_a_wire = owners_password();
  on_a_wire.over_ble = false;
  CHECK(std::ranges::none_of(run({}, on_a_wire, 500).sent, is_login));
}

TEST_CASE("jbd login: a board that answers is not bothered with a password") {
  Module open;
  open.open = true;
  const Run done = run(open, owners_password(), 40);
  CHECK(std::ranges::none_of(done.sent, is_login));
  CHECK(done.heard.readings.size() > 10);
}

TEST_CASE("jbd login: key, random byte and password open the board, and only allowed requests leave") {
  const Run done = run({}, owners_password(), 40);
  for (const Buffer& request : done.sent) CHECK(allowed.contains(request));
  REQUIRE(done.sent.size() == 40);
  const std::vector<Buffer> from_the_sixth(done.sent.begin() + 5, done.sent.begin() + 10);
  const Buffer info = from_hex("DDA50300FFFD77");
  CHECK(from_the_sixth == std::vector{app_key, info, random_byte, password, info});
  CHECK(done.heard.readings.size() > 10);
  CHECK(done.heard.readings.back().cells_v.size() == 4);
}

TEST_CASE("jbd login: where the key is enough no password leaves") {
  Module by_key;
  by_key.opens_by_key = true;
  Module without;
  without.key = none_set;
  for (const Module& module : {by_key, without}) {
    const Run done = run(module, owners_password(), 40);
    CHECK(done.count(app_key) == 1);
    CHECK(done.count(random_byte) == 0);
    CHECK(done.count(password) == 0);
    CHECK(done.heard.readings.size() > 10);
  }
}

TEST_CASE("jbd login: a wrong password is said once, not tried again") {
  Module strict;
  strict.verdict = password_wrong;
  const Run done = run(strict, owners_password(), 500);
  CHECK(done.count(password) == 1);
  CHECK(done.end == test::End::refused);
  CHECK(done.why.find("ble_password") != std::string::npos);
  CHECK(done.why.find("123123") == std::string::npos);
  CHECK(done.heard.rejected == std::map<FrameError, int>{{FrameError::refused, 1}});
  AdapterOptions short_one = owners_password();
  short_one.ble_password = "123";
  const Run never = run({}, short_one, 500);
  CHECK(std::ranges::none_of(never.sent, is_login));
  CHECK(never.why.find("six characters") != std::string::npos);
}

TEST_CASE("jbd login: a module that never answers is asked for nothing but its key") {
  Module deaf;
  deaf.key = {};
  const Run done = run(deaf, owners_password(), 500);
  CHECK(done.sent.size() == 6);
  CHECK(done.count(app_key) == 1);
}

TEST_CASE("jbd login: the next connection goes straight to it, for the module has forgotten") {
  const Run done = run({}, owners_password(), 40, 2);
  CHECK(done.sent[0][0] == 0xDD);
  CHECK(done.sent[1] == app_key);
  CHECK(done.count(password) == 1);
  CHECK(done.heard.readings.size() > 10);
}

TEST_CASE("jbd login: heard in a capture, in pieces of every size") {
  for (std::size_t chunk = 1; chunk <= 64; ++chunk) {
    Heard heard;
    jbd::JbdDecoder decoder;
    const auto exchange = [&](const Buffer& request, const Buffer& answer) {
      for (Bytes rest = request; !rest.empty(); rest = rest.subspan(std::min(chunk, rest.size())))
        decoder.feed(Direction::to_bms, rest.first(std::min(chunk, rest.size())), heard);
      for (Bytes rest = answer; !rest.empty(); rest = rest.subspan(std::min(chunk, rest.size())))
        decoder.feed(Direction::from_bms, rest.first(std::min(chunk, rest.size())), heard);
    };
    exchange(app_key, key_ok);
    CHECK(decoder.module_answer() == login::ok);
    exchange(random_byte, random_37);
    CHECK(decoder.module_answer() == 0x37);
    exchange(random_byte, from_hex("FFAA17010119"));  // a random byte of 01 refuses nothing
    CHECK(decoder.module_answer() == 0x01);
    exchange(password, password_ok);
    CHECK(heard.rejected.empty());
    exchange(password, password_wrong);
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::refused, 1}});
    exchange(from_hex("DDA50400FFFC77"), dd_reply(0x04, words({3310, 3322})));
    CHECK(heard.good == 5);
    decoder.finish(heard);
    CHECK(heard.readings.size() == 1);
  }
}

TEST_CASE("jbd: over Bluetooth a chunk of the request before is dropped, and a lost one gives no value") {
  const Buffer info = dd_reply(0x03, BasicInfoData{}.bytes()), cells = dd_reply(0x04, words({3310, 3322, 3315, 3318}));
  const auto chunks = Module::in_chunks(info);
  REQUIRE(chunks.size() >= 2);
  for (std::size_t lost = 0; lost < chunks.size(); ++lost) {
    Heard heard;
    jbd::JbdDecoder decoder;
    decoder.feed(Direction::to_bms, dd_request(0x03), heard);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      if (i != lost) decoder.feed(Direction::from_bms, chunks[i], heard);
    }
    CHECK(heard.good == 0);
    decoder.feed(Direction::to_bms, dd_request(0x03), heard);  // fresh: what comes now begins with DD
    for (const Buffer& chunk : chunks) decoder.feed(Direction::from_bms, chunk, heard);
    decoder.feed(Direction::to_bms, dd_request(0x04), heard);
    for (const Buffer& chunk : Module::in_chunks(cells)) decoder.feed(Direction::from_bms, chunk, heard);
    REQUIRE(heard.readings.size() == 1);
    CHECK(heard.readings[0].pack_v.value() == doctest::Approx(13.28));
    CHECK(!heard.rejected.empty());
  }
}
