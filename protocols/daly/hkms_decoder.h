#pragma once
// Gives the replies of Daly's H, K, M and S boards their meaning: two of them make one reading.
#include <map>

#include "protocols/daly/hkms.h"
#include "protocols/daly/register_decoder.h"

namespace cellwarden::daly {

class HkmsDecoder : public RegisterDecoder {
 public:
  /// No reading that waits for its second half shall be told.
  void forget() { waiting_.clear(); }

 private:
  std::optional<int> board_asked(std::uint8_t address) const override;
  std::optional<int> board_answering(std::uint8_t address) const override;
  void on_request(int board, const modbus::Request& request, Sink& sink) override;
  void on_registers(int board, const Registers& registers, Sink& sink) override;
  void on_registers_alone(int board, Bytes data, Sink& sink) override;
  void on_end(Sink& sink) override;
  void on_measured(int board, const Registers& registers, Sink& sink);
  void settle(int board, Sink& sink);

  std::map<int, Reading> waiting_;  ///< by board: the measured half, waiting for the state
};

}  // namespace cellwarden::daly
