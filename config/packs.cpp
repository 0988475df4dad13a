#include "config/packs.h"

#include <algorithm>

#include "config/shared_line.h"
#include "protocols/adapter.h"
#include "protocols/jbd/login.h"

namespace cellwarden {
namespace {

using namespace std::chrono_literals;

constexpr Range pack_volts{1, 1000, "V"}, cell_volts{1, 5, "V"}, cell_step{0.001, 1, "V"}, amps{0.01, 2000, "A"},
    amp_hours{0.1, 100000, "Ah"}, celsius{-60, 200, "degrees C"}, cells{1, 64, "cells"};
const std::vector<std::string_view> chemistries = {"lfp", "nmc", "lto"};

const Range& range_of(std::string_view limit) {
  if (limit == "balance_delta_v") return cell_step;
  if (limit.starts_with("pack_") || limit.starts_with("requested_")) return pack_volts;
  if (limit.ends_with("_ah")) return amp_hours;
  if (limit.ends_with("_a")) return amps;
  if (limit.ends_with("_c")) return celsius;
  return limit.ends_with("_v") ? cell_volts : cells;
}

void read_limits(const toml::table& table, Faults& faults, Limits& into) {
  Section section(table, "[pack.limits]", faults);
  each_member(into, [&]<class Member>(std::string_view name, Member& member) {
    if constexpr (std::is_same_v<Member, std::optional<std::string>>) {
      section.choice(name, member, chemistries);
    } else if constexpr (std::is_same_v<Member, std::optional<int>>) {
      section.whole(name, member, range_of(name));
    } else {
      section.number(name, member, range_of(name));
    }
  });
  check_limits(into, section);
  section.finish();
}

void read_charger(const toml::table& table, Faults& faults, ChargerConfig& into) {
  Section section(table, "[pack.charger]", faults);
  section.number("absorption_v", into.absorption_v, pack_volts);
  section.number("tail_current_a", into.tail_current_a, amps);
  section.number("current_a", into.current_a, amps);
  section.duration("absorption_time", into.absorption_time, 0s, 24h);
  section.finish();
}

void read_load(const toml::table& table, Faults& faults, LoadConfig& into) {
  Section section(table, "[pack.load]", faults);
  section.number("cutoff_v", into.cutoff_v, pack_volts);
  section.finish();
}

void read_balancer(const toml::table& table, Faults& faults, BalancerConfig& into) {
  Section section(table, "[pack.balancer]", faults);
  section.choice("kind", into.kind, {"active", "passive"});
  section.number("current_a", into.current_a, {0.001, 50, "A"});
  section.number("start_v", into.start_v, cell_volts);
  section.number("delta_v", into.delta_v, cell_step);
  section.finish();
}

bool is_id(std::string_view id) {
  const auto plain_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !id.empty() && plain_letter(id.front()) &&
         std::ranges::all_of(id, [&](char c) { return plain_letter(c) || c == '_' || c == '-'; });
}

void read_protocol(Section& section, PackConfig& pack) {
  std::vector<std::string_view> known;
  for (const auto& protocol : catalog()) known.push_back(protocol.id);
  known.push_back(auto_protocol);
  section.require("protocol", "\"" + std::string(known.front()) + "\"");
  section.choice("protocol", pack.protocol, known);

  section.whole("address", pack.address, {0, 255, ""});
  const auto* protocol = find_protocol(pack.protocol);
  if (protocol && !protocol->addressed && pack.address != 0) {
    section.fault("address", "protocol \"" + pack.protocol + "\" has no addresses; remove \"address\"");
  }
  const int last = protocol ? protocol->probe.last_address : 0;
  if (last > 0 && pack.address > last) {
    section.fault("address", "\"address\" is " + std::to_string(pack.address) + ", but with protocol \"" +
                                 pack.protocol + "\" must be 1 to " + std::to_string(last));
  }
  // A chain of JK packs says all of it once in 4.4 s (jk.md 3.5).
  if (protocol && protocol->only_listens) pack.poll = 5s;
}

/// Function 10 of Modbus on the wire: never without the owner's word, and only for whom it is meant.
void read_trigger(Section& section, PackConfig& pack) {
  section.flag("jk_trigger", pack.jk_trigger);
  if (!pack.jk_trigger) return;
  if (pack.protocol != "jk-modbus") {
    section.fault("jk_trigger", "\"jk_trigger\" is for protocol \"jk-modbus\"; remove it");
  } else if (pack.link.kind == LinkAddress::Kind::tcp) {
    section.fault("jk_trigger",
                  "what answers a trigger is no Modbus, which a tcp: gateway would not pass on; remove "
                  "\"jk_trigger\", or use a gateway in transparent mode (rtu+tcp:)");
  }
}

bool spoken_over_ble(const Protocol& protocol) { return !protocol.gatt.services.empty(); }

/// A JBD module's, which is mixed with the module's address before it is sent.
void check_password(Section& section, const PackConfig& pack) {
  const auto length = pack.ble_password.size();
  if (length != jbd::login::password_length) {
    section.fault("ble_password", "\"ble_password\" has " + std::to_string(length) +
                                      (length == 1 ? " character" : " characters") + ", but a JBD module's has six");
  }
  if (!jbd::login::mac_of(pack.link.path)) {
    section.fault("link",
                  "with \"ble_password\" the link needs the device's address, ble:AA:BB:CC:DD:EE:FF; `cellwarden "
                  "scan` shows it");
  }
}

/// What only a Bluetooth link has, and what it has not.
void read_bluetooth(Section& section, PackConfig& pack, bool has_link) {
  section.text("adapter", pack.adapter);
  std::string mode;
  if (section.choice("mode", mode, {"keep", "per-poll"}) && mode == "per-poll") pack.mode = PackConfig::Mode::per_poll;
  section.text("pin", pack.pin);
  section.text("ble_password", pack.ble_password);
  if (!has_link) return;

  if (pack.link.kind != LinkAddress::Kind::ble) {
    if (!pack.adapter.empty()) section.fault("adapter", "\"adapter\" is for ble: links; remove it");
    if (pack.mode != PackConfig::Mode::keep) section.fault("mode", "\"mode\" is for ble: links; remove it");
    if (!pack.pin.empty()) section.fault("pin", "\"pin\" is for ble: links; remove it");
    if (!pack.ble_password.empty()) section.fault("ble_password", "\"ble_password\" is for ble: links; remove it");
    return;
  }
  if (pack.protocol == "jbd" && !pack.ble_password.empty()) check_password(section, pack);
  if (pack.protocol == auto_protocol && !pack.ble_password.empty()) {
    section.fault("ble_password",
                  "\"ble_password\" is for a device that is known: no password is sent to one that is only looked "
                  "for. Write protocol = \"jbd\" beside it");
  }
  const auto* protocol = find_protocol(pack.protocol);
  if (!protocol || spoken_over_ble(*protocol)) return;
  std::string those;
  for (const auto& each : catalog()) {
    if (spoken_over_ble(each)) those += (those.empty() ? "" : ", ") + std::string(each.id);
  }
  section.fault("link", "protocol \"" + pack.protocol + "\" is not spoken over Bluetooth" +
                            (those.empty() ? "" : "; these are: " + those));
}

/// What the gateway knows by itself.
void check_gateway(Section& section, const PackConfig& pack) {
  const std::string why = " is for serial: links; the gateway has its own setting for that: remove it";
  if (pack.baud != 0) section.fault("baud", "\"baud\"" + why);
  if (pack.rs485) section.fault("rs485", "\"rs485\"" + why);
}

bool read_link(Section& section, PackConfig& pack) {
  section.require("link", "\"serial:/dev/serial/by-id/...\"");
  std::string written, why;
  if (!section.text("link", written)) return false;
  const auto link = parse_link(written, why);
  if (!link) return section.fault("link", why), false;
  if (link->kind == LinkAddress::Kind::capture) {
    section.fault("link", "link \"" + written +
                              "\" is a recording, and the service would show its values as fresh; give "
                              "the BMS's own link (`cellwarden read " +
                              written + "` reads a recording)");
    return false;
  }
  pack.link = *link;
  if (const auto conflict = why_not_on(*link, pack.protocol); !conflict.empty()) section.fault("link", conflict);
  return true;
}

}  // namespace

void read_id(Section& section, std::string_view example, std::string& into) {
  section.require("id", "\"" + std::string(example) + "\"");
  std::string id;
  if (!section.text("id", id)) return;
  if (is_id(id)) return void(into = id);
  section.fault("id", "\"id\" is \"" + id +
                          "\", but must be lower-case letters, digits, - and _, beginning with a letter or digit, "
                          "such as \"" +
                          std::string(example) + "\"");
}

WrittenPack read_pack(const toml::table& table, Faults& faults) {
  PackConfig pack;
  Section section(table, "[[pack]]", faults);
  read_id(section, "house-1", pack.id);
  pack.name = pack.id;
  section.text("name", pack.name);
  if (pack.name.empty()) pack.name = pack.id;
  read_protocol(section, pack);
  const bool has_link = read_link(section, pack);
  section.whole_choice("baud", pack.baud,
                       {0, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600});
  section.flag("rs485", pack.rs485);
  if (has_link && pack.link.is_tcp()) check_gateway(section, pack);
  section.flag("invert_current", pack.invert_current);
  read_trigger(section, pack);
  read_bluetooth(section, pack, has_link);
  section.duration("poll", pack.poll, 200ms, 1h);
  section.choice("chemistry", pack.chemistry, chemistries);
  section.number("capacity_ah", pack.capacity_ah, amp_hours);
  if (const auto* t = section.table("charger", "charger = { absorption_v = 56.0 }"))
    read_charger(*t, faults, pack.charger);
  if (const auto* t = section.table("load", "load = { cutoff_v = 46.0 }")) read_load(*t, faults, pack.load);
  if (const auto* t = section.table("limits", "limits = { cell_ovp_v = 3.65 }")) read_limits(*t, faults, pack.limits);
  if (const auto* t = section.table("balancer", "balancer = { kind = \"active\" }"))
    read_balancer(*t, faults, pack.balancer);
  if (const auto* t = section.table("analysis", "analysis = { marginal_mv = 25 }"))
    read_analysis(*t, faults, pack.analysis);
  if (const auto* t = section.table("alerts", "alerts = { cell_delta_mv = 50 }")) read_alerts(*t, faults, pack.alerts);
  section.finish();
  return {std::move(pack), &table, has_link};
}

}  // namespace cellwarden
