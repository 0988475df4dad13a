// Any protocol's decoder, by its id:
//   fuzz_decoder --protocol=jbd [libFuzzer's options and corpora]
//   fuzz_decoder --list                         the catalog's ids
//   fuzz_decoder --protocol=jbd --seeds=DIR     writes the captured frames of tests/protocols/frames as seeds
#include <cmath>
#include <fstream>
#include <iostream>
#include <set>

#include "protocols/battery_json.h"
#include "protocols/plausible.h"
#include "tests/fuzz/demand.h"
#include "tests/fuzz/wire_script.h"
#include "tests/support/hex.h"

using namespace cellwarden;
using namespace cellwarden::fuzz;

namespace {

const Protocol* protocol = nullptr;

/// No frame of any protocol holds more.
constexpr std::size_t most_listed = 128, longest_text = 600;

void demand_sane(double value) { DEMAND(std::isfinite(value)); }
void demand_sane(const std::string& text) { DEMAND(text.size() <= longest_text); }
template <class T>
void demand_sane(const T&) {}
template <class T>
void demand_sane(const std::vector<T>& list);
template <class T>
void demand_sane(const std::optional<T>& value) {
  if (value) demand_sane(*value);
}
template <class T>
void demand_sane(const std::vector<T>& list) {
  DEMAND(list.size() <= most_listed);
  for (const auto& element : list) demand_sane(element);
}

/// What leaves as JSON comes back the same, and is text that every reader takes.
template <class T, class Back>
void demand_round_trip(const T& value, Back back) {
  each_member(value, [](std::string_view, const auto& member) { demand_sane(member); });
  const auto json = to_json(value);
  DEMAND(to_json(back(nlohmann::json::parse(json.dump()))) == json);
}

struct StrictSink : Sink {
  std::size_t events = 0;

  void emit(Event event) override {
    ++events;
    if (const auto* reading = std::get_if<Reading>(&event.what)) {
      demand_round_trip(*reading, reading_from_json);
      to_json_with_summary(*reading).dump();
      const Plausibility plausibility = check_plausible(*reading);
      if (plausibility.wrong.empty()) DEMAND(reading->cells_v.size() <= 48);
      for (const int cell : plausibility.impossible_cells) {
        DEMAND(cell >= 1 && cell <= static_cast<int>(reading->cells_v.size()));
      }
    }
    if (const auto* limits = std::get_if<Limits>(&event.what)) demand_round_trip(*limits, limits_from_json);
    if (const auto* identity = std::get_if<Identity>(&event.what)) demand_round_trip(*identity, identity_from_json);
  }
};

std::string after(std::string_view option, std::string_view argument) {
  return argument.starts_with(option) ? std::string(argument.substr(option.size())) : "";
}

/// Each exchange alone, and eight that followed each other: a whole poll.
void write_seeds(const std::string& folder) {
  std::string name(protocol->id);
  std::ranges::replace(name, '-', '_');
  if (name == "jk_listen") name = "jk_modbus";  // the same line
  std::ifstream file(TEST_DATA "/protocols/frames/" + name + ".json");
  if (!file) return;
  std::vector<Buffer> seeds;
  for (const auto& frame : nlohmann::json::parse(file)) {
    Buffer& seed = seeds.emplace_back();
    if (frame.contains("request") && frame["request"].is_string())
      append_record(seed, Direction::to_bms, from_hex(frame["request"].get<std::string>()));
    for (const auto& chunk : frame.value("chunks", nlohmann::json::array()))
      append_record(seed, Direction::from_bms, from_hex(chunk.get<std::string>()));
    if (frame.contains("bytes")) append_record(seed, Direction::from_bms, from_hex(frame["bytes"].get<std::string>()));
  }
  constexpr std::size_t poll = 8;
  for (std::size_t first = 0, frames = seeds.size(); first + poll <= frames; first += poll / 2) {
    Buffer all;
    for (std::size_t i = first; i < first + poll; ++i) all.insert(all.end(), seeds[i].begin(), seeds[i].end());
    seeds.push_back(std::move(all));
  }
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream(folder + "/" + std::to_string(i), std::ios::binary)
        .write(reinterpret_cast<const char*>(seeds[i].data()), static_cast<std::streamsize>(seeds[i].size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  std::string seeds;
  for (int i = 1; i < *argc; ++i) {
    const std::string_view argument = (*argv)[i];
    if (argument == "--list") {
      for (const Protocol& row : catalog()) std::cout << row.id << '\n';
      std::exit(0);
    }
    if (const auto id = after("--protocol=", argument); !id.empty()) protocol = find_protocol(id);
    if (const auto folder = after("--seeds=", argument); !folder.empty()) seeds = folder;
  }
  if (protocol == nullptr) {
    std::cerr << "fuzz_decoder: --protocol=ID is missing; --list shows the ids\n";
    std::exit(2);
  }
  if (!seeds.empty()) {
    write_seeds(seeds);
    std::exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto decoder = protocol->decoder();
  StrictSink sink;
  Bytes input(data, size);
  while (auto record = next_record(input)) {
    if (record->mended) mend(protocol->id, record->bytes);
    for (Bytes rest = record->bytes; !rest.empty();) {
      const Bytes chunk = rest.first(std::min(record->chunk, rest.size()));
      decoder->feed(record->direction, chunk, sink);
      rest = rest.subspan(chunk.size());
    }
  }
  decoder->finish(sink);
  DEMAND(sink.events <= 8 * size + 8);  // no byte says more than a few things
  return 0;
}
