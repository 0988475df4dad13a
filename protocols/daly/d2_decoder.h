#pragma once
// Gives Daly's D2 replies their meaning.
#include "protocols/daly/d2.h"
#include "protocols/daly/register_decoder.h"

namespace cellwarden::daly {

class D2Decoder : public RegisterDecoder {
 public:
  /// The board's own registers will not come for the reading that waits for them: it is told without.
  void settle(Sink& sink);
  /// That reading shall not be told.
  void forget() { waiting_.reset(); }

 private:
  std::optional<int> board_asked(std::uint8_t address) const override;
  std::optional<int> board_answering(std::uint8_t address) const override { return board_asked(address); }
  void on_request(int board, const modbus::Request& request, Sink& sink) override;
  void on_registers(int board, const Registers& registers, Sink& sink) override;
  void on_registers_alone(int board, Bytes data, Sink& sink) override;
  void on_end(Sink& sink) override { settle(sink); }
  void on_live(const Registers& registers, Sink& sink);

  std::optional<Reading> waiting_;  ///< a live block's reading, waiting for the board's own registers
  bool alone_ = false;              ///< whoever asks here does not ask for them
};

}  // namespace cellwarden::daly
