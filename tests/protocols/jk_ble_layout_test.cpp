// Which of its three layouts a JK's cells come in: decided once, by the cells themselves or else by the software.
#include <doctest/doctest.h>

#include "protocols/jk/ble_cells.h"
#include "tests/protocols/jk_ble_wire.h"

using namespace cellwarden;
using namespace cellwarden::test;
using jk::BleLayout;

namespace {

BleLayout layout_named(const std::string& variant) {
  if (variant == "JK04") return BleLayout::jk04;
  return variant == "JK02_24S" ? BleLayout::jk02_24s : BleLayout::jk02_32s;
}

Buffer text(const std::string& of) { return Buffer(of.begin(), of.end()) + Buffer{0}; }

/// A cell frame as a board sends it to which nothing is wired.
Buffer nothing_wired(std::size_t alarms_at) {
  Buffer frame(300);
  return with(with(frame, 0, from_hex("55AAEB900201")), alarms_at, from_hex("04"));
}

}  // namespace

TEST_CASE("jk-ble: the cells tell their layout, in every captured frame") {
  int told = 0;
  for (const auto& entry : jk_ble_collection()) {
    if (entry["kind"] != "cell_info" || entry["expect"].contains("reject")) continue;
    INFO(entry["name"].get<std::string>());
    CHECK(jk::layout_by_cells(jk_ble_frame(entry["name"])) == layout_named(entry["variant"]));
    ++told;
  }
  CHECK(told == 22);
  CHECK(!jk::layout_by_cells(nothing_wired(136)));
}

TEST_CASE("jk-ble: the software tells what layout to expect, in every captured device frame") {
  for (const auto& entry : jk_ble_collection()) {
    if (entry["kind"] != "device_info") continue;
    INFO(entry["name"].get<std::string>());
    CHECK(jk::decode_ble_device(jk_ble_frame(entry["name"])).layout == layout_named(entry["variant"]));
  }
  const auto expected = [](const std::string& name, const std::string& software) {
    return jk::decode_ble_device(with(jk_ble_frame(name), 30, text(software))).layout;
  };
  CHECK(expected("pb_14.20_devinfo", "11.21H") == BleLayout::jk02_32s);
  CHECK(expected("pb_14.20_devinfo", "10.09") == BleLayout::jk02_24s);
  CHECK(expected("pb_14.20_devinfo", "3.3.0") == BleLayout::jk04);
  CHECK(expected("b5a24s_8.0.3M_devinfo", "4.0") == BleLayout::jk04);  // neither birthday nor serial number
  // Odd versions: what it is able to do tells new from old.
  for (const auto* odd : {"V19.26", "", ".5", "11", "x"}) {
    CHECK(expected("pb_14.20_devinfo", odd) == BleLayout::jk02_32s);
    CHECK(!expected("b2a24s_10.07_devinfo", odd));
  }
}

TEST_CASE("jk-ble: the cells are believed, whatever the software says") {
  const Buffer cells = jk_ble_frame("pb_14.20_cell");
  const Buffer says_24s = with(jk_ble_frame("pb_14.20_devinfo"), 30, text("10.09"));
  CHECK(hear(says_24s + cells).readings.at(0).cells_v == hear(cells).readings.at(0).cells_v);
  CHECK(hear(says_24s + cells).readings.at(0).pack_v == hear(cells).readings.at(0).pack_v);
}

TEST_CASE("jk-ble: once decided, a frame of another layout is none of ours") {
  const Buffer new_cells = jk_ble_frame("pb_14.20_cell"), old_cells = jk_ble_frame("aiobmsble_10.08_cell"),
               jk04_cells = jk_ble_frame("b5a24s_8.0.3M_cell");
  for (const auto& [first, second] : {std::pair{new_cells, old_cells}, std::pair{old_cells, new_cells},
                                      std::pair{jk04_cells, new_cells}, std::pair{old_cells, jk04_cells}}) {
    const Heard heard = hear(first + second + first);
    CHECK(heard.readings.size() == 2);
    CHECK(heard.readings.at(0) == heard.readings.at(1));
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::range, 1}});
  }
  // Another device frame: another BMS, which decides anew.
  CHECK(hear(new_cells + jk_ble_frame("aiobmsble_10.08_devinfo") + old_cells).readings.size() == 2);
  CHECK(hear(jk_ble_frame("pb_14.20_devinfo") + new_cells + jk_ble_frame("pb_14.20_devinfo") + old_cells)
            .readings.size() == 1);
}

TEST_CASE("jk-ble: where no cell is wired the software decides, until one is") {
  CHECK(hear(nothing_wired(136)).readings.empty());
  CHECK(hear(nothing_wired(136)).rejected.at(FrameError::range) == 1);
  const Buffer old_device = jk_ble_frame("b2a24s_10.07_devinfo"), new_device = jk_ble_frame("pb_14.20_devinfo");
  for (const auto& [device, frame] :
       {std::pair{old_device, nothing_wired(136)}, std::pair{new_device, nothing_wired(166)}}) {
    const Heard heard = hear(device + frame);
    REQUIRE(heard.readings.size() == 1);
    CHECK(heard.readings[0].cells_v.empty());
    CHECK(heard.readings[0].pack_v == 0);
    CHECK(heard.readings[0].alarms == std::vector{Alarm::other});
  }
  CHECK(hear(old_device + nothing_wired(136) + jk_ble_frame("pb_14.20_cell")).readings.size() == 2);
  // No cell, but a voltage: it lies elsewhere.
  const Buffer strange = with(nothing_wired(136), 118, from_hex("10 27 00 00"));
  CHECK(hear(old_device + strange).readings.empty());
}
