#pragma once
// The shape of every protocol. A Decoder gives bytes their meaning and is shared by the adapter and `decode`; an
// Adapter holds the conversation over a Link for as long as the link lives. An adapter may poll, be pushed to, or
// bring several packs over one link: every event names the address it comes from.
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "protocols/battery.h"
#include "protocols/framing.h"
#include "protocols/link.h"

namespace cellwarden {

enum class Direction { from_bms, to_bms };

/// Bytes or a frame that count for nothing, and why.
struct Rejected {
  FrameError why;
};
/// A frame was intact: counted, and the pack is heard.
struct GoodFrame {};

struct Event {
  int address = 0;
  std::variant<GoodFrame, Reading, Limits, Identity, Rejected> what;
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void emit(Event event) = 0;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Feeds bytes as they passed; emits what they mean. Requests give replies their meaning; replies heard before any
  /// request was are taken for what they say themselves.
  virtual void feed(Direction direction, Bytes bytes, Sink& sink) = 0;
  /// The bytes are over: emits a reading of which only a part was heard; an unfinished frame is rejected as `length`.
  virtual void finish(Sink& sink) = 0;
};

struct AdapterOptions {
  int address = 0;  ///< 0: the protocol has none, or its default
  Duration poll = std::chrono::seconds(2);
  bool over_ble = false;
  std::string ble_password = {};    ///< for modules that ask for one; empty: none is sent
  std::vector<int> addresses = {};  ///< of a protocol that brings them `together`: whom the owner named
  std::string ble_address = {};     ///< of the module, "A4:C1:37:04:2D:BE": passwords are scrambled with it
  bool jk_trigger = false;          ///< the owner lets a JK be asked by writes that change nothing
};

class Adapter {
 public:
  virtual ~Adapter() = default;
  /// Lives as long as the link. Ends only by a link's exception (link.h) or by cancellation.
  virtual Task<void> run(Link& link, Sink& sink) = 0;
};

/// Where `probe` looks for a protocol.
struct Recognition {
  std::span<const unsigned> bauds = {};  ///< empty: the default one
  int first_address = 0, last_address = 0;
  Duration patience = std::chrono::milliseconds(1500);  ///< at one baud rate and address without a sign of it
  /// The same at every address behind the first: a board that is there and awake answers its first request.
  Duration further_patience = std::chrono::milliseconds(600);
  /// Of protocols whose boards count as Modbus counts, all together: what address 0 is on the wire.
  std::optional<int> modbus_unit = {};
};

/// One service of a BMS' Bluetooth module; 16-bit UUIDs as four hex digits in lower case. The characteristic to notify
/// and the one to write may bear the same UUID: they are told apart by their properties.
struct GattService {
  std::string_view service, notify, write;
};
/// How a BMS is known and reached over Bluetooth LE.
struct Gatt {
  std::span<const GattService> services = {};         ///< by preference; empty: not reached over BLE
  std::span<const std::string_view> names = {};       ///< its advertised name begins with one of these
  std::span<const std::uint16_t> manufacturers = {};  ///< company ids in its advertisement
};

/// One row of the catalog.
struct Protocol {
  std::string_view id;     ///< as the owner writes it: "jbd"
  std::string_view brand;  ///< "JBD"
  unsigned default_baud;   ///< 0: not spoken on a serial port
  bool addressed;          ///< several packs can share one port, told apart by address
  bool only_listens;       ///< the port is opened read-only
  bool together;           ///< one conversation brings every pack of its line (needs `addressed`)
  std::unique_ptr<Adapter> (*adapter)(const AdapterOptions&);
  std::unique_ptr<Decoder> (*decoder)();
  Recognition probe = {};
  Gatt gatt = {};
  Buffer (*as_shown)(Bytes request) = nullptr;  ///< what a capture may keep of a request: the owner's password is none
  bool modbus = false;  ///< asks by `Link::read_registers` alone: a Modbus TCP gateway carries it
};

/// All protocols, in the order in which they are shown (catalog.cpp).
std::span<const Protocol> catalog();
const Protocol* find_protocol(std::string_view id);

/// Calls `once` at fixed moments: start, start + period, ... Moments that passed while `once` ran are left out, so the
/// schedule does not drift.
Task<void> poll_every(Link& link, Duration period, std::function<Task<void>()> once);

}  // namespace cellwarden
