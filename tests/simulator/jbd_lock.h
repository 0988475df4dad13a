#pragma once
// What newer JBD Bluetooth modules put before the board: DD requests stay unanswered until the app key, and where the
// owner has set one the password, was said. jbd.md 4.1.
//
//   FF AA | command | length | data | sum8 over command to data; the answer has the same form and one byte
//   15 app key "000000": 00 good, 01 wrong, 02 good and no password needed
//   17 a random byte R      18 password: six bytes (MAC[i] ^ password[i]) + R
#include <memory>
#include <random>
#include <string>

#include "tests/simulator/device.h"

namespace simulator {

class JbdLock : public Device {
 public:
  /// An empty password: the app key is enough. `mac`: six bytes as they are printed.
  JbdLock(std::unique_ptr<Device> board, std::string password, Octets mac, std::uint32_t seed);

  std::vector<Answer> receive(const Octets& bytes) override;
  bool intact(const Octets& reply) const override { return board_->intact(reply); }
  void link_opened() override;

 private:
  Octets answer(const Octets& request);
  bool is_password(const Octets& data) const;

  std::unique_ptr<Device> board_;
  std::string password_;
  Octets mac_;
  std::mt19937 random_;
  Octets received_;
  bool knows_app_ = false, open_ = false;
  int challenge_ = -1;  ///< the random byte that was given; it is good once
};

}  // namespace simulator
