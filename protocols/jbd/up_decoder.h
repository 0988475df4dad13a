#pragma once
// Gives the frames of JBD's UP series their meaning: which unit says what, and whether what unit 1 says is all packs'.
#include <map>
#include <optional>

#include "protocols/adapter.h"
#include "protocols/jbd/up.h"

namespace cellwarden::jbd {

class UpDecoder : public Decoder {
 public:
  void feed(Direction direction, Bytes bytes, Sink& sink) override;
  void finish(Sink& sink) override;

  /// What became of the last request fed.
  ///   blank   intact, and of no use   asleep  zeros where a battery is measured
  enum class Answer { none_yet, over, blank, asleep };
  Answer answer() const { return answer_; }

  /// What unit 1 calls its status was found to be all packs' together: it needs its own status beside it.
  bool is_sum() const;
  /// Unit 1's own status will not come for the reading that waits for it.
  void settle(Sink& sink);
  /// A status that comes now only shows that somebody is awake: no reading is told.
  void hold(bool on) { holds_ = on; }
  /// What is better known will not come: says who the units are by what they said beside.
  void introduce(Sink& sink);

 private:
  struct Unit {
    std::optional<up::Status> waiting;  ///< of unit 1
    std::optional<double> full_ah;      ///< as its status says
    bool is_sum = false;
    Identity told, spare;  ///< `spare`: of lesser rank
  };

  void on_request(Bytes bytes, Sink& sink);
  void on_reply(Bytes bytes, Sink& sink);
  void on_data(const up::Frame& frame, Sink& sink);
  void on_status(int number, Bytes data, Sink& sink);
  void on_own_status(int number, Bytes data, Sink& sink);
  void tell(int number, up::Status status, Sink& sink);
  void tell(int number, Identity identity, Sink& sink);

  Reassembler replies_, requests_;
  bool heard_requests_ = false;  ///< a capture may hold replies alone
  struct Asked {
    int unit;
    up::Block block;
  };
  std::optional<Asked> asked_;  ///< the one request in flight
  int unit_ = 0;                ///< asked last
  Answer answer_ = Answer::none_yet;
  bool holds_ = false;
  std::map<int, Unit> units_;  ///< at most sixteen
};

}  // namespace cellwarden::jbd
