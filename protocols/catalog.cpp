// The one table of protocols: a row each.
#include <algorithm>

#include "protocols/adapter.h"
#include "protocols/daly/a5_adapter.h"
#include "protocols/daly/d2_adapter.h"
#include "protocols/daly/hkms_adapter.h"
#include "protocols/jbd/jbd_adapter.h"
#include "protocols/jbd/login.h"
#include "protocols/jbd/up_adapter.h"
#include "protocols/jk/ble_adapter.h"
#include "protocols/jk/listen_adapter.h"
#include "protocols/jk/modbus_adapter.h"
#include "protocols/jk/uart_adapter.h"

namespace cellwarden {

namespace {

using namespace std::chrono_literals;

constexpr GattService jbd_services[] = {{"ff00", "ff01", "ff02"}, {"fff0", "fff1", "fff2"}};
constexpr std::string_view jbd_names[] = {"xiaoxiang", "JBD-", "SP04S", "SP14S", "SP25S", "DP04S",
                                          "AP21S",     "SX1",  "SX60",  "SBL-",  "OGR-",  "TZ-H",
                                          "LSG-",      "DWF",  "N-",    "GJ-",   "LT40AH"};

constexpr GattService daly_services[] = {{"fff0", "fff1", "fff2"}, {"ff00", "ff01", "ff02"}};
constexpr std::string_view daly_names[] = {"DL-", "JHB-"};
constexpr std::uint16_t daly_makers[] = {0x0102, 0x0104, 0x0302, 0x0303, 0x0402};

template <class A>
std::unique_ptr<Adapter> adapter(const AdapterOptions& options) {
  return std::make_unique<A>(options);
}
template <class D>
std::unique_ptr<Decoder> decoder() {
  return std::make_unique<D>();
}

// What a BMS' Bluetooth module shows. Two of JK's layouts have more beside FFE1, one has it twice.
constexpr GattService jk_services[] = {{"ffe0", "ffe1", "ffe1"}};
constexpr std::string_view jk_names[] = {"JK-", "JK_"};
constexpr unsigned jk_bauds[] = {115200, 9600};
constexpr std::uint16_t jk_makers[] = {0x0B65, 0x4B4A};

constexpr bool by_registers = true;

// clang-format off
constexpr Protocol protocols[] = {
    // id        brand   baud    addressed  only_listens  together
    {"jbd",     "JBD",  9600,   false,     false,        false,   adapter<jbd::JbdAdapter>, decoder<jbd::JbdDecoder>,
     {.patience = 2500ms},  // a sleeping board loses the first request
     {jbd_services, jbd_names, {}}, jbd::login::without_password},
    {"jk-uart", "JK",   115200, false,     false,        false,   adapter<jk::UartAdapter>, decoder<jk::UartDecoder>},
    {"jk-ble",  "JK",   0,      false,     false,        false,   adapter<jk::BleAdapter>, decoder<jk::BleDecoder>,
     {}, {jk_services, jk_names, jk_makers}},
    {"jk-modbus", "JK", 115200, true,      false,        false,   adapter<jk::ModbusAdapter>, decoder<jk::ModbusDecoder>,
     {.bauds = jk_bauds, .first_address = 1, .last_address = 15, .modbus_unit = 0}, {}, nullptr, by_registers},
    {"jk-listen", "JK", 115200, true,      true,         true,    adapter<jk::ListenAdapter>, decoder<jk::ListenDecoder>,
     {.patience = 5s}},  // a round of the chain takes 4.4 s
    {"daly-a5", "Daly", 9600,   true,      false,        false,   adapter<daly::A5Adapter>, decoder<daly::A5Decoder>,
     {.first_address = 1, .last_address = 16}, {daly_services, daly_names, daly_makers}},
    {"daly-modbus", "Daly", 9600, false,   false,        false,   adapter<daly::D2Adapter>, decoder<daly::D2Decoder>,
     {.modbus_unit = 0xD2}, {daly_services, daly_names, daly_makers}, nullptr, by_registers},
    {"daly-hkms", "Daly", 9600, true,      false,        false,   adapter<daly::HkmsAdapter>, decoder<daly::HkmsDecoder>,
     {.first_address = 1, .last_address = 16, .modbus_unit = 0x80}, {daly_services, daly_names, daly_makers}, nullptr, by_registers},
    {"jbd-up",  "JBD",  9600,   true,      false,        false,   adapter<jbd::UpAdapter>, decoder<jbd::UpDecoder>,
     {.first_address = 1, .last_address = 16, .patience = 2000ms, .further_patience = 1000ms, .modbus_unit = 0}},
};
// clang-format on

}  // namespace

std::span<const Protocol> catalog() { return protocols; }

const Protocol* find_protocol(std::string_view id) {
  const auto* row = std::ranges::find(protocols, id, &Protocol::id);
  return row == std::end(protocols) ? nullptr : row;
}

}  // namespace cellwarden
