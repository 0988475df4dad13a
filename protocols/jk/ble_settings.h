#pragma once
// JK's settings frame, 0x01 (jk.md 1.7, 1.9), little endian. 24S and 32S agree on all that is read here; u32 unless
// said.
//
//   JK02   6  sleep, mV        10  cell UVP, mV    14  release         18  cell OVP, mV   22  release
//         26  balance by, mV   30  100 % at, mV    34  0 % at, mV      38  charge to, mV  42  float at, mV: of a cell
//         46  off at, mV       50  charge OCP, mA  62  discharge OCP   78  balance up to, mA
//         82  s32 charge OTP, 0.1 C   90  discharge OTP   98  charge UTP   106  MOSFET OTP
//        114  cells           130  capacity, mAh  138  balance from, mV
//        296  s8 discharge UTP, C: from software 19 on
//        30..42 are 0 in software that does not know them
//
//   JK04  34  cells            38  f32 off at, V   98  f32 balance from, V   106  f32 by, V   110  f32 up to, A
#include "protocols/jk/ble_frames.h"

namespace cellwarden::jk {

/// Which of the two it is shows in the values. Fails with `range` when it can be neither.
Result<Limits> decode_ble_settings(Bytes frame, std::optional<int> generation);

}  // namespace cellwarden::jk
