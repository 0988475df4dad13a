#include "tests/simulator/jbd_lock.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace simulator {

namespace {

constexpr int app_key = 0x15, random_byte = 0x17, password = 0x18;
constexpr std::uint8_t good = 0x00, wrong = 0x01, no_password_needed = 0x02;
constexpr std::size_t header = 4, longest_data = 32;

Octets frame(int command, std::uint8_t result) {
  Octets bytes{0xFF, 0xAA, static_cast<std::uint8_t>(command), 0x01, result};
  bytes.push_back(static_cast<std::uint8_t>(std::accumulate(bytes.begin() + 2, bytes.end(), 0)));
  return bytes;
}

}  // namespace

JbdLock::JbdLock(std::unique_ptr<Device> board, std::string password, Octets mac, std::uint32_t seed)
    : board_(std::move(board)), password_(std::move(password)), mac_(std::move(mac)), random_(seed) {
  board_->on_snapshot = [this](const Snapshot& now) {
    if (on_snapshot) on_snapshot(now);
  };
  board_->on_write = [this](const Octets& request) {
    if (on_write) on_write(request);
  };
}

void JbdLock::link_opened() {
  received_.clear();
  knows_app_ = open_ = false;
  challenge_ = -1;
  board_->link_opened();
}

/// FF AA frames are the module's; everything else goes on to the board once it is open.
std::vector<Answer> JbdLock::receive(const Octets& bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  std::vector<Answer> answers;
  while (received_.size() >= 2 && received_[0] == 0xFF && received_[1] == 0xAA) {
    if (received_.size() < header || received_.size() < header + received_[3] + 1U) return answers;
    const auto end = received_.begin() + static_cast<std::ptrdiff_t>(header + received_[3] + 1U);
    const Octets request(received_.begin(), end);
    received_.erase(received_.begin(), end);
    const bool sound = request[3] <= longest_data && request.back() == static_cast<std::uint8_t>(std::accumulate(
                                                                           request.begin() + 2, request.end() - 1, 0));
    const Octets reply = sound ? answer(request) : Octets{};
    if (!reply.empty()) answers.push_back({request, reply});
  }
  const Octets rest = std::exchange(received_, {});
  if (!open_) return answers;
  for (Answer& one : board_->receive(rest)) answers.push_back(std::move(one));
  return answers;
}

Octets JbdLock::answer(const Octets& request) {
  const int command = request[2];
  const Octets data(request.begin() + header, request.end() - 1);
  switch (command) {
    case app_key:
      knows_app_ = data == Octets(6, '0');
      open_ = knows_app_ && password_.empty();
      return frame(command, !knows_app_ ? wrong : password_.empty() ? no_password_needed : good);
    case random_byte:
      challenge_ = static_cast<int>(random_() & 0xFF);
      return frame(command, static_cast<std::uint8_t>(challenge_));
    case password:
      open_ = open_ || is_password(data);
      challenge_ = -1;
      return frame(command, open_ ? good : wrong);
    default:
      if (on_write) on_write(request);
      return {};
  }
}

bool JbdLock::is_password(const Octets& data) const {
  if (!knows_app_ || challenge_ < 0 || data.size() != 6 || password_.size() != 6) return false;
  for (std::size_t i = 0; i < 6; ++i) {
    if (data[i] != (((mac_[i] ^ password_[i]) + challenge_) & 0xFF)) return false;
  }
  return true;
}

}  // namespace simulator
