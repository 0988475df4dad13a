// What must hold between settings that are right each for itself.
#include <algorithm>
#include <map>
#include <span>

#include "config/packs.h"
#include "config/shared_line.h"
#include "protocols/adapter.h"

namespace cellwarden {
namespace {

const toml::source_region& place(const WrittenPack& written, std::string_view key) {
  const auto* node = written.table->get(key);
  return node ? node->source() : written.table->source();
}

std::string line_of(const WrittenPack& written) {
  return "\"" + written.pack.id + "\" (line " + std::to_string(written.table->source().begin.line) + ")";
}

unsigned baud_of(const PackConfig& pack) {
  const auto* protocol = find_protocol(pack.protocol);
  return pack.baud != 0 || !protocol ? pack.baud : protocol->default_baud;
}

/// Why two packs cannot be told apart on one line, and the key to mend; empty when they can.
struct Clash {
  std::string_view key;
  std::string why;
};

Clash listening_clash(const WrittenPack& first, const Protocol* a, const WrittenPack& second, const Protocol* b) {
  const bool a_listens = a && a->only_listens, b_listens = b && b->only_listens;
  if (a_listens == b_listens) return {};
  const std::string one =
      b_listens ? "\"" + second.pack.protocol + "\" only listens to a chain that talks by itself, but pack " +
                      line_of(first) + " asks on the same port"
                : "this port is only listened to by pack " + line_of(first) +
                      ", for a chain talks there by itself, but \"" + second.pack.protocol + "\" asks";
  return {"protocol", one + "; write the same protocol for both, or give one of them another port"};
}

Clash clash_of(const WrittenPack& first, const WrittenPack& second) {
  const PackConfig &x = first.pack, &y = second.pack;
  const Protocol *a = find_protocol(x.protocol), *b = find_protocol(y.protocol);
  const bool a_auto = x.protocol == auto_protocol, b_auto = y.protocol == auto_protocol;
  if ((!a && !a_auto) || (!b && !b_auto)) return {};  // a fault of its own
  if (Clash clash = listening_clash(first, a, second, b); !clash.why.empty()) return clash;

  const std::string taken = "this port is taken by pack " + line_of(first) + "; ";
  const auto must_have_address = [](const PackConfig& pack, const Protocol* protocol) {
    return protocol && protocol->addressed && !protocol->only_listens && pack.address == 0;
  };
  const bool both_nameless_autos = a_auto && b_auto && (x.address == 0 || y.address == 0);
  if (must_have_address(x, a) || must_have_address(y, b) || both_nameless_autos) {
    return {"link", taken + "give each pack on it an \"address\""};
  }
  const auto has_no_number = [](const Protocol* protocol) {
    return protocol && !protocol->addressed && !unit_on_line(*protocol, 0);
  };
  const bool same_protocol = x.protocol == y.protocol;
  if ((has_no_number(a) && has_no_number(b)) || (same_protocol && a && !a->addressed)) {
    return {"link", taken + "of packs without an address only one can be on a port"};
  }
  if (same_protocol && x.address == y.address) {
    return {"address", "address " + std::to_string(y.address) + " on this port belongs to pack " + line_of(first) +
                           "; give each pack its own"};
  }
  if (!a || !b || same_protocol) return {};
  const auto unit = unit_on_line(*b, y.address);
  if (!unit || unit != unit_on_line(*a, x.address)) return {};
  return {b->addressed ? "address" : "link",
          "on this port pack " + line_of(first) + " has the same number " + std::to_string(*unit) + " on the wire: \"" +
              x.protocol + "\" and \"" + y.protocol + "\" count their boards together, as Modbus does; give one of " +
              "them another address"};
}

/// What all who use a port must agree on.
void check_port(const WrittenPack& first, const WrittenPack& second, Faults& faults) {
  const auto& a = first.pack;
  const auto& b = second.pack;
  // The rate of a pack that is looked for is that of the others.
  const bool both_known = baud_of(a) != 0 && baud_of(b) != 0 && !a.link.is_tcp();
  if (both_known && baud_of(a) != baud_of(b)) {
    faults.add(place(second, "baud"), "baud rate " + std::to_string(baud_of(b)) + ", but pack " + line_of(first) +
                                          " uses the same port at " + std::to_string(baud_of(a)) +
                                          "; one port has one baud rate");
  }
  if (a.rs485 != b.rs485) {
    faults.add(place(second, "rs485"),
               std::string("rs485 is ") + (b.rs485 ? "true" : "false") + ", but pack " + line_of(first) +
                   " uses the same port with rs485 = " + (a.rs485 ? "true" : "false") + "; write the same for both");
  }
}

/// One against all that stand before it in the file: its first clash, and what it must have in common with the first.
void check_line(std::span<const WrittenPack> before, const WrittenPack& written, Faults& faults) {
  std::vector<const WrittenPack*> there;
  for (const WrittenPack& other : before) {
    if (other.has_link && written.has_link && other.pack.link == written.pack.link) there.push_back(&other);
  }
  if (there.empty()) return;
  if (written.pack.link.kind == LinkAddress::Kind::ble) {
    faults.add(place(written, "link"),
               "this device is taken by pack " + line_of(*there.front()) + "; a Bluetooth link carries one pack");
    return;
  }
  for (const WrittenPack* other : there) {
    const Clash clash = clash_of(*other, written);
    if (clash.why.empty()) continue;
    faults.add(place(written, clash.key), clash.why);
    break;
  }
  // One that is looked for without a rate of its own says nothing of it.
  const auto first = std::ranges::find_if(there, [](const WrittenPack* other) { return baud_of(other->pack) != 0; });
  check_port(first == there.end() ? *there.front() : **first, written, faults);
}

}  // namespace

std::optional<int> unit_on_line(const Protocol& protocol, int address) {
  if (!protocol.probe.modbus_unit) return std::nullopt;
  return *protocol.probe.modbus_unit + (protocol.addressed ? address : 0);
}

void check_together(const std::vector<WrittenPack>& packs, Faults& faults) {
  std::map<std::string, const WrittenPack*> by_id;
  for (const auto& written : packs) {
    if (written.pack.id.empty()) continue;
    const auto [first, is_new] = by_id.emplace(written.pack.id, &written);
    if (is_new) continue;
    faults.add(place(written, "id"), "id \"" + written.pack.id + "\" is already used in line " +
                                         std::to_string(place(*first->second, "id").begin.line) +
                                         "; every pack needs its own");
  }
  for (std::size_t i = 1; i < packs.size(); ++i) check_line(std::span(packs).first(i), packs[i], faults);
}

void check_limits(const Limits& limits, Section& section) {
  const auto below = [&](std::string_view low_name, const std::optional<double>& low, std::string_view high_name,
                         const std::optional<double>& high, bool may_be_equal = false) {
    if (!low || !high || *low < *high || (may_be_equal && *low == *high)) return;
    section.fault(low_name, "\"" + std::string(low_name) + "\" is " + plain(*low) + ", but must be " +
                                (may_be_equal ? "at most" : "below") + " \"" + std::string(high_name) +
                                "\", which is " + plain(*high));
  };
  below("cell_uvp_v", limits.cell_uvp_v, "cell_ovp_v", limits.cell_ovp_v);
  below("cell_ovp_release_v", limits.cell_ovp_release_v, "cell_ovp_v", limits.cell_ovp_v, true);
  below("cell_uvp_v", limits.cell_uvp_v, "cell_uvp_release_v", limits.cell_uvp_release_v, true);
  below("pack_uvp_v", limits.pack_uvp_v, "pack_ovp_v", limits.pack_ovp_v);
  below("pack_ovp_release_v", limits.pack_ovp_release_v, "pack_ovp_v", limits.pack_ovp_v, true);
  below("pack_uvp_v", limits.pack_uvp_v, "pack_uvp_release_v", limits.pack_uvp_release_v, true);
  below("charge_utp_c", limits.charge_utp_c, "charge_otp_c", limits.charge_otp_c);
  below("discharge_utp_c", limits.discharge_utp_c, "discharge_otp_c", limits.discharge_otp_c);
  below("soc_empty_cell_v", limits.soc_empty_cell_v, "soc_full_cell_v", limits.soc_full_cell_v);
}

}  // namespace cellwarden
