#include "tests/simulator/faults.h"

#include <doctest/doctest.h>

#include "tests/simulator/jbd_device.h"

using namespace simulator;

TEST_CASE("faults: none asked for, none made") {
  Faults faults(evenly(0), 1, [](const Octets&) { return false; });
  const Octets reply = jbd_reply(0x05, 0, {'x', 'y'});
  for (int i = 0; i < 1000; ++i) CHECK(faults.pass({.request = {1}, .bytes = reply}) == reply);
}

TEST_CASE("faults: every kind happens and really changes what arrives") {
  Faults faults(evenly(1), 7, [](const Octets&) { return false; });
  const Octets request{0xDD, 0xA5, 0x05, 0x00, 0xFF, 0xFB, 0x77};
  int unchanged = 0;
  for (int i = 0; i < 500; ++i) {
    const Octets reply = jbd_reply(i % 2 ? 0x03 : 0x04, 0, {1, 2, 3, 4, 5, static_cast<std::uint8_t>(i)});
    unchanged += faults.pass({.request = {request[0], static_cast<std::uint8_t>(i)}, .bytes = reply}) == reply;
  }
  CHECK(unchanged <= 25);  // two flips of one bit undo each other; a doubled or lost byte never does
  for (std::size_t kind = 0; kind < fault_names.size(); ++kind) {
    INFO(fault_names[kind]);
    CHECK(faults.count(static_cast<Fault>(kind)) > 0);
  }
}
