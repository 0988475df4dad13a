#pragma once
// Gives Daly's A5 frames their meaning: which board says what, which frames are one list and which answers one poll.
#include <map>
#include <optional>
#include <set>

#include "protocols/adapter.h"
#include "protocols/daly/a5_poll.h"

namespace cellwarden::daly {

class A5Decoder : public Decoder {
 public:
  A5Decoder() = default;
  /// `can_ask_again`: what jumps is doubted too, for whoever feeds this can ask the board once more.
  explicit A5Decoder(bool can_ask_again) : can_ask_again_(can_ask_again) {}

  void feed(Direction direction, Bytes bytes, Sink& sink) override;
  void finish(Sink& sink) override;

  /// What became of the last request fed.
  ///   torn    all of it came and not all of it is good: ask again at once
  ///   asleep  zeros where a battery is measured
  enum class Answer { none_yet, torn, asleep, over };
  Answer answer() const;
  /// No more will come for the last request: a list that is whole is taken whatever its order. True when answered.
  bool settle(Sink& sink);

  /// Whether the poll under way needs this answer.
  bool wants(Command command) const;
  /// The boards never answer this: a poll is whole without it.
  void leave_out(Command command) { left_out_.insert(command); }
  /// The last poll that was over became a reading.
  bool has_told() const { return has_told_; }

 private:
  struct Board {
    explicit Board(bool jumps) : scrutiny(jumps) {}
    int address = 0;  ///< as it answers
    Poll poll;
    Scrutiny scrutiny;
    std::map<Command, std::size_t> list_length;  ///< frames it sends; some send 16 whatever the pack has
    std::optional<std::pair<int, int>> told_shape, doubted_shape;  ///< cells and sensors
    bool is_introduced = false;
    bool has_version = false;  ///< 0x62, better than the firmware index of 0x54
  };

  void on_request(Bytes bytes, Sink& sink);
  void on_reply(Bytes bytes, Sink& sink);
  bool came_damaged() const;
  void expect(Command command);
  bool is_answer(const Frame& frame);
  void take(const Frame& frame, Sink& sink);
  void take_list_frame(Command command, Bytes payload, Sink& sink);
  void take_text_frame(Command command, Bytes payload, Sink& sink);
  void take_setting(Command command, Bytes payload, Sink& sink);
  void answered(Command command, Sink& sink);
  void doubt_new_counts(const Counts& counts);
  void fall_asleep(Sink& sink);
  bool is_complete(const Poll& poll) const;
  void tell(Board& board, Sink& sink);
  void next_poll(Board& board, Sink& sink);
  void emit_text(Command command, Bytes text, Sink& sink);
  void emit_identity(Identity identity, Sink& sink);
  Board& board(int key);

  bool can_ask_again_ = false;
  Reassembler replies_, requests_;
  bool heard_requests_ = false;   ///< a capture may hold replies alone
  std::map<int, Board> boards_;   ///< by the board asked; 0: whoever answers the Bluetooth or GPRS host
  Board* board_ = nullptr;        ///< the one asked last
  Buffer last_reply_;             ///< of replies alone, to know a doubled one by
  std::optional<Command> asked_;  ///< the one request in flight, and what became of it:
  Answer answer_ = Answer::none_yet;
  List text_{7};
  bool has_list_ = false;        ///< its list is whole
  std::size_t list_frames_ = 0;  ///< that came of it so far
  std::size_t good_ = 0, skipped_bytes_ = 0;
  std::set<Command> left_out_;
  bool has_told_ = false;
};

}  // namespace cellwarden::daly
