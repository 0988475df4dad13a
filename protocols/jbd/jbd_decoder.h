#pragma once
// Gives JBD's frames their meaning: who asked what, and which two replies make one reading.
#include <optional>

#include "protocols/adapter.h"
#include "protocols/jbd/dd.h"

namespace cellwarden::jbd {

class JbdDecoder : public Decoder {
 public:
  void feed(Direction direction, Bytes bytes, Sink& sink) override;
  void finish(Sink& sink) override;

  /// What became of the last request fed.
  enum class Answer { none_yet, ok, refused };
  Answer answer() const { return answer_; }

 private:
  void on_request(Bytes frame, Sink& sink);
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
  Answer answer_ = Answer::none_yet;
  std::optional<BasicInfo> half_;  ///< 0x03 of this poll, waiting for its 0x04
  ConfigWords config_;             ///< as heard so far: the unit may come after what is counted in it
  bool unit_x10_ = false;
  std::optional<std::string> barcode_;  ///< the better serial
  std::optional<Reading> cells_alone_;  ///< 0x04 of which no 0x03 was heard
};

}  // namespace cellwarden::jbd
