#include "daemon/finding/conversation.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <map>

#include "protocols/plausible.h"

namespace cellwarden::finding {

namespace {

namespace asio = boost::asio;

/// Waits for whole, plausible readings; its patience grows once, when something makes sense.
class Ear : public Sink {
 public:
  Ear(asio::any_io_executor executor, const Patience& patience, bool wants_all)
      : timer_(executor),
        to_finish_(patience.to_finish + patience.for_others),
        wants_all_(wants_all),
        deadline_(std::chrono::steady_clock::now() + patience.first + patience.for_others) {}

  void emit(Event event) override {
    if (const auto* identity = std::get_if<Identity>(&event.what)) {
      merge(heard_[event.address].identity, *identity);
    } else if (auto* reading = std::get_if<Reading>(&event.what)) {
      const Plausibility found = check_plausible(*reading);
      if (!found.wrong.empty() || !found.impossible_cells.empty()) return;
      heard_[event.address].reading = std::move(*reading);
      if (!wants_all_) end_by(std::chrono::steady_clock::now());
    } else if (std::holds_alternative<GoodFrame>(event.what) && !made_sense_) {
      made_sense_ = true;
      end_by(std::chrono::steady_clock::now() + to_finish_);
    }
  }

  Task<void> patience() {
    while (std::chrono::steady_clock::now() < deadline_) {
      timer_.expires_at(deadline_);
      boost::system::error_code moved;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, moved));
    }
  }

  bool made_sense() const { return made_sense_; }

  std::vector<Found> found(const Try& how) const {
    std::vector<Found> all;
    for (const auto& [address, heard] : heard_) {
      if (!heard.reading) continue;
      all.push_back({how, *heard.reading, heard.identity});
      if (wants_all_ && how.protocol->addressed) all.back().how.address = address;
    }
    if (!wants_all_ && all.size() > 1) all.resize(1);
    return all;
  }

 private:
  void end_by(SteadyTime when) {
    deadline_ = when;
    timer_.cancel();
  }

  struct Heard {
    std::optional<Reading> reading;
    Identity identity;
  };

  asio::steady_timer timer_;
  Duration to_finish_;
  bool wants_all_;
  SteadyTime deadline_;
  bool made_sense_ = false;
  std::map<int, Heard> heard_;
};

/// The link, for as long as its unanswered requests take no longer than the patience: on a line that others use too
/// the clock alone says nothing. Tells a link that is lost from a BMS that says so of itself.
class PatientLink : public Link {
 public:
  PatientLink(Link& link, const Ear& ear, Duration patience) : link_(link), ear_(ear), patience_(patience) {}

  Task<void> exchange(Buffer request, Duration limit, Listener listener) override {
    may_ask(limit);
    co_await counted(link_.exchange(std::move(request), limit, std::move(listener)), limit);
  }
  Task<void> read_registers(RegisterRead what, Duration limit, Listener listener) override {
    may_ask(limit);
    co_await counted(link_.read_registers(what, limit, std::move(listener)), limit);
  }
  Task<void> listen(Duration limit, Listener listener) override {
    co_await counted(link_.listen(limit, std::move(listener)), {});
  }
  void stay_quiet(Duration time) override { link_.stay_quiet(time); }
  SteadyTime now() const override { return link_.now(); }
  Task<void> sleep_until(SteadyTime when) override { co_await link_.sleep_until(when); }

  bool is_lost() const { return is_lost_; }
  bool has_given_up() const { return has_given_up_; }

 private:
  void may_ask(Duration limit) {
    if (ear_.made_sense() || spent_ == Duration{} || spent_ + limit <= patience_) return;
    has_given_up_ = true;
    throw LinkLost("nobody answers");
  }
  Task<void> counted(Task<void> request, Duration limit) {
    try {
      co_await std::move(request);
    } catch (const LinkTimeout&) {
      spent_ += limit;
      throw;
    } catch (const LinkLost&) {
      is_lost_ = true;
      throw;
    }
  }

  Link& link_;
  const Ear& ear_;
  Duration patience_, spent_{};
  bool is_lost_ = false, has_given_up_ = false;
};

}  // namespace

Task<Outcome> converse(Link& link, Try how, AdapterOptions options, Patience patience) {
  const auto executor = co_await asio::this_coro::executor;
  const auto adapter = how.protocol->adapter(options);
  Ear ear(executor, patience, how.protocol->only_listens);
  PatientLink patient(link, ear, patience.first);
  auto [order, failure, timer_failure] = co_await asio::experimental::make_parallel_group(
                                             asio::co_spawn(executor, adapter->run(patient, ear), asio::deferred),
                                             asio::co_spawn(executor, ear.patience(), asio::deferred))
                                             .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  Outcome outcome{ear.found(how), ear.made_sense(), {}};
  if (!outcome.found.empty() || order[0] != 0 || !failure) co_return outcome;
  try {
    std::rethrow_exception(failure);
  } catch (const LinkTimeout&) {
  } catch (const DeviceRefused& refused) {
    outcome.said = refused.what();
  } catch (const LinkLost& lost) {
    if (patient.is_lost()) throw;
    if (!patient.has_given_up()) outcome.said = lost.what();
  }
  co_return outcome;
}

}  // namespace cellwarden::finding
