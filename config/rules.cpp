// What must hold between settings that are right each for itself.
#include <map>

#include "config/packs.h"
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

/// Two packs on one serial port.
void check_pair(const WrittenPack& first, const WrittenPack& second, Faults& faults) {
  const auto& a = first.pack;
  const auto& b = second.pack;
  const auto must_have_address = [](const PackConfig& pack) {
    const auto* protocol = find_protocol(pack.protocol);
    // Who only listens hears a master at address 0.
    return protocol && protocol->addressed && !protocol->only_listens && pack.address == 0;
  };
  if (must_have_address(a) || must_have_address(b)) {
    faults.add(place(second, "link"),
               "this port is taken by pack " + line_of(first) + "; give each pack on it an \"address\"");
  } else if (a.address == 0 && b.address == 0) {
    faults.add(place(second, "link"), "this port is taken by pack " + line_of(first) +
                                          "; of packs without an address only one can be on a port");
  } else if (a.address == b.address) {
    faults.add(place(second, "address"), "address " + std::to_string(b.address) + " on this port belongs to pack " +
                                             line_of(first) + "; give each pack its own");
  }
  if (!a.link.is_tcp() && baud_of(a) != baud_of(b)) {
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

}  // namespace

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
  for (std::size_t i = 0; i < packs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool both = packs[i].has_link && packs[j].has_link && packs[i].pack.link == packs[j].pack.link;
      if (!both) continue;
      if (packs[i].pack.link.kind == LinkAddress::Kind::ble) {
        faults.add(place(packs[i], "link"),
                   "this device is taken by pack " + line_of(packs[j]) + "; a Bluetooth link carries one pack");
        break;
      }
      check_pair(packs[j], packs[i], faults);
      break;  // the first pack on the port stands for all of it
    }
  }
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
