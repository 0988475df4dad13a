#pragma once
// What the decoders of Daly's Modbus protocols share: a reply does not say which registers it holds, the request does.
#include <deque>
#include <optional>

#include "protocols/adapter.h"
#include "protocols/daly/register_values.h"

namespace cellwarden::daly {

class RegisterDecoder : public Decoder {
 public:
  void feed(Direction direction, Bytes bytes, Sink& sink) final;
  void finish(Sink& sink) final;

  /// What became of the last request fed.
  ///   blank   its registers read FF, or what no board has: it says nothing
  ///   asleep  zeros where a battery is measured
  enum class Answer { none_yet, over, blank, asleep, refused };
  Answer answer() const { return answer_; }

 protected:
  void became(Answer answer) { answer_ = answer; }

 private:
  /// Which board a request with this address asks, a reply with this address comes from.
  virtual std::optional<int> board_asked(std::uint8_t address) const = 0;
  virtual std::optional<int> board_answering(std::uint8_t address) const = 0;

  virtual void on_request(int board, const modbus::Request& request, Sink& sink) = 0;
  /// Registers that were asked for. Throws BadFrame when they are no board's.
  virtual void on_registers(int board, const Registers& registers, Sink& sink) = 0;
  /// Registers whose request nobody heard.
  virtual void on_registers_alone(int board, Bytes data, Sink& sink) = 0;
  /// The bytes are over.
  virtual void on_end(Sink& sink) = 0;

  struct Asked {
    int board;
    modbus::Request request;
    bool operator==(const Asked&) const = default;
  };

  FrameStep next_request(Bytes received) const;
  FrameStep next_reply(Bytes received) const;
  void take_request(Bytes frame, Sink& sink);
  void take_reply(Bytes frame, Sink& sink);
  std::optional<modbus::Request> request_of(int board, const modbus::Reply& reply);

  Reassembler replies_, requests_;
  bool heard_requests_ = false;  ///< a capture may hold replies alone
  std::deque<Asked> in_flight_;  ///< oldest first; Daly's app does not wait for an answer
  int board_ = 0;                ///< the one asked last
  Answer answer_ = Answer::none_yet;
};

}  // namespace cellwarden::daly
