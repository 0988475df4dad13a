#include "protocols/link.h"

#include "protocols/modbus_rtu.h"

namespace cellwarden {

Task<void> Link::read_registers(RegisterRead what, Duration limit, Listener listener) {
  Buffer request = modbus::read_request(what.unit, what.first, what.count);
  co_await exchange(std::move(request), limit, std::move(listener));
}

}  // namespace cellwarden
