#pragma once
// Gives what passes on a JK line its meaning, whether we ask (jk-modbus) or others do and we listen (jk-listen).
//
// Registers do not say which they are: the request before them does. Data does not say whose it is:
//
//   trigger 3, data, done 3      pack 3's. Without its own `done`, or with anything damaged between, nobody's
//   data, nothing or a request   the master's own, which it says unasked (address 0); but not while another was asked
//                                and may still answer. Its settings say 0 themselves, and vouch for data before them
#include <map>
#include <optional>

#include "protocols/adapter.h"
#include "protocols/jk/line_frames.h"
#include "protocols/jk/modbus_map.h"

namespace cellwarden::jk {

class LineDecoder : public Decoder {
 public:
  enum class Way { we_ask, listen };
  explicit LineDecoder(Way way) : way_(way) {}

  void feed(Direction direction, Bytes bytes, Sink& sink) override;
  void finish(Sink& sink) override;

  /// What became of the last request.
  ///   nonsense   its registers hold what no battery has
  enum class Answer { none_yet, over, nonsense, refused };
  Answer answer() const { return answer_; }

  /// T3 to T5 will not come for the reading that waits for them: it is told without, unless the pack has them.
  void settle(Sink& sink);
  /// That reading shall not be told.
  void forget();
  /// Nothing came for so long that nobody will answer any more what was asked.
  void pause(Sink& sink);
  /// A pack asks the others here, by itself.
  bool hears_master() const { return hears_master_; }

 private:
  struct Pack {
    std::optional<int> generation;
    std::optional<AreaFrame> waiting;  ///< live registers, waiting for T3 to T5
    bool alone = false;                ///< whoever asks does not ask for these
    bool has_more = false;             ///< they came some time
    bool more_asked = false;           ///< since `waiting` came
  };
  struct Asked {
    LineFrame::Kind kind;
    int address;
    std::uint16_t start, count;
    bool operator==(const Asked&) const = default;
  };
  /// Data whose sender is not known yet.
  struct Held {
    Buffer data;
    bool is_doubtful;  ///< it follows a request, or damage; the master's settings may vouch for it
  };

  void on_frame(Bytes bytes, Direction direction, Sink& sink);
  void on_request(const LineFrame& frame, Direction direction, Sink& sink);
  void on_done(const LineFrame& frame, Sink& sink);
  void on_refusal(const LineFrame& frame, Sink& sink);
  void on_data(Bytes data, Sink& sink);
  void on_skip(FrameError why, Sink& sink);
  void on_registers(const LineFrame& frame, Sink& sink);
  void on_words(int address, std::uint16_t start, Bytes data, Sink& sink);
  void on_live(int address, AreaFrame live, Sink& sink);
  void on_words_alone(int address, Bytes data, Sink& sink);

  void resolve(Sink& sink);
  void give_up(std::optional<Held>& held, Sink& sink);
  Answer tell(int address, Bytes data, Sink& sink);
  void end_wait(int address, Sink& sink);
  void tell_waiting(int address, Sink& sink);
  void introduce(int address, Identity identity, Sink& sink);
  void good(int address, Sink& sink) { sink.emit({address, GoodFrame{}}); }
  void reject(FrameError why, Sink& sink);

  Way way_;
  Reassembler heard_, sent_;
  std::map<int, Pack> packs_;
  std::optional<Asked> asked_, last_sent_;
  bool heard_requests_ = false;  ///< a capture may hold replies alone
  bool hears_master_ = false;
  bool is_clean_ = true;  ///< nothing was skipped since the last frame
  bool pad_may_come_ = false;
  std::optional<Held> held_, doubtful_;
  Answer answer_ = Answer::none_yet;
};

class ModbusDecoder : public LineDecoder {
 public:
  ModbusDecoder() : LineDecoder(Way::we_ask) {}
};
class ListenDecoder : public LineDecoder {
 public:
  ListenDecoder() : LineDecoder(Way::listen) {}
};

}  // namespace cellwarden::jk
