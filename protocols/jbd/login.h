#pragma once
// The password exchange of JBD's newer Bluetooth modules, in front of DD frames (jbd.md 4.1).
//
//   FF AA | command | length | data | sum       sum: low byte of the sum from command through data; a reply's data is
//                                               one byte
//   15  app key, always "000000"        00 ok, 01 rejected, 02 no password is set
//   17  (no data)                       a random byte R, another each time
//   18  password, six bytes             ((MAC[i] ^ password[i]) + R) & FF: 00 ok, 01 wrong
//
// It looks like a write, so nothing of it leaves unless its owner has set `ble_password` (design 4.2), which is
// stricter than jbd.md 3.2: that lets 15 go without. Even then only over Bluetooth, only while DD requests stay
// unanswered, and only these three; 16 (new password), 07 (new name) and 1D (root key) never do.
#include <array>
#include <optional>
#include <string_view>

#include "protocols/framing.h"

namespace cellwarden::jbd::login {

enum class Command : std::uint8_t { app_key = 0x15, random = 0x17, password = 0x18 };
inline constexpr std::uint8_t ok = 0x00, wrong = 0x01, no_password_needed = 0x02;

using Mac = std::array<std::uint8_t, 6>;
/// "A4:C1:37:04:2D:BE", in the order in which it is printed.
std::optional<Mac> mac_of(std::string_view printed);

inline constexpr std::size_t password_length = 6;

Buffer app_key_request();
Buffer random_request();
/// `password`: six characters.
Buffer password_request(const Mac& mac, std::string_view password, std::uint8_t random);
/// A request without the password that could be worked out of it; any other stays as it is.
Buffer without_password(Bytes request);

/// Where the first frame, of either direction, ends in what has arrived so far.
FrameStep next_frame(Bytes received);
struct Frame {
  std::uint8_t command;
  Bytes data;
};
Frame open_frame(Bytes frame);

}  // namespace cellwarden::jbd::login
