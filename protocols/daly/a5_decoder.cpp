#include "protocols/daly/a5_decoder.h"

#include <algorithm>

#include "protocols/daly/a5_settings.h"
#include "protocols/daly/greeting.h"

namespace cellwarden::daly {

namespace {

bool is_cell_or_temp_list(Command command) { return command == Command::cells || command == Command::temps; }

/// How many frames a text comes in; 0: it is none.
std::size_t text_frames(Command command) {
  switch (command) {
    case Command::battery_code:
      return 5;
    case Command::software:
    case Command::hardware:
      return 2;
    default:
      return 0;
  }
}

bool is_greeting(Bytes notification) {
  return std::ranges::equal(notification, module_greeting,
                            [](std::uint8_t byte, char letter) { return byte == static_cast<std::uint8_t>(letter); });
}

bool is_list(Command command) { return is_cell_or_temp_list(command) || text_frames(command) > 0; }

}  // namespace

A5Decoder::Board& A5Decoder::board(int key) { return boards_.try_emplace(key, can_ask_again_).first->second; }

void A5Decoder::feed(Direction direction, Bytes bytes, Sink& sink) {
  if (direction == Direction::to_bms) {
    requests_.feed(
        bytes, next_frame, [&](Bytes frame) { on_request(frame, sink); }, [](FrameError) {});
  } else if (!is_greeting(bytes)) {
    const auto rule = [&](Bytes received) {
      const FrameStep step = next_frame(received);
      if (step.kind == FrameStep::skip) skipped_bytes_ += step.bytes;
      return step;
    };
    replies_.feed(
        bytes, rule, [&](Bytes frame) { on_reply(frame, sink); },
        [&](FrameError why) {
          sink.emit({board_ ? board_->address : 0, Rejected{why}});
        });
    if (answer_ == Answer::none_yet && came_damaged()) answer_ = Answer::torn;
  }
}

/// As many bytes were skipped as the answer's missing frames have.
bool A5Decoder::came_damaged() const {
  if (!heard_requests_ || !asked_ || has_list_ || replies_.has_rest()) return false;
  std::size_t frames = std::max<std::size_t>(1, text_frames(*asked_));
  if (const auto& counts = board_->poll.counts; is_cell_or_temp_list(*asked_)) {
    if (!counts) return false;
    frames = *asked_ == Command::cells ? frames_of_cells(counts->cells) : frames_of_temps(counts->temps);
  }
  return skipped_bytes_ > 0 && good_ * frame_size + skipped_bytes_ >= frames * frame_size;
}

void A5Decoder::on_request(Bytes bytes, Sink& sink) {
  const Frame request = open_frame(bytes);
  const auto command = static_cast<Command>(request.command);
  settle(sink);
  const int key = board_of_host(request.address).value_or(0);
  board_ = &board(key);
  if (key > 0) board_->address = key;
  // What is unfinished now belongs to the request before.
  if (replies_.drop_rest()) sink.emit({board_->address, Rejected{FrameError::length}});
  heard_requests_ = true;
  expect(command);

  if (!is_of_a_poll(request.command)) return;
  if (board_->poll.answered.contains(command)) next_poll(*board_, sink);
  board_->poll.asked.insert(command);
  if (command == Command::cells) board_->poll.cell_list = List(6);
  if (command == Command::temps) board_->poll.temp_list = List(7);
}

void A5Decoder::expect(Command command) {
  asked_ = command;
  answer_ = Answer::none_yet;
  text_ = List(7);
  has_list_ = false;
  list_frames_ = good_ = skipped_bytes_ = 0;
}

/// Whether the frame is what was asked for, and of the board that was asked.
bool A5Decoder::is_answer(const Frame& frame) {
  if (frame.address < 1 || frame.address > most_boards) return false;
  const auto command = static_cast<Command>(frame.command);
  if (!heard_requests_) {
    board_ = &board(frame.address);
    board_->address = frame.address;
    if (asked_ != command) expect(command);
    return true;
  }
  if (board_->address == 0) board_->address = frame.address;
  if (board_->address != frame.address) return false;
  if (asked_ == command) return true;
  // The end of a list longer than the pack needs: wait for all of it the next time.
  if (is_cell_or_temp_list(command)) {
    auto& length = board_->list_length[command];
    length = std::max<std::size_t>(length, std::min<std::size_t>(frame.payload[0], List::most_frames));
  }
  return false;
}

void A5Decoder::on_reply(Bytes bytes, Sink& sink) {
  const Frame frame = open_frame(bytes);
  const bool is_doubled = !heard_requests_ && std::ranges::equal(bytes, last_reply_);
  if (is_doubled || !is_answer(frame)) {
    // Nobody asked: another board, stale, doubled, or our own request come back as an echo.
    sink.emit({board_ ? board_->address : 0, Rejected{FrameError::unexpected}});
    return;
  }
  last_reply_.assign(bytes.begin(), bytes.end());
  try {
    take(frame, sink);
    ++good_;
    if (!board_->is_introduced) emit_identity({}, sink);
    board_->is_introduced = true;
  } catch (const BadFrame& bad) {
    sink.emit({board_->address, Rejected{bad.why}});
    if (bad.why == FrameError::range && asked_ && !is_list(*asked_)) answer_ = Answer::torn;
  }
}

void A5Decoder::take(const Frame& frame, Sink& sink) {
  const auto command = static_cast<Command>(frame.command);
  const Bytes payload = frame.payload;
  if (is_cell_or_temp_list(command)) return take_list_frame(command, payload, sink);
  if (text_frames(command) > 0) return take_text_frame(command, payload, sink);
  if (!is_of_a_poll(frame.command)) return take_setting(command, payload, sink);

  if (!heard_requests_ && board_->poll.answered.contains(command)) next_poll(*board_, sink);
  Poll& poll = board_->poll;
  if (command == Command::pack) {
    const PackValues pack = decode_pack(payload).value();
    if (pack.asleep) return fall_asleep(sink);
    poll.pack = pack;
    poll.is_asleep = false;
  } else if (command == Command::counts) {
    const Counts counts = decode_counts(payload).value();
    if (counts.cells == 0) return fall_asleep(sink);
    doubt_new_counts(counts);
    poll.counts = counts;
    poll.is_asleep = false;
  } else if (command == Command::cell_extremes) {
    poll.extremes = decode_cell_extremes(payload).value();
  } else if (command == Command::state) {
    poll.state = decode_state(payload).value();
  } else if (command == Command::balancing) {
    poll.balancing = decode_balancing(payload);
  } else {
    poll.faults = decode_faults(payload);
  }
  sink.emit({board_->address, GoodFrame{}});
  answered(command, sink);
}

/// A wrong count spoils the lists behind it: it is believed when it is said twice.
void A5Decoder::doubt_new_counts(const Counts& counts) {
  const auto shape = std::pair(counts.cells, counts.temps);
  const bool is_new = can_ask_again_ && board_->told_shape && board_->told_shape != shape;
  const bool is_doubtful = is_new && board_->doubted_shape != shape;
  board_->doubted_shape = is_doubtful ? std::optional(shape) : std::nullopt;
  if (is_doubtful) throw BadFrame(FrameError::range);
}

/// One of our answers is whole. A single frame ends it; of a list more frames may come.
void A5Decoder::answered(Command command, Sink& sink) {
  answer_ = Answer::over;
  if (heard_requests_ && !is_list(command)) asked_.reset();
  if (!is_of_a_poll(static_cast<std::uint8_t>(command))) return;
  board_->poll.answered.insert(command);
  board_->poll.take_lists(false);
  if (is_complete(board_->poll)) tell(*board_, sink);
}

/// Zeros are no measurement, and what else comes of this poll is none either.
void A5Decoder::fall_asleep(Sink& sink) {
  board_->poll.is_asleep = true;
  if (heard_requests_) asked_.reset();
  answer_ = Answer::asleep;
  sink.emit({board_->address, Rejected{FrameError::range}});
}

void A5Decoder::take_list_frame(Command command, Bytes payload, Sink& sink) {
  const bool is_cells = command == Command::cells;
  if (!heard_requests_ && board_->poll.answered.contains(command)) {
    const List& heard = is_cells ? board_->poll.cell_list : board_->poll.temp_list;
    if (heard.holds(payload[0])) next_poll(*board_, sink);
  }
  Poll& poll = board_->poll;
  List& list = is_cells ? poll.cell_list : poll.temp_list;
  list.add(payload).value();
  sink.emit({board_->address, GoodFrame{}});

  const std::size_t needed = !poll.counts ? 0
                             : is_cells   ? frames_of_cells(poll.counts->cells)
                                          : frames_of_temps(poll.counts->temps);
  auto& length = board_->list_length[command];
  const std::size_t expected = std::max(needed, length);
  list_frames_ = std::max(list_frames_, list.longest());
  length = std::max(length, list_frames_);
  if (!has_list_ && list.is_torn(needed)) answer_ = Answer::torn;
  poll.take_lists(false);
  if (!has_list_ && poll.answered.contains(command)) {
    has_list_ = true;
    answered(command, sink);  // may tell the poll: `list` is empty then
  }
  if (has_list_) answer_ = list_frames_ >= expected ? Answer::over : Answer::none_yet;
}

void A5Decoder::take_text_frame(Command command, Bytes payload, Sink& sink) {
  text_.add(payload).value();
  sink.emit({board_->address, GoodFrame{}});
  if (const auto text = text_.data(text_frames(command), false)) {
    answered(command, sink);
    emit_text(command, *text, sink);
  } else if (text_.is_torn(text_frames(command))) {
    answer_ = Answer::torn;
  }
}

A5Decoder::Answer A5Decoder::answer() const {
  // Behind a list that needs no more the next frame has begun: it must not run into the next request.
  if (answer_ == Answer::over && asked_ && is_list(*asked_) && replies_.has_rest()) return Answer::none_yet;
  return answer_;
}

bool A5Decoder::settle(Sink& sink) {
  if (!heard_requests_ || !asked_ || !is_list(*asked_) || answer_ == Answer::over) return answer_ == Answer::over;
  const Command command = *asked_;
  if (const std::size_t needed = text_frames(command); needed > 0) {
    const auto text = text_.data(needed, true);
    if (text) emit_text(command, *text, sink);
    if (text) answer_ = Answer::over;
    return text.has_value();
  }
  if (!has_list_) {
    board_->poll.take_lists(true);
    has_list_ = board_->poll.answered.contains(command);
    if (has_list_) answered(command, sink);
  }
  if (!has_list_) return false;
  board_->list_length[command] = list_frames_;
  answer_ = Answer::over;
  return true;
}

void A5Decoder::take_setting(Command command, Bytes payload, Sink& sink) {
  Limits limits;
  Identity identity;
  if (command == Command::capacity) limits = decode_capacity(payload).value();
  if (command == Command::cell_limits) limits = decode_cell_limits(payload).value();
  if (command == Command::pack_limits) limits = decode_pack_limits(payload).value();
  if (command == Command::current_limits) limits = decode_current_limits(payload).value();
  if (command == Command::balance_limits) limits = decode_balance_limits(payload).value();
  if (command == Command::battery) {
    const Battery battery = decode_battery(payload);
    limits.chemistry = battery.chemistry;
    identity.manufactured = battery.manufactured;
  }
  if (command == Command::firmware && !board_->has_version) identity.software = decode_text(payload);
  sink.emit({board_->address, GoodFrame{}});
  if (limits != Limits{}) sink.emit({board_->address, limits});
  if (identity != Identity{}) emit_identity(identity, sink);
  answered(command, sink);
}

void A5Decoder::emit_text(Command command, Bytes text, Sink& sink) {
  Identity identity;
  const auto words = decode_text(text);
  if (command == Command::battery_code) identity.serial = words;
  if (command == Command::hardware) identity.hardware = words;
  if (command == Command::software) {
    identity.software = words;
    board_->has_version = words.has_value();
  }
  emit_identity(identity, sink);
}

void A5Decoder::emit_identity(Identity identity, Sink& sink) {
  identity.brand = "Daly";
  identity.protocol = "daly-a5";
  sink.emit({board_->address, identity});
}

bool A5Decoder::wants(Command command) const {
  return !left_out_.contains(command) && !(board_ && board_->poll.answered.contains(command));
}

bool A5Decoder::is_complete(const Poll& poll) const {
  return std::ranges::all_of(
      poll_commands, [&](Command command) { return poll.answered.contains(command) || left_out_.contains(command); });
}

void A5Decoder::tell(Board& board, Sink& sink) {
  const Reading reading = reading_of(board.poll);
  has_told_ = board.scrutiny.believes(board.poll, reading);
  if (has_told_) {
    const auto shape = std::pair(board.poll.counts->cells, board.poll.counts->temps);
    if (board.told_shape != shape) {
      Limits limits;
      limits.cell_count = shape.first;
      sink.emit({board.address, limits});
      board.told_shape = shape;
    }
    sink.emit({board.address, reading});
  } else {
    sink.emit({board.address, Rejected{FrameError::range}});
  }
  board.poll = {};
}

/// Another program may ask for less than we do: its poll is over when it begins anew.
void A5Decoder::next_poll(Board& board, Sink& sink) {
  if (heard_requests_ && board.poll.is_whole()) {
    tell(board, sink);
  } else if (!heard_requests_) {
    board.poll.take_lists(true);
    if (board.poll.is_whole()) tell(board, sink);
  }
  board.poll = {};
}

void A5Decoder::finish(Sink& sink) {
  settle(sink);
  replies_.flush(
      next_frame, [&](Bytes frame) { on_reply(frame, sink); },
      [&](FrameError why) {
        sink.emit({board_ ? board_->address : 0, Rejected{why}});
      });
  settle(sink);
  for (auto& [key, board] : boards_) {
    const Reading part = part_of_reading(board.poll);
    if (part != Reading{}) sink.emit({board.address, part});
    board.poll = {};
  }
}

}  // namespace cellwarden::daly
