// probe where nobody answers: it takes its whole time, so it runs beside the rest.
#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/support/broker.h"
#include "tests/support/process.h"
#include "tests/support/pty.h"

TEST_CASE("probe: a silent line and one where a stranger talks are told apart, and what was heard is shown") {
  cellwarden::test::TemporaryDirectory folder;
  Pty silent, strange;
  Process on_silence({CELLWARDEN, "probe", "serial:" + silent.path()}, folder.path / "silence");
  Process on_stranger({CELLWARDEN, "probe", "serial:" + strange.path()}, folder.path / "stranger");
  // Held open here too: between two bauds nobody else has it, and a line without a listener is a line that ended.
  const int held = open(strange.path().c_str(), O_RDWR | O_NOCTTY);
  std::atomic<bool> probing = true;
  std::thread stranger([&] {
    // Answers whatever it is asked in a language nobody knows here.
    while (probing) {
      if (!strange.wait_heard(100).empty()) strange.say({0xCA, 0xFE, 0x01, 0x02});
    }
  });
  CHECK(on_silence.wait() == 1);
  CHECK(on_stranger.wait() == 1);
  probing = false;
  stranger.join();
  close(held);
  const auto said = [&](const char* file) {
    std::ifstream in(folder.path / file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  CHECK(said("silence").find("9600 baud: listening") < said("silence").find("9600 baud: jbd"));
  CHECK(said("silence").find("nobody answers on serial:" + silent.path()) != std::string::npos);
  CHECK(said("stranger").find("none of the protocols known here") != std::string::npos);
  CHECK(said("stranger").find("9600 baud: CA FE 01 02") != std::string::npos);
}
