#include "protocols/modbus_rtu.h"

#include <doctest/doctest.h>

#include "protocols/checksum.h"
#include "tests/protocols/modbus_frame.h"
#include "tests/support/hex.h"

using namespace cellwarden;
using modbus::next_reply, modbus::next_request, modbus::open_reply, modbus::open_request;
using modbus_test::with_crc;

namespace {

struct Cut {
  std::vector<Buffer> frames;
  std::vector<FrameError> skipped;
};
Cut cut(const Buffer& stream, std::size_t chunk, std::uint8_t address = 0xD2) {
  Cut all;
  Reassembler reassembler;
  const auto rule = [&](Bytes received) { return next_reply(received, address); };
  const auto keep = [&](Bytes frame) { all.frames.emplace_back(frame.begin(), frame.end()); };
  const auto skip = [&](FrameError why) { all.skipped.push_back(why); };
  for (std::size_t at = 0; at < stream.size(); at += chunk) {
    reassembler.feed(Bytes(stream).subspan(at, std::min(chunk, stream.size() - at)), rule, keep, skip);
  }
  reassembler.flush(rule, keep, skip);
  return all;
}

}  // namespace

TEST_CASE("modbus: the CRC is that of the specification") {
  const std::string_view digits = "123456789";
  CHECK(crc16(Buffer(digits.begin(), digits.end())) == 0x4B37);
  CHECK(crc16({}) == 0xFFFF);
  Buffer bytes;
  for (int n = 0; n < 300; ++n) {
    bytes.push_back(static_cast<std::uint8_t>(n * 37 + n / 7));
    CHECK(crc16(bytes) == modbus_test::crc(bytes));
  }
}

TEST_CASE("modbus: a request is a read of registers, and nothing else") {
  CHECK(modbus::read_request(0xD2, 0, 62) == from_hex("D2030000003ED7B9"));
  CHECK(modbus::read_request(0x81, 0x178, 74) == from_hex("81030178004a5a18"));
  for (int address = 1; address < 256; address += 11) {
    for (int start = 0; start < 0x10000; start += 0x0F0F) {
      const auto by = static_cast<std::uint8_t>(address);
      const Buffer request = modbus::read_request(by, static_cast<std::uint16_t>(start), 125);
      CHECK(request == modbus_test::read(by, start, 125));
      CHECK(next_request(request, by).bytes == 8);
      CHECK(open_request(request) == modbus::Request{0x03, static_cast<std::uint16_t>(start), 125});
    }
  }
}

TEST_CASE("modbus: replies, refusals and others' writes, in one stream, however it is cut") {
  const std::vector<Buffer> frames = {modbus_test::reply(0xD2, {1, 0xFFFF, 0xD203}),
                                      modbus_test::refusal(0xD2),
                                      with_crc(from_hex("D2060083 0001")),
                                      with_crc(from_hex("D21000D40003")),
                                      modbus_test::read(0xD2, 0x3E, 9),
                                      modbus_test::reply(0xD2, std::vector<int>(125, 0x0CE4))};
  Buffer stream;
  for (const Buffer& frame : frames) stream.insert(stream.end(), frame.begin(), frame.end());
  for (std::size_t chunk = 1; chunk <= stream.size(); ++chunk) {
    CAPTURE(chunk);
    const Cut found = cut(stream, chunk);
    CHECK(found.frames == frames);
    CHECK(found.skipped.empty());
  }
  using Kind = modbus::Reply::Kind;
  const std::vector<Kind> kinds = {Kind::registers, Kind::refused, Kind::done, Kind::done, Kind::echo, Kind::registers};
  for (std::size_t i = 0; i < frames.size(); ++i) CHECK(open_reply(frames[i]).kind == kinds[i]);
  CHECK(open_reply(frames[1]).function == 0x03);
  CHECK(open_reply(frames[3]).function == 0x10);
  CHECK(open_reply(frames[5]).data.size() == 250);
}

TEST_CASE("modbus: another's write is one request, with its data; one without its byte count is none") {
  const Buffer write = with_crc(from_hex("D21000D40003 06 190A1B0C0D0E"));
  CHECK(next_request(write, 0xD2).kind == FrameStep::frame);
  CHECK(next_request(write, 0xD2).bytes == write.size());
  CHECK(open_request(write).function == 0x10);
  const Buffer app = with_crc(from_hex("D21000D40003 010A1B0C0D0E"));  // daly.md 2.1
  CHECK(next_request(app, 0xD2).kind == FrameStep::skip);
}

TEST_CASE("modbus: no flipped bit passes, and what follows is found") {
  const Buffer good = modbus_test::reply(0xD2, {3300, 3301, 3302});
  const Buffer next = modbus_test::refusal(0xD2);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    CAPTURE(bit);
    Buffer stream = good;
    stream[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    stream.insert(stream.end(), next.begin(), next.end());
    const Cut found = cut(stream, stream.size());
    CHECK(found.frames == std::vector<Buffer>{next});
    REQUIRE(!found.skipped.empty());
    if (bit / 8 == 0) CHECK(found.skipped[0] == FrameError::sync);
    if (bit / 8 > 2) CHECK(found.skipped[0] == FrameError::checksum);
  }
}

TEST_CASE("modbus: why bytes are no reply") {
  const auto why = [](const Buffer& stream) {
    const Cut found = cut(stream, 3);
    CHECK(found.frames.empty());
    return found.skipped.at(0);
  };
  CHECK(why(with_crc(from_hex("D2 03 03 000000"))) == FrameError::length);  // half a register
  CHECK(why(with_crc(from_hex("D2 03 FC 0000"))) == FrameError::length);    // more than a frame holds
  CHECK(why(with_crc(from_hex("D2 04 02 0CE4"))) == FrameError::sync);      // another function
  CHECK(why(modbus_test::reply(0x51, {1, 2})) == FrameError::sync);         // another slave
  CHECK(why(from_hex("D2030400010002")) == FrameError::length);             // the end is missing
  CHECK(why(from_hex("d20304ffffffffdce0")) == FrameError::checksum);       // the CRC of a longer one
}

TEST_CASE("modbus: registers are found by their own numbers") {
  const Buffer data = from_hex("0001 0002 FFFF");
  const modbus::Registers registers{0x80, data};
  CHECK(registers.hold(0x80, 3));
  CHECK_FALSE(registers.hold(0x7F));
  CHECK_FALSE(registers.hold(0x82, 2));
  CHECK_FALSE(registers.hold(0x83));
  CHECK(registers[0x81] == 2);
  CHECK(registers.bytes(0x81, 2).size() == 4);
}

TEST_CASE("modbus: our own request come back is an echo, wherever it starts") {
  using modbus::Reply;
  // 1200 looks like a reply of 18 bytes, and a refusal behind it is shorter than that.
  const Buffer asked = modbus_test::read(0x01, 0x1200, 120), refusal = modbus_test::refusal(0x01),
               reply = modbus_test::reply(0x01, std::vector<int>(120, 0x0CE4)),
               write = with_crc(from_hex("01101620000102 0000"));
  for (const Buffer& request : {asked, write}) {
    for (const Buffer& answer : {refusal, reply}) {
      Buffer stream = request;
      stream.insert(stream.end(), answer.begin(), answer.end());
      CHECK(next_reply(stream, 0x01, request).kind == FrameStep::frame);
      CHECK(next_reply(stream, 0x01, request).bytes == request.size());
      for (std::size_t size = 1; size < request.size(); ++size)
        CHECK(next_reply(Bytes(stream).first(size), 0x01, request).kind == FrameStep::need_more);
      CHECK(open_reply(request).kind == Reply::echo);
      CHECK(next_reply(answer, 0x01, request).bytes == answer.size());
    }
  }
  CHECK(open_reply(reply).kind == Reply::registers);
  CHECK(open_reply(with_crc(from_hex("011016200001"))).kind == Reply::done);
}
