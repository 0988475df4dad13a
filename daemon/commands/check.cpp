#include "daemon/commands/check.h"

#include <algorithm>
#include <map>
#include <ostream>

#include "config/config.h"
#include "config/shared_line.h"
#include "daemon/finding/tries.h"

namespace cellwarden {

namespace {

/// A link that is made for each reading takes its time; and what is counted and judged needs readings close together.
void warn_of_slow_polls(const PackConfig& pack, std::ostream& out) {
  if (pack.mode != PackConfig::Mode::per_poll) return;
  const double poll_s = pack.poll.count();
  const char* why = poll_s < 15 ? "connecting alone takes 5 to 10 s: write poll = \"15s\" or more, or mode = \"keep\""
                    : poll_s <= 30 ? nullptr
                    : poll_s <= 60 ? "the analysis sees little of a charge's end: at most 30 s is better"
                                   : "over 60 s no energy is counted between two readings, over 120 s no charge, and "
                                     "the analysis sees no end of a charge: write poll = \"30s\"";
  if (why)
    out << "warning: pack " << pack.id << " has mode = \"per-poll\" and poll = " << poll_s << " s; " << why << '\n';
}

/// Of a pack whose protocol is "auto".
void say_what_is_tried(const PackConfig& pack, const Config& config, std::ostream& out) {
  const finding::Place place = finding::place_of(pack);
  const bool has_neighbours = std::ranges::any_of(
      config.packs, [&](const PackConfig& other) { return other.id != pack.id && other.link == pack.link; });
  out << "    is looked for when the service first starts: " << finding::summary(place);
  if (has_neighbours) {
    out << ", but only at the baud rate of the packs beside it and in turn with them";
  } else {
    const bool by_radio = pack.link.kind == LinkAddress::Kind::ble;
    out << "; at most " << std::chrono::ceil<std::chrono::seconds>(finding::longest(place)).count() << " s"
        << (by_radio ? " once it is connected" : "");
  }
  out << ". What answers is remembered\n";
}

/// A kept link has its place for good; those made for each reading take turns at one.
void warn_of_crowded_adapters(const Config& config, std::ostream& out) {
  struct Wanted {
    int kept = 0, in_turn = 0;
  };
  std::map<std::string, Wanted> by_adapter;
  for (const auto& pack : config.packs) {
    if (pack.link.kind != LinkAddress::Kind::ble) continue;
    auto& wanted = by_adapter[pack.adapter];
    ++(pack.mode == PackConfig::Mode::keep ? wanted.kept : wanted.in_turn);
  }
  const int most = config.bluetooth.max_links;
  for (const auto& [adapter, wanted] : by_adapter) {
    if (wanted.kept + std::min(wanted.in_turn, 1) <= most) continue;
    out << "warning: " << wanted.kept << (wanted.kept == 1 ? " pack keeps its link on " : " packs keep their links on ")
        << (adapter.empty() ? "the first adapter" : adapter) << ", which is given " << most
        << " (max_links under [bluetooth]); "
        << (wanted.kept > most ? "the last to come stay offline: write mode = \"per-poll\" for some"
                               : "those with mode = \"per-poll\" find no place: write it for one more")
        << ", or use a second adapter\n";
  }
}

/// What joined packs have in common, or should.
void warn_of_banks(const Config& config, std::ostream& out) {
  for (const auto& bank : config.banks) {
    std::vector<PackConfig> packs;
    for (const auto& id : bank.packs) packs.push_back(*std::ranges::find(config.packs, id, &PackConfig::id));
    const auto warn = [&](const std::string& what) { out << "warning: bank " << bank.id << ": " << what << '\n'; };
    const bool parallel = bank.joined == Joined::parallel;
    const PackConfig& first = packs.front();
    const auto differs = [&](const auto& of) {
      return std::ranges::find_if(
          packs, [&](const PackConfig& pack) { return of(first) && of(pack) && of(pack) != of(first); });
    };
    const auto names = [&](const PackConfig& pack) { return first.id + " and " + pack.id; };
    if (const auto other = differs([](const PackConfig& p) { return p.chemistry; }); other != packs.end())
      warn(names(*other) + " are of different chemistry: " +
           (parallel ? "in parallel one of them is never full, or too full" : "in series one ends each charge early"));
    if (const auto other = differs([](const PackConfig& p) { return p.capacity_ah; });
        !parallel && other != packs.end())
      warn(names(*other) + " differ in capacity_ah: in series the smaller one sets what the bank holds");
    if (const auto other = differs([](const PackConfig& p) { return p.charger.absorption_v; });
        parallel && other != packs.end())
      warn(names(*other) + " have different absorption_v, but in parallel one voltage charges both");
    for (const PackConfig& pack : packs)
      if (pack.poll > std::chrono::seconds(30))
        warn(pack.id + " is polled every " + std::to_string(static_cast<int>(pack.poll.count())) +
             " s; with more than 30 s the bank's current is often unknown");
  }
}

}  // namespace

int check_config(const std::filesystem::path& file, std::ostream& out, std::ostream& err) {
  const auto read = read_config(file);
  if (const auto* faults = std::get_if<std::vector<ConfigFault>>(&read)) {
    for (const auto& fault : *faults) err << fault.text() << '\n';
    return 2;
  }
  const auto& config = std::get<Config>(read);
  out << file.string() << ": no faults\n";
  out << "broker: " << (config.mqtt ? config.mqtt->broker + ", topics under " + config.mqtt->topic : "none") << '\n';
  for (const auto& pack : config.packs) {
    out << "pack " << pack.id << ": " << pack.protocol << " on " << pack.link.text();
    if (pack.address != 0) out << ", address " << pack.address;
    out << ", every " << pack.poll.count() << " s\n";
    if (pack.protocol == auto_protocol) say_what_is_tried(pack, config, out);
  }
  for (const auto& bank : config.banks) {
    out << "bank " << bank.id << ':';
    for (const auto& id : bank.packs) out << ' ' << id;
    out << ", in " << name(bank.joined) << '\n';
  }
  for (const auto& pack : config.packs) warn_of_slow_polls(pack, out);
  warn_of_banks(config, out);
  warn_of_crowded_adapters(config, out);
  return 0;
}

}  // namespace cellwarden
