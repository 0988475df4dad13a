#pragma once
// JK's cell frame, 0x02 (jk.md 1.6 to 1.8), pushed about twice a second. Three layouts, all little endian.
//
//   24S  32S   JK02
//    6    6    u16[24 | 32] cells, mV: cell 1..
//   54   70    u32  a bit for each cell that is there
//   58   74    average, difference, highest, lowest: of another moment; worked out from the cells instead
//   64   80    u16[24 | 32] balance wires, mOhm
//  134  144    s16  MOSFETs, 0.1 C; -2000 = no probe, as for all temperatures
//  118  150    u32  pack, mV
//  122  154    u32  power, mW: without a sign and late; worked out instead
//  126  158    s32  current, mA, + charging
//  130  162    s16  T1     132 164  T2
//  136  166    alarms (jk_alarms.h): u16 | u32
//  138  170    s16  balance current, mA, + into a cell
//  140  172    u8   balancing: 0 no, 1 into a cell, 2 out of one
//  141  173    u8   charge %
//  142  174    u32  remaining, mAh    146  178  u32  capacity, mAh    150  182  u32  cycles
//  158  190    u8   health %; 0 where it was never worked out
//  166  198    u8   charge MOSFET on  167  199  u8   discharge MOSFET on
//       214    u8   probes there: b0 MOSFETs, b1.. T1..
//       254    s16  T3, or MOSFETs again   256  T4   258  T5     from software 14 on
//
//   JK04: an active balancer. No pack voltage, current, charge, temperature or alarm
//    6    f32[24] cells, V      202  f32  average, V     214  u32  a bit for each cell     220  u8  balancing as above
//  222    f32  balance current, A
#include "protocols/jk/ble_frames.h"

namespace cellwarden::jk {

/// The one layout in which the frame makes sense: its cells are as many as it says and add up to its pack voltage; or
/// are floats. None where no cell is wired, or where a value is damaged.
std::optional<BleLayout> layout_by_cells(Bytes frame);

/// Fails with `range` when its cells are not numbered without a gap, or a value is beyond what it counts. What the
/// frame itself cannot tell, the generation does: software before 14 sends zeros for T4 and T5.
Result<Reading> decode_ble_cells(Bytes frame, BleLayout layout, std::optional<int> generation);

}  // namespace cellwarden::jk
