#include "tests/simulator/ble/pairing.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "tests/simulator/ble/little_endian.h"

namespace simulator::ble {

namespace {

enum Code {
  request = 0x01,
  response = 0x02,
  confirm = 0x03,
  random_value = 0x04,
  failure = 0x05,
  key = 0x06,
  ident = 0x07
};
constexpr int entry_failed = 0x01, authentication_required = 0x03, confirm_failed = 0x04, not_understood = 0x07;
constexpr int display_only = 0x00, no_input_no_output = 0x03, bonding_and_mitm = 0x05, key_size = 16;
constexpr std::uint8_t encryption_key = 0x01;
constexpr int diversifier_of_it = 0x4243;
constexpr int long_term_number = 8;

Key operator^(Key a, const Key& b) {
  std::ranges::transform(a, b, a.begin(), [](int x, int y) { return static_cast<std::uint8_t>(x ^ y); });
  return a;
}

Key key_from(const Octets& bytes) {
  Key all{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), all.size()), all.begin());
  return all;
}

Octets octets(const Key& from) { return {from.begin(), from.end()}; }

}  // namespace

Key encrypted(const Key& by, const Key& text) {
  Key big_key = by, big_text = text, result{};
  std::ranges::reverse(big_key);
  std::ranges::reverse(big_text);
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  if (EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_ecb(), nullptr, big_key.data(), nullptr) != 1 ||
      EVP_EncryptUpdate(cipher.get(), result.data(), &size, big_text.data(), key_size) != 1)
    throw std::runtime_error("no AES here");
  std::ranges::reverse(result);
  return result;
}

Key confirm_value(const Key& by, const Key& random, const Octets& asked, const Octets& answered, const Octets& central,
                  const Octets& board) {
  const Key kinds = key_from(Put().u8(central[0]).u8(board[0]).all(asked).all(answered));
  const Key addresses = key_from(Put().all(part(board, 1)).all(part(central, 1)));
  return encrypted(by, encrypted(by, random ^ kinds) ^ addresses);
}

Key short_term_key(const Key& by, const Key& board_random, const Key& central_random) {
  Key both = central_random;
  std::copy_n(board_random.begin(), 8, both.begin() + 8);
  return encrypted(by, both);
}

Pairing::Pairing(const std::string& pin, const Address& board) : board_(board.on_the_wire()) {
  const auto number = static_cast<int>(std::stoul(pin));
  passkey_ = key_from(Put().u16(number).u16(number >> 16));
  random_ = encrypted(key_from(board_), passkey_);
  long_term_ = encrypted(passkey_, key_from(board_));
}

void Pairing::link_opened() { has_short_term_ = tells_keys_ = trusted_ = false; }

Octets Pairing::failed(int why) {
  has_short_term_ = tells_keys_ = false;
  return Put().u8(failure).u8(why);
}

Octets Pairing::receive(const Octets& pdu, const Octets& central) {
  const std::size_t whole = pdu[0] == request ? 7 : pdu[0] == confirm || pdu[0] == random_value ? 17 : 1;
  if (pdu.size() != whole) return pdu[0] == failure ? Octets{} : failed(not_understood);
  switch (pdu[0]) {
    case request:
      if (pdu[1] == no_input_no_output || pdu[1] == display_only) return failed(authentication_required);
      request_ = pdu;
      response_ =
          Put().u8(response).u8(display_only).u8(0).u8(bonding_and_mitm).u8(key_size).u8(0).u8(pdu[6] & encryption_key);
      return response_;
    case confirm:
      if (request_.empty()) return failed(entry_failed);
      central_confirm_ = key_from(part(pdu, 1));
      return Put().u8(confirm).all(octets(confirm_value(passkey_, random_, request_, response_, central, board_)));
    case random_value: {
      const Key theirs = key_from(part(pdu, 1));
      if (request_.empty() || confirm_value(passkey_, theirs, request_, response_, central, board_) != central_confirm_)
        return failed(confirm_failed);
      short_term_ = short_term_key(passkey_, random_, theirs);
      has_short_term_ = true;
      return Put().u8(random_value).all(octets(random_));
    }
    default:
      return {};
  }
}

bool Pairing::encrypts(const Key& by, int diversifier) {
  if (diversifier == 0 && has_short_term_ && by == short_term_) {
    tells_keys_ = response_[6] & encryption_key;
    ++paired;
    return trusted_ = true;
  }
  return trusted_ = diversifier == diversifier_of_it && has_long_term_ && by == long_term_;
}

std::vector<Octets> Pairing::keys_to_tell() {
  if (!std::exchange(tells_keys_, false)) return {};
  has_long_term_ = true;
  return {Put().u8(key).all(octets(long_term_)), Put().u8(ident).u16(diversifier_of_it).u8(long_term_number).zeros(7)};
}

}  // namespace simulator::ble
