#include "daemon/packs/line.h"

#include <boost/asio/use_awaitable.hpp>

namespace cellwarden {

namespace asio = boost::asio;

Line::Line(asio::any_io_executor executor, std::unique_ptr<Port> port, Duration gap)
    : executor_(executor), port_(std::move(port)), gap_(gap), free_(executor, 1) {
  release();
}

/// Gives the line back however the transaction ends.
class Line::Hold {
 public:
  explicit Hold(Line& line) : line_(line) {}
  ~Hold() {
    line_.quiet_until_ = line_.now() + line_.gap_;
    line_.release();
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  Line& line_;
};

Task<void> Line::acquire() { co_await free_.async_receive(asio::use_awaitable); }
void Line::release() { free_.try_send(boost::system::error_code()); }

Task<void> Line::exchange(Buffer request, Duration limit, Listener listener) {
  if (port_->registers() == Port::Registers::modbus_tcp) {
    throw DeviceRefused(name() +
                        " carries reads of registers and nothing else; if the gateway has a transparent (raw) "
                        "mode, use that and rtu+tcp:");
  }
  co_await acquire();
  const Hold hold(*this);
  co_await make_ready();
  if (tap_) tap_(Direction::to_bms, request);
  co_await port_->write(request);
  co_await receive(now() + port_->wire_time(request.size()) + limit, listener);
}

Task<void> Line::read_registers(RegisterRead what, Duration limit, Listener listener) {
  if (port_->registers() == Port::Registers::frames) {
    co_await Link::read_registers(what, limit, std::move(listener));
    co_return;
  }
  co_await acquire();
  const Hold hold(*this);
  co_await make_ready();
  if (!modbus_) {
    const bool is_tcp = port_->registers() == Port::Registers::modbus_tcp;
    modbus_ = std::make_unique<ModbusThread>(is_tcp ? ModbusFraming::tcp : ModbusFraming::rtu);
  }
  co_await modbus_->read(*port_, what, limit, tap_, listener);
}

/// Open, quiet for long enough, and nothing of before unread.
Task<void> Line::make_ready() {
  if (!port_->is_open()) co_await port_->open();
  co_await sleep_until(quiet_until_);
  port_->drop_unread();
}

Task<void> Line::listen(Duration limit, Listener listener) {
  co_await acquire();
  const Hold hold(*this);
  if (!port_->is_open()) co_await port_->open();
  for (;;) {
    const Buffer chunk = co_await port_->read(now() + limit);
    if (tap_) tap_(Direction::from_bms, chunk);
    if (listener(chunk)) co_return;
  }
}

Task<void> Line::receive(SteadyTime deadline, const Listener& listener) {
  for (;;) {
    const Buffer chunk = co_await port_->read(deadline);
    if (tap_) tap_(Direction::from_bms, chunk);
    if (listener(chunk)) co_return;
    // A talker that never stops and never makes sense must not hold the line for ever.
    if (now() >= deadline) throw LinkTimeout("what came was no answer");
  }
}

Task<void> Line::sleep_until(SteadyTime when) {
  if (when <= now()) co_return;
  asio::steady_timer timer(executor_, when);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace cellwarden
