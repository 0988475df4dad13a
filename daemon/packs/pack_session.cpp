#include "daemon/packs/pack_session.h"

#include <spdlog/spdlog.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "daemon/packs/released.h"

namespace cellwarden {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration first_back_off = 1s, longest_back_off = 30s, refused_back_off = 10min;
/// A radio port has waited for its device by itself already.
constexpr Duration longest_radio_back_off = 10s;
constexpr Duration freshness_tick = 500ms;
constexpr Duration shortest_patience = 5s;

Duration patience(const PackConfig& pack, int polls) {
  return std::max<Duration>(shortest_patience, std::chrono::duration_cast<Duration>(pack.poll * polls));
}

}  // namespace

PackSession::PackSession(Link& link, std::string link_name, std::unique_ptr<Adapter> adapter,
                         const std::vector<PackConfig>& packs, int offline_after_polls, PackObserver& observer)
    : link_(link),
      link_name_(std::move(link_name)),
      adapter_(std::move(adapter)),
      per_poll_(packs.front().mode == PackConfig::Mode::per_poll),
      poll_(std::chrono::duration_cast<Duration>(packs.front().poll)),
      back_off_(first_back_off) {
  for (const PackConfig& pack : packs) {
    packs_.try_emplace(pack.address, pack, patience(pack, offline_after_polls), observer);
  }
}

BothClocks PackSession::moment() const {
  return {link_.now(), std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())};
}

Task<void> PackSession::run() {
  for (auto& [address, pack] : packs_) pack.start(moment());
  const auto executor = co_await asio::this_coro::executor;
  interrupt_.emplace(executor, SteadyTime::max());
  auto [order, talk_error, watch_error] =
      co_await asio::experimental::make_parallel_group(asio::co_spawn(executor, talk(), asio::deferred),
                                                       asio::co_spawn(executor, watch_freshness(), asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const auto first_to_end = order[0] == 0 ? talk_error : watch_error;
  if (first_to_end) std::rethrow_exception(first_to_end);
}

Task<void> PackSession::talk() {
  for (;;) {
    if (released_until_) co_await stay_away();
    bool is_refused = false, has_read = false;
    const SteadyTime began = link_.now();
    try {
      has_read = co_await converse();
    } catch (const LinkTimeout&) {
      for (auto& [address, pack] : packs_) pack.on_timeout();
      link_.unheard();
      fault(explain_silence());
      if (heard_ == 0 && ++silent_ == most_silent_) on_silent_();
    } catch (const LinkLost& lost) {
      for (auto& [address, pack] : packs_) pack.on_reconnect();
      fault(lost.what());
    } catch (const DeviceRefused& refused) {
      fault(refused.what());
      is_refused = true;
    }
    heard_ = refused_ = impossible_ = 0;
    if (released_until_) continue;
    if (has_read) {
      link_.let_go();
      co_await rest(began + poll_);
      continue;
    }
    // Asked only now: a good frame has reset it meanwhile.
    const Duration wait = is_refused ? refused_back_off : back_off_;
    back_off_ = std::min(2 * back_off_, is_radio() ? longest_radio_back_off : longest_back_off);
    co_await rest(link_.now() + wait);
  }
}

/// Until the link's exception, or true: it was interrupted.
Task<bool> PackSession::converse() {
  is_interrupted_ = false;
  const auto executor = co_await asio::this_coro::executor;
  auto [order, failure, none] = co_await asio::experimental::make_parallel_group(
                                    asio::co_spawn(executor, adapter_->run(link_, *this), asio::deferred),
                                    asio::co_spawn(executor, interrupted(), asio::deferred))
                                    .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (order[0] == 0 && failure) std::rethrow_exception(failure);
  co_return true;
}

Task<void> PackSession::interrupted() {
  while (!is_interrupted_) {
    boost::system::error_code cancelled;
    co_await interrupt_->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

Task<void> PackSession::rest(SteadyTime until) {
  is_interrupted_ = false;
  const auto executor = co_await asio::this_coro::executor;
  auto [order, failure, none] = co_await asio::experimental::make_parallel_group(
                                    asio::co_spawn(executor, link_.sleep_until(until), asio::deferred),
                                    asio::co_spawn(executor, interrupted(), asio::deferred))
                                    .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (order[0] == 0 && failure) std::rethrow_exception(failure);
}

/// Nothing is asked, and the link is free.
Task<void> PackSession::stay_away() {
  link_.let_go();
  last_fault_ = released_why;
  for (auto& [address, pack] : packs_) spdlog::info("{}: {}", pack.config().id, last_fault_);
  while (released_until_ && link_.now() < *released_until_) co_await rest(*released_until_);
  released_until_.reset();
  back_off_ = first_back_off;
  for (auto& [address, pack] : packs_) spdlog::info("{}: the link is taken back", pack.config().id);
}

void PackSession::release(Duration time) {
  if (time <= Duration::zero() && !released_until_) return;
  released_until_ = link_.now() + std::clamp<Duration>(time, Duration::zero(), longest_release);
  interrupt();
}

void PackSession::when_silent(int conversations, std::function<void()> then) {
  most_silent_ = conversations;
  on_silent_ = std::move(then);
}

void PackSession::interrupt() {
  is_interrupted_ = true;
  if (interrupt_) interrupt_->cancel();
}

Task<void> PackSession::watch_freshness() {
  for (;;) {
    co_await link_.sleep_until(link_.now() + freshness_tick);
    for (auto& [address, pack] : packs_) {
      pack.on_tick(moment(), last_fault_.empty() ? explain_silence() : last_fault_);
    }
  }
}

void PackSession::emit(Event event) {
  auto pack = packs_.find(event.address);
  if (pack == packs_.end() && packs_.size() == 1) pack = packs_.begin();
  if (pack != packs_.end()) pack->second.on_link(link_.counters());
  const bool passed_on = pack != packs_.end() && pack->second.on_event(event, moment());
  if (std::holds_alternative<Rejected>(event.what)) {
    ++refused_;
    return;
  }
  ++heard_;
  silent_ = 0;
  is_understood_ = true;
  link_.heard();
  back_off_ = first_back_off;
  if (std::holds_alternative<Reading>(event.what) && pack != packs_.end() && !passed_on) ++impossible_;
  if (!passed_on) return;
  heard_ = refused_ = impossible_ = 0;
  last_fault_.clear();
  if (per_poll_) interrupt();
  if (spoken_.over()) {
    for (auto& [address, each] : packs_) spdlog::info("{}: answers again", each.config().id);
  }
}

void PackSession::fault(const std::string& what) {
  last_fault_ = what;
  if (!spoken_.say(what, link_.now())) return;
  for (auto& [address, pack] : packs_) spdlog::warn("{}: {}", pack.config().id, what);
}

std::string PackSession::explain_silence() const {
  const PackConfig& pack = packs_.begin()->second.config();
  if (refused_ > 0 && heard_ == 0 && is_understood_) {
    return "answers on " + link_name_ +
           (is_radio() ? " come damaged; is the radio link weak?"
                       : " come damaged; check the wiring and its length; does another program or the phone app talk "
                         "on the same wires?");
  }
  if (refused_ > 0 && heard_ == 0) {
    return "what comes in on " + link_name_ + " is not " + pack.protocol +
           (is_radio() ? "; is it this brand, is there another protocol of this brand?"
                       : "; is the baud rate right, is it this brand, does another program or the phone app talk on "
                         "the same wires?");
  }
  if (impossible_ > 0) {
    return "answers on " + link_name_ + " hold values that no battery has; is protocol = \"" + pack.protocol +
           "\" right, is a cell's sense wire off?";
  }
  if (is_radio()) {
    return heard_ > 0 ? "answers on " + link_name_ + " come incomplete; is the radio link weak?"
                      : link_name_ + " is connected but does not answer; is protocol = \"" + pack.protocol +
                            "\" right, does its Bluetooth module want a password (ble_password)?";
  }
  if (heard_ > 0) return "answers on " + link_name_ + " come incomplete; check the wiring and its length";
  return "no answer on " + link_name_ + "; is the BMS awake and connected (RX/TX or A/B swapped?), is protocol = \"" +
         pack.protocol + "\" right?";
}

std::vector<const Pack*> PackSession::packs() const {
  std::vector<const Pack*> all;
  for (const auto& [address, pack] : packs_) all.push_back(&pack);
  return all;
}

}  // namespace cellwarden
