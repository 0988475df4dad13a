#pragma once
// The two characteristics a conversation goes over, chosen by UUID and by what they can do: some modules give both
// directions the same UUID.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/links/ble_objects.h"
#include "protocols/adapter.h"

namespace cellwarden::ble {

struct Chosen {
  std::string notify_path = {}, write_path = {};
  bool write_has_answer = false;  ///< "write-without-response" is not offered
  bool acquires = false;          ///< AcquireNotify is
};

/// The first of `wanted` that the device has whole.
std::optional<Chosen> choose(std::span<const GattService> wanted, const std::vector<Service>& there);

}  // namespace cellwarden::ble
