#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace cellwarden {

enum class Joined { parallel, series };

constexpr std::string_view name(Joined joined) {
  return std::array<std::string_view, 2>{"parallel", "series"}[static_cast<std::size_t>(joined)];
}

/// A [[bank]]: packs of the config that make one battery.
struct BankSettings {
  std::string id, name;            ///< `name`: what people read
  std::vector<std::string> packs;  ///< ids, in the owner's order
  Joined joined = Joined::parallel;

  bool operator==(const BankSettings&) const = default;
};

}  // namespace cellwarden
