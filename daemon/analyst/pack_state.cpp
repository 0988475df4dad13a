#include "daemon/analyst/pack_state.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace cellwarden {

namespace {

constexpr std::string_view mark = "cellwarden state 1 ";
constexpr std::size_t digits = 16;

/// FNV-1a.
std::string sum_of(std::string_view bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::array<char, digits + 1> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(sum));
  return text.data();
}

}  // namespace

std::string join(const PackState& state) {
  const std::string body = state.alerts + '\n' + state.analysis;
  return std::string(mark) + sum_of(body) + '\n' + body;
}

std::optional<PackState> split(std::string_view blob) {
  if (!blob.starts_with(mark) || blob.size() < mark.size() + digits + 1) return std::nullopt;
  const auto sum = blob.substr(mark.size(), digits), body = blob.substr(mark.size() + digits + 1);
  const auto line = body.find('\n');
  if (blob[mark.size() + digits] != '\n' || line == std::string_view::npos || sum != sum_of(body)) return std::nullopt;
  return PackState{std::string(body.substr(0, line)), std::string(body.substr(line + 1))};
}

}  // namespace cellwarden
