#include "protocols/jbd/login.h"

#include <algorithm>
#include <charconv>

#include "protocols/checksum.h"

namespace cellwarden::jbd::login {

namespace {

constexpr std::uint8_t first = 0xFF, second = 0xAA;
constexpr std::size_t header = 4, sum_size = 1, longest_data = 32;

std::uint8_t sum_of(Bytes frame) {
  return static_cast<std::uint8_t>(sum16(frame.subspan(2, frame.size() - 2 - sum_size)));
}

Buffer request(Command command, const Buffer& data) {
  Buffer frame{first, second, static_cast<std::uint8_t>(command), static_cast<std::uint8_t>(data.size())};
  frame.insert(frame.end(), data.begin(), data.end());
  frame.push_back(0);
  frame.back() = sum_of(frame);
  return frame;
}

}  // namespace

std::optional<Mac> mac_of(std::string_view printed) {
  Mac mac{};
  if (printed.size() != 3 * mac.size() - 1) return std::nullopt;
  for (std::size_t i = 0; i < mac.size(); ++i) {
    const char* pair = printed.data() + 3 * i;
    const auto [end, error] = std::from_chars(pair, pair + 2, mac[i], 16);
    if (error != std::errc{} || end != pair + 2) return std::nullopt;
  }
  return mac;
}

Buffer app_key_request() { return request(Command::app_key, Buffer(6, '0')); }
Buffer random_request() { return request(Command::random, {}); }

Buffer password_request(const Mac& mac, std::string_view password, std::uint8_t random) {
  Buffer scrambled;
  for (std::size_t i = 0; i < mac.size(); ++i) {
    scrambled.push_back(static_cast<std::uint8_t>((mac[i] ^ static_cast<std::uint8_t>(password[i])) + random));
  }
  return request(Command::password, scrambled);
}

Buffer without_password(Bytes bytes) {
  Buffer shown(bytes.begin(), bytes.end());
  const bool is_login = shown.size() > header && shown[0] == first && shown[1] == second;
  if (!is_login || shown[2] != static_cast<std::uint8_t>(Command::password)) return shown;
  std::fill(shown.begin() + header, shown.end(), std::uint8_t{0});
  shown.back() = sum_of(shown);
  return shown;
}

FrameStep next_frame(Bytes received) {
  const auto at = static_cast<std::size_t>(std::ranges::find(received, first) - received.begin());
  if (at > 0) return {FrameStep::skip, at, FrameError::sync};
  if (received.size() > 1 && received[1] != second) return {FrameStep::skip, 1, FrameError::sync};
  if (received.size() < header) return {FrameStep::need_more};

  if (received[3] > longest_data) return {FrameStep::skip, 1, FrameError::length};
  const std::size_t size = header + received[3] + sum_size;
  if (received.size() < size) return {FrameStep::need_more};
  if (received[size - 1] != sum_of(received.first(size))) return {FrameStep::skip, 1, FrameError::checksum};
  return {FrameStep::frame, size};
}

Frame open_frame(Bytes frame) { return {frame[2], frame.subspan(header, frame[3])}; }

}  // namespace cellwarden::jbd::login
