#include "daemon/analysis/memory.h"

#include <bit>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace cellwarden {

namespace {

std::string mark(int version) { return "cellwarden analysis " + std::to_string(version) + "\n"; }

// Little endian, 8 bytes a number, whatever the machine: a state directory may move.
void put(std::string& blob, std::uint64_t bits) {
  for (int i = 0; i < 8; ++i) blob += static_cast<char>(bits >> (8 * i));
}
std::uint64_t take(std::string_view blob, std::size_t at) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits |= std::uint64_t{static_cast<unsigned char>(blob[at + i])} << (8 * i);
  return bits;
}

/// FNV-1a.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return sum;
}

struct Put {
  std::string& blob;
  void operator()(double& value) const { put(blob, std::bit_cast<std::uint64_t>(value)); }
  template <class I>
  requires std::is_integral_v<I>
  void operator()(I& value) const { put(blob, static_cast<std::uint64_t>(static_cast<std::int64_t>(value))); }
};
struct Take {
  std::string_view blob;
  std::size_t& at;
  std::uint64_t next() const { return at += 8, take(blob, at - 8); }
  void operator()(double& value) const { value = std::bit_cast<double>(next()); }
  template <class I>
  requires std::is_integral_v<I>
  void operator()(I& value) const { value = static_cast<I>(static_cast<std::int64_t>(next())); }
};

}  // namespace

std::string save_memory(Memory memory, int version) {
  std::string blob = mark(version);
  memory.each_field(Put{blob}, version);
  put(blob, checksum(blob));
  return blob;
}

std::optional<Memory> restore_memory(std::string_view blob) {
  int version = Memory::version;
  while (version > 0 && !blob.starts_with(mark(version))) --version;
  if (version == 0) return std::nullopt;
  const std::size_t size = save_memory({}, version).size();
  if (blob.size() != size) return std::nullopt;
  if (take(blob, size - 8) != checksum(blob.substr(0, size - 8))) return std::nullopt;
  Memory memory;
  std::size_t at = mark(version).size();
  memory.each_field(Take{blob, at}, version);
  if (version < 2 && memory.top.seen) memory.drift.crossed_day = memory.top.time_s / 86400;
  const auto cell = [](std::size_t i) { return i < max_cells; };
  if (memory.cells < 0 || memory.cells > static_cast<int>(max_cells) || !cell(memory.top.first) ||
      !cell(memory.bottom.first) || !memory.drift.points.sound() || memory.balancing.charges < 0 ||
      memory.balancing.charges > static_cast<int>(Balancing::most_charges) || memory.held_v.count < 0 ||
      memory.let_go_v.count < 0)
    return std::nullopt;
  return memory;
}

}  // namespace cellwarden
