#pragma once
// JK "4E57" frames on the TTL ("GPS") port and behind JK's RS485 adapter (jk.md 2). 115200 8N1, big endian.
//
//   read all  4E 57 | 00 13 | 00 00 00 00 | 06  03  00   | 00      | 00 00 00 00 | 68 | 00 00 | 01 29
//   reply     4E 57 |  L    | terminal[4] | cmd src kind | tags... | record[4]   | 68 | 00 00 | sum
//             0       2       4             8   9   10     11
//   L     u16, total - 2             sum  u16, all bytes before it added
//   kind  0 read, 1 reply, 2 upload  cmd and src are not insisted on: a reply may carry 03
//
// A tag is a byte; how long its value is follows from it. Voltages mV unless said, temperatures s16 C unless said.
//   79  u8 3n, n x {u8 cell 1.., u16}
//   80 81 82  u16 temperature of MOSFETs, box, battery: 0..100 C, 101..140 stand for -1..-40
//   83  u16 pack, 10 mV     84  u16 current, 10 mA: read with C0     85  u8 charge %     86  u8 probes
//   87  u16 cycles          89  u32 Ah through it so far             8A  u16 cells
//   8B  u16 alarms (jk_alarms.h)    8C  u16 b0 charge FET, b1 discharge FET, b2 balancing, b3 "battery dropped"
//   8E 8F     u16 pack OVP, UVP, 10 mV
//   90 91 92  u16 cell OVP, release, delay s             93 94 95  u16 cell UVP, release, delay s
//   96  u16 cell difference                              97 98 99 9A  u16 discharge OCP A, delay s; charge OCP, delay
//   9B 9C     u16 balancing from, by difference          9D  u8 balancer on
//   9E 9F     MOSFET OTP, release    A0 A1  box OTP, release    A2  difference of temperatures
//   A3 A4     charge OTP, discharge OTP                  A5 A6 A7 A8  charge UTP, release, discharge UTP, release
//   A9  u8 cells set        AA  u32 capacity set, Ah     AB AC  u8 charge, discharge allowed
//   AD  u16 calibration     AE  u8 address               AF  u8 0 LFP, 1 NMC, 2 LTO; 1 on nearly every board: says
//   nothing B0  u16 sleep wait      B1  u8 low charge alarm %    B2  [10] password: dropped here B3  u8 charger switch
//   B4  [8] user data            B5  [4] "YYMM"        B6  u32 minutes running B7  [15] "11.XW_S11.261__": hardware,
//   _S, software   B8  u8 calibrating    B9  u32 capacity found, Ah; 0 unknown BA  [24] user data [12], then model, or
//   serial       BB BC BD u8, BE BF u16: written only C0  u8 version. 1: bit 15 of 84 is set when charging, magnitude
//   below it. 0 or absent: 10000 - raw, + charging
#include "protocols/battery.h"
#include "protocols/framing.h"

namespace cellwarden::jk {

/// The one request that may be sent (jk.md 3.7).
Buffer uart_read_all();

struct UartFrame {
  enum Kind : std::uint8_t { read = 0, reply = 1, upload = 2 };
  std::uint8_t kind;
  Bytes tags;
};

/// Where the first frame of either direction ends in what has arrived so far.
FrameStep next_uart_frame(Bytes received);
/// Takes a frame that `next_uart_frame` found.
UartFrame open_uart_frame(Bytes frame);

struct UartReport {
  std::optional<Reading> reading;  ///< only where cells, pack voltage, current and charge all came
  Limits limits;
  Identity identity;
};

/// Reads tag by tag up to the first unknown one; what stands before it counts. Fails with `length` when a value is cut
/// off, with `range` when the cells are not numbered 1, 2, 3 .. or are not as many as the BMS says it has.
Result<UartReport> decode_uart_tags(Bytes tags);

}  // namespace cellwarden::jk
