#include "daemon/finding/search.h"

#include <spdlog/spdlog.h>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "config/shared_line.h"

namespace cellwarden::finding {

using namespace std::chrono_literals;

namespace {

constexpr Duration first_pause = 5s, longest_pause = 60s;
/// A pack of theirs that is dead keeps the line for so long.
constexpr Duration for_each_other = 2s;

std::string seconds(Duration time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

/// What it was, if that is still possible.
std::optional<Try> as_before(const Search::Wanted& wanted) {
  const Protocol* protocol = wanted.before ? find_protocol(wanted.before->protocol) : nullptr;
  if (!protocol) return std::nullopt;
  return Try{protocol, wanted.before->baud, wanted.before->address};
}

Task<Findings> pass_on_port(MakePort make_port, const Search::Wanted& wanted, const Say& say) {
  Findings findings;
  const auto executor = co_await boost::asio::this_coro::executor;
  if (const auto before = as_before(wanted); before && !before->protocol->only_listens) {
    Line line(executor, make_port(before->baud, false));
    std::vector<Try> only_that{*before};
    co_await ask_all(line, std::move(only_that), Goal::first, for_gateway(place_of(wanted.pack)), say, findings);
    if (!findings.found.empty()) co_return findings;
  }
  PortFinder finder(place_of(wanted.pack), std::move(make_port), Goal::first, say);
  co_await finder.run();
  co_return std::move(finder.findings);
}

Task<Findings> pass_beside(Line& line, std::vector<Try> tries, Duration for_others, const Search::Wanted& wanted,
                           const Say& say) {
  if (const auto before = as_before(wanted)) {
    const auto at = std::ranges::find(tries, *before);
    if (at != tries.end()) std::rotate(tries.begin(), at, at + 1);
  }
  Findings findings;
  co_await ask_all(line, std::move(tries), Goal::first, for_others, say, findings);
  co_return findings;
}

Task<Findings> pass_on_air(ble::Bluez& bluez, const Search::Wanted& wanted, const Say& say) {
  BleFinder finder(bluez, place_of(wanted.pack), say);
  co_await finder.run();
  co_return std::move(finder.findings);
}

}  // namespace

std::vector<Try> not_of(const std::vector<PackConfig>& others, std::vector<Try> tries) {
  for (const PackConfig& other : others) {
    const Protocol* protocol = find_protocol(other.protocol);
    if (!protocol) continue;
    const auto unit = unit_on_line(*protocol, other.address);
    std::erase_if(tries, [&](const Try& how) {
      if (how.protocol != protocol) {
        // A board may answer in two protocols of its brand (daly.md 0): it would be read as two packs.
        return how.protocol->brand == protocol->brand || (unit && unit == unit_on_line(*how.protocol, how.address));
      }
      return !protocol->addressed || how.address == other.address;
    });
  }
  return tries;
}

Task<void> Search::on_port(MakePort make_port) {
  const Place place = place_of(packs_.front().pack);
  std::string what = summary(place) + ", at most " + seconds(longest(place));
  Pass pass = [make_port](const Wanted& wanted, const Say& say) { return pass_on_port(make_port, wanted, say); };
  co_await until_found(std::move(what), std::move(pass));
}

Task<void> Search::beside(Line& line, unsigned baud, std::vector<PackConfig> others) {
  const auto tries_of = [baud, &others](const PackConfig& pack) {
    Place place = place_of(pack);
    if (place.baud == 0) place.baud = baud;
    std::vector<Try> all = not_of(others, tries(place));
    std::erase_if(all, [](const Try& how) {
      const auto& rates = how.protocol->probe.bauds;
      const bool is_its_rate =
          rates.empty() ? how.baud == how.protocol->default_baud : std::ranges::find(rates, how.baud) != rates.end();
      return how.baud != 0 && !is_its_rate;
    });
    return all;
  };
  const Duration for_others =
      for_each_other * static_cast<int>(others.size()) + for_gateway(place_of(packs_.front().pack));
  Pass pass = [&line, tries_of, for_others](const Wanted& wanted, const Say& say) {
    return pass_beside(line, tries_of(wanted.pack), for_others, wanted, say);
  };
  std::string what = "in turn with the packs beside it";
  if (baud != 0) what += ", at their " + std::to_string(baud) + " baud";
  co_await until_found(std::move(what), std::move(pass));
}

Task<void> Search::on_air(ble::Bluez& bluez) {
  Pass pass = [&bluez](const Wanted& wanted, const Say& say) { return pass_on_air(bluez, wanted, say); };
  std::string what = summary(place_of(packs_.front().pack));
  co_await until_found(std::move(what), std::move(pass));
}

Task<void> Search::until_found(std::string what, Pass pass) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  for (Duration pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    for (const Wanted& wanted : packs_) {
      begin(wanted.pack, what);
      const Say say = [&wanted](const std::string& line) { spdlog::debug("{}: {}", wanted.pack.id, line); };
      Findings findings;
      std::string fault;
      try {
        findings = co_await pass(wanted, say);
      } catch (const LinkLost& lost) {
        fault = lost.what();
      }
      if (end(wanted.pack, findings, fault, pause)) co_return;
    }
    timer.expires_after(pause);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

void Search::begin(const PackConfig& pack, const std::string& what) {
  const std::string why = "is being looked for on " + pack.link.text() + ": " + what;
  tell_(pack.id, why);
  if (told_.empty()) spdlog::info("{}: {}", pack.id, why);
}

bool Search::end(const PackConfig& pack, const Findings& findings, const std::string& fault, Duration pause) {
  if (!findings.found.empty()) {
    const Found& found = findings.found.front();
    result = Result{pack.id,
                    {std::string(found.how.protocol->id), found.how.address, found.how.baud},
                    found.identity.model.value_or("")};
    if (findings.found.size() > 1) {
      spdlog::warn("{}: {} packs talk on {}: the first is taken; give each an address", pack.id, findings.found.size(),
                   pack.link.text());
    }
    return true;
  }
  std::string why = fault;
  if (why.empty() && !findings.talkers.empty()) {
    why = "is not found on " + pack.link.text() +
          ", where somebody talks that is not known here: " + findings.talkers.front();
  } else if (why.empty()) {
    why = "is not found on " + pack.link.text() +
          (pack.link.kind == LinkAddress::Kind::ble ? "; does its Bluetooth module want a password?"
                                                    : "; is the BMS awake and connected (RX/TX or A/B swapped?)");
  }
  if (std::exchange(told_, why) != why) spdlog::warn("{}: {}; looking again and again", pack.id, why);
  tell_(pack.id, why + "; looking again in " + seconds(pause));
  return false;
}

}  // namespace cellwarden::finding
