#include "daemon/links/capture.h"

#include <doctest/doctest.h>

#include <sstream>

#include "tests/support/hex.h"

using namespace cellwarden;

namespace {

/// All lines of a capture; what is none of it as its error.
struct Read {
  std::vector<CaptureLine> lines;
  std::vector<std::string> errors;
};

Read read(const std::string& text) {
  std::istringstream in(text);
  CaptureReader reader(in);
  Read all;
  for (bool more = true; more;) {
    try {
      const auto line = reader.next();
      if (line) all.lines.push_back(*line);
      more = line.has_value();
    } catch (const CaptureError& wrong) {
      all.errors.emplace_back(wrong.what());
    }
  }
  return all;
}

}  // namespace

TEST_CASE("capture: what is written is read back as it passed") {
  Buffer every(256);
  for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::uint8_t>(i);
  std::ostringstream out;
  CaptureWriter writer(out);
  writer.write(0, Direction::to_bms, from_hex("DDA50300FFFD77"));
  writer.write(0.0426, Direction::from_bms, every);
  writer.write(86400.5, Direction::from_bms, from_hex("0A"));
  CHECK(out.str().starts_with("# cellwarden capture 1\n0.000 > DD A5 03 00 FF FD 77\n0.043 < 00 01 02"));

  const Read back = read(out.str());
  CHECK(back.errors.empty());
  REQUIRE(back.lines.size() == 3);
  CHECK(back.lines[0].direction == Direction::to_bms);
  CHECK(back.lines[0].seconds == 0);
  CHECK(back.lines[0].bytes == from_hex("DDA50300FFFD77"));
  CHECK(back.lines[1].direction == Direction::from_bms);
  CHECK(back.lines[1].seconds == doctest::Approx(0.043));
  CHECK(back.lines[1].bytes == every);
  CHECK(back.lines[2].seconds == 86400.5);
}

TEST_CASE("capture: spaces in the hex, either case, Windows line ends and missing times are fine") {
  for (const char* text : {"1.5 < DD0300", "1.5 < dd 03 00", "1.5<DD 0300", "  1.5\t<\tD D 0 3 00  ",
                           "1.5 < DD 03 00\r", "< DD 03 00", "<DD0300", " \t< DD 03 00", "1.5 < DD 03 00\n"}) {
    CAPTURE(text);
    const Read all = read(text);
    CHECK(all.errors.empty());
    REQUIRE(all.lines.size() == 1);
    CHECK(all.lines[0].bytes == from_hex("DD0300"));
    CHECK(all.lines[0].direction == Direction::from_bms);
    const bool timed = std::string(text).find("1.5") != std::string::npos;
    CHECK(all.lines[0].seconds == (timed ? std::optional(1.5) : std::nullopt));
  }
}

TEST_CASE("capture: comments and empty lines say nothing") {
  const Read all = read("# cellwarden capture 1\n\n  # house-1 < DD\n#\n \t\r\n> DD\n# end");
  CHECK(all.errors.empty());
  REQUIRE(all.lines.size() == 1);
  CHECK(all.lines[0].direction == Direction::to_bms);
  CHECK(read("").lines.empty());
}

TEST_CASE("capture: a time that is no moment is refused") {
  for (const char* time : {"nan", "inf", "-inf", "1e300", "0x1p9999"}) {
    CAPTURE(time);
    const Read all = read(std::string(time) + " < DD 03\n");
    CHECK(all.lines.empty());
    CHECK(all.errors.size() == 1);
  }
}

TEST_CASE("capture: a line that is none is named by its number, and the next is read") {
  const Read all = read(
      "# cellwarden capture 1\n"
      "1 < DD 0\n"                 // half a byte
      "2 < DD 0G\n"                // no hex
      "\n"                         // counts too
      "soon < DD 03\n"             // no time
      "DD A5 03 00 FF FD 77\n"     // no direction
      "3 4 < DD\n"                 // two times
      "4 < DD # said the board\n"  // no room for comments behind the bytes
      "5 < DD 03\n"
      "6 = DD\n");
  REQUIRE(all.errors.size() == 7);
  const char* places[] = {"2", "3", "5", "6", "7", "8", "10"};
  for (std::size_t i = 0; i < all.errors.size(); ++i) {
    CAPTURE(all.errors[i]);
    CHECK(all.errors[i].starts_with("line " + std::string(places[i]) + " "));
    CHECK(all.errors[i].find("one looks like \"12.345 < DD") != std::string::npos);
  }
  REQUIRE(all.lines.size() == 1);
  CHECK(all.lines[0].bytes == from_hex("DD03"));
}

TEST_CASE("capture: another format and times that are none are said") {
  CHECK(read("# cellwarden capture 2\n1 < DD\n").errors.at(0) ==
        "line 1 names capture format 2; only 1 is known here, a newer Cellwarden reads it");
  CHECK(read("# cellwarden capture 1\n1 < DD\n").errors.empty());
  CHECK(read("nan < DD\n").errors.size() == 1);
  CHECK(read("inf < DD\n").errors.size() == 1);
}
