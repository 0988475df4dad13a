#include "daemon/commands/answers.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "config/shared_line.h"
#include "protocols/adapter.h"

namespace cellwarden {

namespace {

/// What the owner has said of it since.
bool fits(const PackConfig& pack, const finding::Answer& answer) {
  const Protocol* protocol = find_protocol(answer.protocol);
  return protocol && why_not_on(pack.link, answer.protocol).empty() &&
         (pack.address == 0 || pack.address == answer.address) && (pack.baud == 0 || pack.baud == answer.baud);
}

PackConfig spoken_to(PackConfig pack, const finding::Answer& answer) {
  pack.protocol = answer.protocol;
  pack.address = answer.address;
  pack.baud = answer.baud;
  // A chain says all of it once in 4.4 s (jk.md 3.5).
  if (find_protocol(answer.protocol)->only_listens) pack.poll = std::max(pack.poll, Seconds(5));
  return pack;
}

}  // namespace

bool is_auto(const PackConfig& pack) { return pack.protocol == auto_protocol; }

Answers::Known* Answers::recall(const PackConfig& pack) {
  auto known = known_.find(pack.id);
  if (known == known_.end() && store_) {
    const auto stored = store_->load(pack.id);
    if (stored && stored->link == pack.link.text()) {
      const finding::Answer answer{stored->protocol, stored->address, stored->baud};
      known = known_.emplace(pack.id, Known{answer, pack.link}).first;
    }
  }
  if (known == known_.end() || known->second.link != pack.link || !fits(pack, known->second.answer)) return nullptr;
  return &known->second;
}

Answers::Resolved Answers::resolve(const std::vector<PackConfig>& wanted) {
  Resolved resolved;
  for (const PackConfig& pack : wanted) {
    if (!is_auto(pack)) {
      resolved.known.push_back(pack);
      continue;
    }
    const Known* known = recall(pack);
    if (known && !known->is_doubted) {
      resolved.known.push_back(spoken_to(pack, known->answer));
    } else {
      resolved.unknown.push_back({pack, known ? std::optional(known->answer) : std::nullopt});
    }
  }
  // Where one only listens nobody asks: who shares its line is part of the same chain.
  std::erase_if(resolved.unknown, [&](const finding::Search::Wanted& one) {
    const auto chain = std::ranges::find_if(resolved.known, [&](const PackConfig& other) {
      return other.link == one.pack.link && find_protocol(other.protocol)->only_listens;
    });
    if (chain == resolved.known.end()) return false;
    resolved.known.push_back(spoken_to(one.pack, {chain->protocol, one.pack.address, chain->baud}));
    return true;
  });
  return resolved;
}

void Answers::found(const PackConfig& pack, const finding::Search::Result& result, UtcTime now) {
  const finding::Answer& answer = result.answer;
  std::string what(find_protocol(answer.protocol)->brand);
  if (!result.model.empty()) what += " " + result.model;
  what += ", " + answer.protocol;
  if (answer.address != 0) what += ", address " + std::to_string(answer.address);
  if (answer.baud != 0) what += ", " + std::to_string(answer.baud) + " baud";
  spdlog::info("{}: found on {}: {}", pack.id, pack.link.text(), what);
  const Known* before = recall(pack);
  if (before && before->answer.protocol != answer.protocol) {
    spdlog::warn(
        "{}: it answered {} before; if this is another battery give it an id of its own, for what is learnt "
        "of a pack is kept by its id",
        pack.id, before->answer.protocol);
  }
  known_[pack.id] = {answer, pack.link};
  if (store_) store_->save(pack.id, {pack.link.text(), answer.protocol, answer.address, answer.baud}, now);
}

void Answers::doubt(const std::string& pack_id) {
  const auto known = known_.find(pack_id);
  if (known != known_.end()) known->second.is_doubted = true;
}

}  // namespace cellwarden
