// Packs that make one battery: what an owner gets wrong about them.
#include <algorithm>
#include <map>

#include "config/packs.h"

namespace cellwarden {
namespace {

const toml::source_region& place(const WrittenBank& written, std::string_view key) {
  const auto* node = written.table->get(key);
  return node ? node->source() : written.table->source();
}

/// Where the bank names its pack number `i`.
const toml::source_region& place(const WrittenBank& written, std::size_t i) {
  return (*written.table->get("packs")->as_array())[i].source();
}

std::string line(const toml::source_region& at) { return "line " + std::to_string(at.begin.line); }

using ByBank = std::map<std::string, const WrittenBank*>;

void check_members(const WrittenBank& written, const std::vector<WrittenPack>& packs, ByBank& taken, Faults& faults) {
  std::vector<std::string_view> known;
  for (const auto& pack : packs) {
    if (!pack.pack.id.empty()) known.push_back(pack.pack.id);
  }
  const auto& ids = written.bank.packs;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (std::ranges::find(known, ids[i]) == known.end()) {
      faults.add(place(written, i), "there is no [[pack]] with the id \"" + ids[i] + "\"" + suggestion(ids[i], known));
      continue;
    }
    const auto [owner, is_new] = taken.emplace(ids[i], &written);
    if (is_new) continue;
    faults.add(place(written, i), owner->second == &written
                                      ? "pack \"" + ids[i] + "\" is named twice; a bank holds each pack once"
                                      : "pack \"" + ids[i] + "\" belongs to bank \"" + owner->second->bank.id + "\" (" +
                                            line(owner->second->table->source()) + "); a pack can be in one bank only");
  }
}

/// Of what the file says itself; what only the BMS says shows when they are heard.
void check_cell_counts(const WrittenBank& written, const std::vector<WrittenPack>& packs, Faults& faults) {
  if (written.bank.joined != Joined::parallel) return;
  const PackConfig* first = nullptr;
  for (std::size_t i = 0; i < written.bank.packs.size(); ++i) {
    const auto found = std::ranges::find(packs, written.bank.packs[i], [](const auto& w) { return w.pack.id; });
    if (found == packs.end() || !found->pack.limits.cell_count) continue;
    if (!first) {
      first = &found->pack;
    } else if (first->limits.cell_count != found->pack.limits.cell_count && first->chemistry == found->pack.chemistry) {
      faults.add(place(written, i), "pack \"" + found->pack.id + "\" has " +
                                        std::to_string(*found->pack.limits.cell_count) + " cells, but pack \"" +
                                        first->id + "\" has " + std::to_string(*first->limits.cell_count) +
                                        "; packs in parallel need as many (in series: joined = \"series\")");
    }
  }
}

}  // namespace

WrittenBank read_bank(const toml::table& table, Faults& faults) {
  BankSettings bank;
  Section section(table, "[[bank]]", faults);
  read_id(section, "house", bank.id);
  bank.name = bank.id;
  section.text("name", bank.name);
  if (bank.name.empty()) bank.name = bank.id;
  section.require("packs", "[\"house-1\", \"house-2\"]");
  if (section.texts("packs", bank.packs) && bank.packs.size() < 2) {
    section.fault("packs", "\"packs\" names " +
                               (bank.packs.empty() ? std::string("no pack") : "only \"" + bank.packs[0] + "\"") +
                               ", but a bank joins two or more");
  }
  section.require("joined", "\"parallel\"");
  std::string joined;
  if (section.choice("joined", joined, {"parallel", "series"}) && joined == "series") bank.joined = Joined::series;
  section.finish();
  return {std::move(bank), &table};
}

void check_banks(const std::vector<WrittenBank>& banks, const std::vector<WrittenPack>& packs, Faults& faults) {
  ByBank by_id, taken;
  for (const auto& written : banks) {
    const std::string& id = written.bank.id;
    const auto pack = std::ranges::find(packs, id, [](const auto& w) { return w.pack.id; });
    if (!id.empty() && pack != packs.end()) {
      faults.add(place(written, "id"), "id \"" + id + "\" belongs to a pack (" + line(pack->table->source()) +
                                           "); a bank needs its own, for its topics");
    } else if (const auto [first, is_new] = by_id.emplace(id, &written); !id.empty() && !is_new) {
      faults.add(place(written, "id"), "id \"" + id + "\" is already used in " + line(place(*first->second, "id")) +
                                           "; every bank needs its own");
    }
    check_members(written, packs, taken, faults);
    check_cell_counts(written, packs, faults);
  }
}

}  // namespace cellwarden
