#pragma once
// JK frames over Bluetooth LE: service FFE0, characteristic FFE1 (jk.md 1). Little endian. A notification may hold a
// piece of a frame, a whole one, or the end of one and the beginning of the next.
//
//   command      AA 55 90 EB | cmd | 00 | 00 x 13         | sum     20 bytes   97 who are you, 96 settings and stream
//   acknowledge  AA 55 90 EB | C8  | 01 | 01, 00 x 12     | sum     20 bytes   glued to anything
//   data         55 AA EB 90 | type | counter | body[293] | sum    300 bytes
//                0             4      5         6           299
//   noise        "AT\r\n"                                            4 bytes   from the Bluetooth module, 5 a second
//
//   type  1 settings (ble_settings.h), 2 cells (ble_cells.h), 3 device, 5 logbook
//   sum   u8, all bytes before it added. One in 256 wrong frames passes it: a start inside a frame ends it as well.
//
// device, 0x03: texts end with 00
//   6  [16] model       22  [8] hardware    30  [8] software "15.41"    38  u32 s up    42  u32 times switched on
//   46 [16] name        62 [16] passcode: not read here
//   78  [8] "YYMMDD"    86 [16] serial     102 [16] user data          118 [16] passcode: not read here
//   150 u32 features: 0 before software 11
#include "protocols/battery.h"
#include "protocols/framing.h"

namespace cellwarden::jk {

/// The two requests that may be sent (jk.md 3.7): the BMS answers with frame 0x03; and with frame 0x01, then 0x02 again
/// and again.
Buffer ble_ask_device();
Buffer ble_start_stream();

inline constexpr std::size_t ble_frame_size = 300;

enum class BleFrame { noise, command, settings, cells, device, logbook };

/// Where the first frame of either direction ends in what has arrived so far.
FrameStep next_ble_frame(Bytes received);
/// Of a frame that `next_ble_frame` found.
BleFrame kind_of_ble_frame(Bytes frame);

/// A notification that is nothing but the module's noise. It may come amid a frame.
bool is_ble_noise(Bytes notification);
/// A notification, of 20 bytes as the smallest that Bluetooth cuts, that is the beginning of a data frame.
bool begins_ble_frame(Bytes notification);

/// How the fields of a cell frame lie. It looks the same from outside (jk.md 1.5).
enum class BleLayout {
  jk04,      ///< active balancers, software to 3 and JK-B5A24S: floats
  jk02_24s,  ///< software 4 to 10
  jk02_32s   ///< software 11 and later
};

struct BleDevice {
  Identity identity;
  std::optional<int> generation;    ///< the software's number before its first dot
  std::optional<BleLayout> layout;  ///< what its software, or else its features, let expect

  bool operator==(const BleDevice&) const = default;
};

/// Frame 0x03.
BleDevice decode_ble_device(Bytes frame);

}  // namespace cellwarden::jk
