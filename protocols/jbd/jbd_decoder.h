#pragma once
// Gives JBD's frames their meaning: who asked what, and which two replies make one reading.
#include <optional>

#include "protocols/adapter.h"
#include "protocols/jbd/dd.h"
#include "protocols/jbd/login.h"

namespace cellwarden::jbd {

class JbdDecoder : public Decoder {
 public:
  void feed(Direction direction, Bytes bytes, Sink& sink) override;
  void finish(Sink& sink) override;

  /// What became of the last request fed.
  enum class Answer { none_yet, ok, refused };
  Answer answer() const { return answer_; }
  /// What the Bluetooth module said to the last request fed, if that was one of login.h.
  std::optional<std::uint8_t> module_answer() const { return module_answer_; }

 private:
  FrameStep next_reply_step(Bytes received) const;
  void on_request(Bytes frame, Sink& sink);
  void on_module_reply(Bytes frame, Sink& sink);
  void on_reply(Bytes frame, Sink& sink);
  void on_data(std::uint8_t reg, Bytes data, Sink& sink);
  void on_cells(Bytes data, Sink& sink);
  void on_config(const ConfigWords& words, Sink& sink);
  void on_text(std::uint8_t reg, Bytes data, Sink& sink);

  Reassembler replies_, requests_;
  bool heard_requests_ = false;        ///< a capture may hold replies alone
  std::optional<std::uint8_t> asked_;  ///< the one request in flight
  bool asked_write_ = false;           ///< heard in a capture: its reply only says that it was done
  Buffer last_request_;
  std::optional<std::uint8_t> asked_module_;  ///< the request in flight is one of login.h: so is its reply
  std::optional<std::uint8_t> module_answer_;
  Answer answer_ = Answer::none_yet;
  std::optional<BasicInfo> half_;  ///< 0x03 of this poll, waiting for its 0x04
  ConfigWords config_;             ///< as heard so far: the unit may come after what is counted in it
  bool unit_x10_ = false;
  std::optional<std::string> barcode_;  ///< the better serial
  std::optional<Reading> cells_alone_;  ///< 0x04 of which no 0x03 was heard
};

}  // namespace cellwarden::jbd
