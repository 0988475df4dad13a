#pragma once
// One port and all who speak on it: one request in flight, quiet gaps between, reopened when it comes back.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <functional>
#include <memory>

#include "daemon/links/modbus_thread.h"
#include "daemon/links/port.h"
#include "protocols/adapter.h"

namespace cellwarden {

class Line : public Link {
 public:
  /// Sees every chunk as it passed (record).
  using Tap = std::function<void(Direction, Bytes)>;

  /// `gap`: quiet between two transactions, 3.5 characters at least; most BMS want more.
  Line(boost::asio::any_io_executor executor, std::unique_ptr<Port> port, Duration gap = std::chrono::milliseconds(20));

  Task<void> exchange(Buffer request, Duration limit, Listener listener) override;
  Task<void> listen(Duration limit, Listener listener) override;
  /// By libmodbus, where the port is one for it.
  Task<void> read_registers(RegisterRead what, Duration limit, Listener listener) override;
  void stay_quiet(Duration time) override { quiet_until_ = std::max(quiet_until_, now() + time); }
  void heard() override { port_->heard(); }
  void unheard() override { port_->unheard(); }
  void let_go() override { port_->let_go(); }
  LinkCounters counters() const override { return port_->counters(); }
  SteadyTime now() const override { return std::chrono::steady_clock::now(); }
  Task<void> sleep_until(SteadyTime when) override;

  void tap(Tap tap) { tap_ = std::move(tap); }
  std::string name() const { return port_->name(); }

 private:
  class Hold;
  Task<void> acquire();
  Task<void> make_ready();
  void release();
  Task<void> receive(SteadyTime deadline, const Listener& listener);

  boost::asio::any_io_executor executor_;
  std::unique_ptr<Port> port_;
  std::unique_ptr<ModbusThread> modbus_;  ///< since registers were first read
  Duration gap_;
  SteadyTime quiet_until_{};
  /// Holds one token while the line is free: an asynchronous mutex.
  boost::asio::experimental::channel<void(boost::system::error_code)> free_;
  Tap tap_;
};

}  // namespace cellwarden
