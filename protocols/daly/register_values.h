#pragma once
// How Daly writes values into registers, the same in all its Modbus protocols (daly.md 2, 3).
#include <optional>
#include <string>

#include "protocols/battery.h"
#include "protocols/modbus_rtu.h"

namespace cellwarden::daly {

using modbus::Registers;

struct Block {
  std::uint16_t start, count;
};

/// FF throughout: the board has no such registers.
bool is_blank(Bytes data);

/// Currents count from here.
inline constexpr int zero_current = 30000;

/// Each is empty where the board has nothing there.
std::optional<int> known(const Registers& registers, std::size_t reg);
std::optional<double> above_zero(const Registers& registers, std::size_t reg, double unit);
std::optional<bool> flag(const Registers& registers, std::size_t reg);
/// Raw - 40. `raw_of_none`: what else means that there is no sensor, or that it is switched off.
std::optional<double> celsius(const Registers& registers, std::size_t reg, int raw_of_none);
/// Of a limit: its sign is not to be relied on.
std::optional<double> magnitude_a(const Registers& registers, std::size_t reg);
std::optional<std::string> text(const Registers& registers, std::size_t reg, std::size_t count);

/// No battery has such limits: low above high, or beyond what one has.
bool contradict_each_other(const Limits& limits);

}  // namespace cellwarden::daly
