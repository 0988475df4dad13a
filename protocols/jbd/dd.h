#pragma once
// JBD "DD" frames on UART, RS485 and BLE (jbd.md 1-3, 6).
//
//   request   DD A5 | reg | len | data[len] | sum | 77
//   reply     DD | reg | status | len | data[len] | sum | 77        sum: u16 BE, 0x10000 - sum of the bytes after
//             DD | A5  (old firmware echoes A5, not the register)        the second up to the sum
//
// 0x03 basic information
//   0  u16  pack voltage       10 mV
//   2  s16  current            10 mA, + charging     (x10 when bit 7 of byte 20 is set)
//   4  u16  remaining          10 mAh                (same)
//   6  u16  nominal            10 mAh                (same)
//   8  u16  cycles     10  u16 production date: 15-9 year - 2000, 8-5 month, 4-0 day
//  12  u16  balance bits, cells 1-16 (bit 0 = cell 1)     14  u16  cells 17-32
//  16  u16  protection bits    18  u8 software version, high nibble . low nibble
//  19  u8   state of charge, % 20  u8 b0 charge FET, b1 discharge FET, b7 unit x10
//  21  u8   cells     22  u8 probes n     23  u16[n] temperature 0.1 K - 2731; 0x097F = no probe
//  then, on newer boards: u8 humidity, u16 alarm bits, u16 full 10 mAh, u16 remaining again, u16 balance current mA
// 0x04  u16[] cell voltage, mV     0x05  ASCII model
// 0xAA  u16[11 or 12] counts of protections       0xFA  u16 start, u8 count, u16[count] parameters (0x10 + n)
#include <map>
#include <optional>
#include <string>

#include "protocols/battery.h"
#include "protocols/framing.h"

namespace cellwarden::jbd {

enum class Register : std::uint8_t {
  basic_info = 0x03,
  cell_voltages = 0x04,
  model = 0x05,
  error_counts = 0xAA,
  parameters = 0xFA
};

/// One frame of either direction, its data still raw. `reg` is empty in old firmware's replies.
struct Reply {
  std::optional<std::uint8_t> reg;
  std::uint8_t status;  ///< 0 ok, 0x80 unknown register, 0x81 not allowed, 0x82 checksum, 0x83 password
  Bytes data;
};
struct Request {
  std::uint8_t reg;
  bool read;  ///< A5; a write (5A) is understood when heard and never sent
};

/// How often each protection has acted since the counters were cleared (jbd.md 2.4).
struct ErrorCounts {
  int short_circuit, charge_overcurrent, discharge_overcurrent, cell_overvoltage, cell_undervoltage,
      charge_overtemperature, charge_undertemperature, discharge_overtemperature, discharge_undertemperature,
      pack_overvoltage, pack_undervoltage;
  std::optional<int> restarts;
};

/// What 0x03 says beside the Reading.
struct BasicInfo {
  Reading reading;
  Identity identity;  ///< software, manufactured
  int cell_count = 0;
  bool unit_x10 = false;  ///< currents and capacities count in 100 mA, 100 mAh; here and in the configuration
};

Buffer read_request(Register reg);
/// 0xFA: parameters start .. start + count - 1, at most 95 (jbd.md 3.1).
Buffer parameters_request(std::uint16_t start, std::uint8_t count);

/// Where the first reply, or request, ends in what has arrived so far.
FrameStep next_reply(Bytes received);
FrameStep next_request(Bytes received);
/// Takes a frame that `next_*` found apart.
Reply open_reply(Bytes frame);
Request open_request(Bytes frame);

/// Fails with `length` when the data are shorter than their own counts say.
Result<BasicInfo> decode_basic_info(Bytes data);
/// Fails with `length` when odd or empty.
Result<std::vector<std::optional<double>>> decode_cells(Bytes data);
std::string decode_text(Bytes data);
Result<ErrorCounts> decode_error_counts(Bytes data);
/// What configuration words say: 0x10..0x3F by register, read one by one or as parameters 0..47 of 0xFA.
using ConfigWords = std::map<std::uint8_t, std::uint16_t>;
/// 0xFA. Fails with `length` when fewer parameters came than it counts.
Result<ConfigWords> decode_parameters(Bytes data);
/// A configuration register 0x10..0x3F heard in a capture (never asked for: it needs factory mode, which is a write).
Result<std::uint16_t> decode_config(Bytes data);
/// A0 manufacturer, A1 model, A2 barcode: a length byte, then text.
Result<Identity> decode_config_text(std::uint8_t reg, Bytes data);

}  // namespace cellwarden::jbd
