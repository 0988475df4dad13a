#pragma once
// Which protocols the simulator speaks: one row each. A new speaker is a Device in its own files, a row in
// devices.cpp and its test.
#include <memory>
#include <span>
#include <string_view>

#include "tests/simulator/device.h"
#include "tests/simulator/keys.h"

namespace simulator {

struct DeviceKind {
  std::string_view protocol;
  std::string_view keys;  ///< what it reads from --pack, for --help
  std::unique_ptr<Device> (*make)(PackModel& pack, Keys& keys);
};

std::span<const DeviceKind> device_kinds();

/// By the pack's key `protocol`, jbd when there is none. The pack must outlive its device.
std::unique_ptr<Device> make_device(PackModel& pack, Keys& keys);

}  // namespace simulator
