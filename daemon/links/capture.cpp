#include "daemon/links/capture.h"

#include <cctype>
#include <cmath>
#include <cstdio>
#include <istream>
#include <ostream>

namespace cellwarden {

namespace {

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int lower = std::tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// False when `text` holds anything but pairs of hex digits and white space.
bool read_hex(std::string_view text, Buffer& into) {
  int high = -1;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c))) continue;
    const int value = nibble(c);
    if (value < 0) return false;
    if (high < 0) {
      high = value;
    } else {
      into.push_back(static_cast<std::uint8_t>(high << 4 | value));
      high = -1;
    }
  }
  return high < 0;
}

bool read_seconds(const std::string& text, std::optional<double>& into) {
  if (text.find_first_not_of(" \t") == std::string::npos) return true;
  double seconds = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%lf %c", &seconds, &rest) != 1) return false;
  constexpr double latest = 1e11;  // also of seconds since 1970; "nan" and "inf" are numbers to scanf
  if (!(std::abs(seconds) < latest)) return false;
  into = seconds;
  return true;
}

constexpr int version = 1;

void check_heading(std::string_view comment) {
  int written = version;
  if (std::sscanf(std::string(comment).c_str(), "# cellwarden capture %d", &written) == 1 && written != version)
    throw CaptureError("names capture format " + std::to_string(written) + "; only " + std::to_string(version) +
                       " is known here, a newer Cellwarden reads it");
}

}  // namespace

std::optional<CaptureLine> capture_line(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first != std::string_view::npos && text[first] == '#') check_heading(text.substr(first));
  if (first == std::string_view::npos || text[first] == '#') return std::nullopt;

  CaptureLine line;
  const auto mark = text.find_first_of("<>");
  if (mark == std::string_view::npos || !read_seconds(std::string(text.substr(0, mark)), line.seconds) ||
      !read_hex(text.substr(mark + 1), line.bytes)) {
    throw CaptureError(
        "is none of a capture; one looks like \"12.345 < DD 03 00 1D ...\" (from the BMS) or \"12.3 > DD A5 03 ...\" "
        "(to it)");
  }
  line.direction = text[mark] == '<' ? Direction::from_bms : Direction::to_bms;
  return line;
}

std::optional<CaptureLine> CaptureReader::next() {
  for (std::string text; std::getline(in_, text);) {
    ++line_;
    try {
      if (auto line = capture_line(text)) return line;
    } catch (const CaptureError& wrong) {
      throw CaptureError("line " + std::to_string(line_) + " " + wrong.what());
    }
  }
  return std::nullopt;
}

CaptureWriter::CaptureWriter(std::ostream& out) : out_(out) { out_ << "# cellwarden capture 1\n"; }

void CaptureWriter::remark(std::string_view text) { out_ << "# " << text << '\n'; }

void CaptureWriter::write(double seconds, Direction direction, Bytes bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f %c", seconds, direction == Direction::from_bms ? '<' : '>');
  out_ << text;
  for (const auto byte : bytes) {
    std::snprintf(text, sizeof text, " %02X", byte);
    out_ << text;
  }
  out_ << '\n';
}

}  // namespace cellwarden
