#include "tests/simulator/devices.h"

#include <array>
#include <string>

#include "tests/simulator/daly_a5_device.h"
#include "tests/simulator/daly_d2_device.h"
#include "tests/simulator/daly_hkms_device.h"
#include "tests/simulator/jbd_device.h"
#include "tests/simulator/jbd_up_device.h"
#include "tests/simulator/jk_ble_device.h"
#include "tests/simulator/jk_master_device.h"
#include "tests/simulator/jk_modbus_device.h"
#include "tests/simulator/jk_uart_device.h"

namespace simulator {

namespace {

constexpr std::array kinds = {
    DeviceKind{"jbd",
               "model=TEXT, fa=0 (no FA parameter read), extension=0 (plain 0x03), old_reply=1 (replies begin DD A5), "
               "lock=1 (over Bluetooth: wants the app key) with password=TEXT, answer_ms=N",
               make_jbd},
    DeviceKind{"jk-uart", "model=TEXT, old_current=1 (protocol version 0), answer_ms=N", make_jk_uart},
    DeviceKind{"jk-modbus",
               "address=1 (to 15), model=TEXT, more_temps=0 (no T3 to T5), reads=0 or triggers=0 (stay unanswered), "
               "answer_ms=N",
               make_jk_modbus},
    DeviceKind{"jk-listen",
               "address=0 (asks the others on its path, of the same protocol; these 1 to 15), model=TEXT, answer_ms=N",
               make_jk_chain},
    DeviceKind{"daly-a5",
               "address=1 (to 16), all_frames=1 (16 and 3 frames a list), settings=0 (live commands alone), "
               "asleep=zeros|silent, answer_ms=N",
               make_daly_a5},
    DeviceKind{"daly-modbus", "mos_block=0 (003E to 0046 stay unanswered), answer_ms=N", make_daly_d2},
    DeviceKind{"jk-ble", "layout=32s|24s, model=TEXT, chatter=0 (no AT among the frames), answer_ms=N", make_jk_ble},
    DeviceKind{"daly-hkms", "address=1 (to 16), asleep=zeros|silent, answer_ms=N", make_daly_hkms},
    DeviceKind{"jbd-up",
               "address=1 (to 16; 1 is the master), packs=1 (unit 1 adds up the limits of so many), sums=1 (and all "
               "else), asleep=silent, answer_ms=300",
               make_jbd_up},
};

}  // namespace

std::span<const DeviceKind> device_kinds() { return kinds; }

std::unique_ptr<Device> make_device(PackModel& pack, Keys& keys) {
  const std::string protocol = keys.text("protocol", "jbd");
  std::string known;
  for (const DeviceKind& kind : kinds) {
    if (kind.protocol == protocol) return kind.make(pack, keys);
    known += (known.empty() ? "" : ", ") + std::string(kind.protocol);
  }
  keys.refuse("protocol=" + protocol + " is not spoken here; there are " + known);
}

}  // namespace simulator
