#pragma once
// Gives Daly's D2 replies their meaning: a Modbus reply does not say which registers it holds, the request does.
#include <deque>
#include <optional>

#include "protocols/adapter.h"
#include "protocols/daly/d2.h"

namespace cellwarden::daly {

class D2Decoder : public Decoder {
 public:
  void feed(Direction direction, Bytes bytes, Sink& sink) override;
  void finish(Sink& sink) override;

  /// What became of the last request fed.
  ///   blank   its registers read FF, or what no board has: it says nothing
  ///   asleep  zeros where a battery is measured
  enum class Answer { none_yet, over, blank, asleep, refused };
  Answer answer() const { return answer_; }
  /// The board's own registers will not come for the reading that waits for them: it is told without.
  void settle(Sink& sink);
  /// That reading shall not be told.
  void forget() { waiting_.reset(); }

 private:
  void on_request(Bytes frame, Sink& sink);
  void on_reply(Bytes frame, Sink& sink);
  std::optional<modbus::Request> request_of(const modbus::Reply& reply);
  void on_registers(const Registers& registers, Sink& sink);
  void on_live(const Registers& registers, Sink& sink);
  void on_replies_alone(Bytes data, Sink& sink);

  Reassembler replies_, requests_;
  bool heard_requests_ = false;            ///< a capture may hold replies alone
  std::deque<modbus::Request> in_flight_;  ///< oldest first; Daly's app does not wait for an answer
  Answer answer_ = Answer::none_yet;
  std::optional<Reading> waiting_;  ///< a live block's reading, waiting for the board's own registers
  bool alone_ = false;              ///< whoever asks here does not ask for them
};

}  // namespace cellwarden::daly
