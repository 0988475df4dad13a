#pragma once
// How a board is paired with that has a PIN: legacy pairing by passkey, the board shows it and the central enters it.
// Core specification 4.2, volume 3, part H. The Security Manager's PDUs in and out; keys are counted from the low byte.
//
//   01 io oob auth size ours theirs: request      02 the same: response      03 confirm16    04 random16    05 why:
//   failed 06 key16, 07 ediv16 random64: what a later link is encrypted with
#include <array>
#include <string>
#include <vector>

#include "tests/simulator/ble/address.h"

namespace simulator::ble {

using Key = std::array<std::uint8_t, 16>;

/// The security function e: AES-128, counted from the low byte.
Key encrypted(const Key& key, const Key& text);
/// The confirm value c1; `request` and `response` are the PDUs, the addresses as HCI has them.
Key confirm_value(const Key& key, const Key& random, const Octets& request, const Octets& response,
                  const Octets& central, const Octets& board);
/// The key of the link on which they pair, s1.
Key short_term_key(const Key& key, const Key& board_random, const Key& central_random);

class Pairing {
 public:
  Pairing(const std::string& pin, const Address& board);

  /// Another link: what was agreed on and not finished is void; the keys stay.
  void link_opened();
  /// The answer to a PDU of that central's; empty to what wants none.
  Octets receive(const Octets& pdu, const Octets& central);
  /// The central encrypts the link; whether this board has that key.
  bool encrypts(const Key& key, int diversifier);
  /// What it tells after that.
  std::vector<Octets> keys_to_tell();

  bool is_trusted() const { return trusted_; }
  int paired = 0;  ///< times

 private:
  Octets failed(int why);

  Key passkey_{}, random_{}, central_confirm_{}, short_term_{}, long_term_{};
  Octets board_, request_, response_;
  bool has_short_term_ = false, has_long_term_ = false, tells_keys_ = false, trusted_ = false;
};

}  // namespace simulator::ble
