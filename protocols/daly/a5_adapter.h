#pragma once
// The conversation with a Daly over A5: is a board awake there, what are its settings, then its eight live commands at
// every poll and the settings again now and then. Only reads leave it (daly.md 4a).
#include <deque>

#include "protocols/daly/a5_decoder.h"

namespace cellwarden::daly {

class A5Adapter : public Adapter {
 public:
  explicit A5Adapter(const AdapterOptions& options)
      : address_(options.address), poll_(options.poll), over_ble_(options.over_ble) {}
  Task<void> run(Link& link, Sink& sink) override;

 private:
  struct Heard {
    bool answer = false;
    bool anything = false;  ///< bytes, whatever they were
  };

  Task<void> find_board(Link& link, Sink& sink);
  Task<void> read_once(Link& link, Sink& sink);
  Task<void> ask_live(Link& link, Sink& sink, Command command);
  Task<void> read_settings(Link& link, Sink& sink);
  Task<void> read_one_setting(Link& link, Sink& sink);
  /// Asks up to `tries` times. Throws LinkLost when the board is asleep.
  Task<Heard> ask(Link& link, Sink& sink, Command command, int tries);
  Task<Heard> ask_once(Link& link, Sink& sink, Command command);

  int address_;  ///< 0: the only board there
  Duration poll_;
  bool over_ble_;
  A5Decoder decoder_;
  std::uint8_t host_ = first_host, fill_ = 0x00;
  std::set<Command> answered_;  ///< since the link lives
  std::deque<Command> due_;     ///< settings to be asked, one after each poll
  SteadyTime next_settings_{};
};

}  // namespace cellwarden::daly
