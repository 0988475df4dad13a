#pragma once
// One conversation of an adapter with a scripted board, to its end.
#include <algorithm>

#include "tests/protocols/heard.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_link.h"

namespace cellwarden::test {

enum class End { link_over, gave_up, refused };

struct Ended {
  End how = End::link_over;
  std::string why;
};

/// Runs it until the script is over or the adapter gives up.
inline Ended run_to_its_end(Adapter& adapter, Link& link, Sink& sink) {
  boost::asio::io_context io;
  try {
    run_task(io, adapter.run(link, sink));
  } catch (const LinkLost& lost) {
    return {End::link_over, lost.what()};
  } catch (const LinkTimeout& silence) {
    return {End::gave_up, silence.what()};
  } catch (const DeviceRefused& refused) {
    return {End::refused, refused.what()};
  }
  return {};
}

template <class Ears>
struct ConversationHeardBy {
  Ears heard;
  End end = End::link_over;
  std::string why;  ///< it ended
  std::vector<Buffer> sent;
  std::vector<SteadyTime> sent_at;
  double seconds = 0;

  long count(const Buffer& request) const { return std::ranges::count(sent, request); }
};

using Conversation = ConversationHeardBy<Heard>;

template <class Ears = Heard>
ConversationHeardBy<Ears> converse(Adapter& adapter, ScriptedLink::Answers answers, std::size_t requests) {
  ConversationHeardBy<Ears> done;
  ScriptedLink link(std::move(answers), requests);
  const Ended ended = run_to_its_end(adapter, link, done.heard);
  done.end = ended.how;
  done.why = ended.why;
  done.sent = link.sent;
  done.sent_at = link.sent_at;
  done.seconds = std::chrono::duration<double>(link.now().time_since_epoch()).count();
  return done;
}

/// A bad line: of six answers one is lost, one damaged and one cut; the others come in two pieces.
inline ScriptedLink::Answers badly(ScriptedLink::Answers good) {
  return [good = std::move(good), asks = 0](const Buffer& request) mutable -> Chunks {
    Buffer answer = good(request).front();
    const auto cut = answer.begin() + 20;
    switch (++asks % 6) {
      case 1:
        return {};
      case 3:
        answer[10] ^= 0x10;
        return {answer};
      case 5:
        return {Buffer(answer.begin(), cut)};
      default:
        return {Buffer(answer.begin(), cut), Buffer(cut, answer.end())};
    }
  };
}

/// Every answer comes one request late.
inline ScriptedLink::Answers late(ScriptedLink::Answers good) {
  return [good = std::move(good), before = Chunks{}](const Buffer& request) mutable {
    return std::exchange(before, good(request));
  };
}

}  // namespace cellwarden::test
