#include "tests/simulator/ble/controller.h"

#include <algorithm>

#include "tests/simulator/ble/little_endian.h"

namespace simulator::ble {

namespace {

enum Opcode {
  disconnect = 0x0406,
  read_remote_version = 0x041D,
  set_event_mask = 0x0C01,
  reset_all = 0x0C03,
  read_version = 0x1001,
  read_commands = 0x1002,
  read_features = 0x1003,
  read_address = 0x1009,
  read_rssi = 0x1405,
  le_set_event_mask = 0x2001,
  le_read_buffers = 0x2002,
  le_read_features = 0x2003,
  le_set_random_address = 0x2005,
  le_set_scan_parameters = 0x200B,
  le_set_scan = 0x200C,
  le_connect = 0x200D,
  le_connect_cancel = 0x200E,
  le_accept_list_size = 0x200F,
  le_accept_list_clear = 0x2010,
  le_accept_list_add = 0x2011,
  le_accept_list_remove = 0x2012,
  le_update_connection = 0x2013,
  le_read_remote_features = 0x2016,
  le_start_encryption = 0x2019,
  le_read_states = 0x201C,
};

/// Where each stands in the mask of supported commands: octet and bit.
struct Supported {
  int octet, bit;
};
constexpr Supported supported[] = {{0, 5},  {2, 7},  {5, 6},  {5, 7},  {14, 3}, {14, 5}, {15, 1}, {15, 5},
                                   {25, 0}, {25, 1}, {25, 2}, {25, 4}, {26, 2}, {26, 3}, {26, 4}, {26, 5},
                                   {26, 6}, {26, 7}, {27, 0}, {27, 1}, {27, 2}, {27, 5}, {28, 0}, {28, 3}};

constexpr int version_4_2 = 8, manufacturer = 0x05F1;  // "The Linux Foundation"
constexpr int accept_list_room = 16;
constexpr int unknown_command = 0x01, unknown_connection = 0x02, key_missing = 0x06, not_allowed = 0x0C;
constexpr Milliseconds first_advertisement{30}, advertising_interval{200}, link_time{30};
constexpr int first_handle = 0x40;

Octets all_commands() {
  Octets mask(64);
  for (const auto& [octet, bit] : supported)
    mask[static_cast<std::size_t>(octet)] |= static_cast<std::uint8_t>(1 << bit);
  return mask;
}

}  // namespace

void Controller::reset() {
  for (const auto& [handle, connection] : links_) connection->let_go();
  links_.clear();
  accept_list_.clear();
  scan_.reset();
  dial_.reset();
}

void Controller::receive(const Octets& packet) {
  if (packet.size() >= 4 && packet[0] == 0x01) command(u16_at(packet, 1), part(packet, 4));
  if (packet.size() >= 5 && packet[0] == 0x02) acl_data(packet);
}

void Controller::command(int opcode, const Octets& parameters) {
  if (answer_with_facts(opcode, parameters) || follow(opcode, parameters)) return;
  refuse(opcode, unknown_command);
}

bool Controller::answer_with_facts(int opcode, const Octets& parameters) {
  switch (opcode) {
    case read_version:
      complete(opcode, Put().u8(version_4_2).u16(0).u8(version_4_2).u16(manufacturer).u16(0));
      return true;
    case read_commands:
      complete(opcode, all_commands());
      return true;
    case read_features:
      complete(opcode, {0, 0, 0, 0, 0x60, 0, 0, 0});  // no BR/EDR, LE
      return true;
    case read_address:
      complete(opcode, part(central_address, 1));
      return true;
    case read_rssi:
      complete(opcode, Put().all(part(parameters, 0, 2)).u8(-60));
      return true;
    case le_read_buffers:
      complete(opcode, Put().u16(acl_size).u8(acl_count));
      return true;
    case le_read_features:
      complete(opcode, {1, 0, 0, 0, 0, 0, 0, 0});  // encryption
      return true;
    case le_accept_list_size:
      complete(opcode, {accept_list_room});
      return true;
    case le_read_states:
      complete(opcode, Octets(8, 0xFF));
      return true;
    case le_read_remote_features:
      accepted(opcode);
      le_event(0x04, Put().u8(0).all(part(parameters, 0, 2)).zeros(8));
      return true;
    case read_remote_version:
      accepted(opcode);
      event(0x0C, Put().u8(0).all(part(parameters, 0, 2)).u8(version_4_2).u16(manufacturer).u16(0));
      return true;
    default:
      return false;
  }
}

bool Controller::follow(int opcode, const Octets& parameters) {
  switch (opcode) {
    case reset_all:
      reset();
      break;
    case set_event_mask:
    case le_set_event_mask:
    case le_set_random_address:
      break;
    case le_accept_list_clear:
    case le_accept_list_add:
    case le_accept_list_remove:
      change_accept_list(opcode, part(parameters, 0, 7));
      break;
    case le_set_scan_parameters:
      scan_settings_ = parameters;
      scan_settings_.resize(7);
      break;
    case le_set_scan:
      complete(opcode);
      scan(parameters);
      return true;
    case le_connect:
      accepted(opcode, dial_ ? not_allowed : 0);
      if (!dial_) dial(parameters);
      return true;
    case le_connect_cancel:
      if (!dial_) {
        refuse(opcode, not_allowed);
        return true;
      }
      complete(opcode);
      stop_dialling();
      return true;
    case le_update_connection:
      accepted(opcode);
      le_event(0x03, Put().u8(0).all(part(parameters, 0, 2)).all(part(parameters, 4, 6)));
      return true;
    case le_start_encryption:
      accepted(opcode, parameters.size() == 28 && links_.contains(u16_at(parameters, 0)) ? 0 : unknown_connection);
      if (parameters.size() == 28) encrypt(parameters);
      return true;
    case disconnect: {
      const int handle = parameters.size() < 2 ? -1 : u16_at(parameters, 0);
      accepted(opcode, links_.contains(handle) ? 0 : unknown_connection);
      if (links_.contains(handle)) hang_up(handle);
      return true;
    }
    default:
      return false;
  }
  complete(opcode);
  return true;
}

void Controller::change_accept_list(int opcode, const Octets& entry) {
  if (opcode == le_accept_list_clear) accept_list_.clear();
  if (opcode == le_accept_list_add) accept_list_.insert(entry);
  if (opcode == le_accept_list_remove) accept_list_.erase(entry);
}

void Controller::scan(const Octets& parameters) {
  ++scans_;
  scan_.reset();
  if (parameters.size() < 2 || parameters[0] == 0) return;
  scan_ = {
      .active = scan_settings_[0] == 1, .accept_list_only = scan_settings_[6] == 1, .once_each = parameters[1] == 1};
  timers_.after(first_advertisement, [this, scan = scans_] { advertise(scan); });
}

void Controller::advertise(int scan) {
  if (!scan_ || scan != scans_) return;
  for (const Peripheral* one : peripherals_) {
    const Octets address = one->options().address.on_the_wire();
    const bool wanted = !scan_->accept_list_only || accept_list_.contains(address);
    if (!one->audible() || !wanted || (scan_->once_each && scan_->heard.contains(one))) continue;
    scan_->heard.insert(one);
    const auto report = [&](int kind, const Octets& data) {
      le_event(0x02,
               Put().u8(1).u8(kind).all(address).u8(static_cast<int>(data.size())).all(data).u8(one->options().rssi));
    };
    report(0, one->options().advertisement);
    if (scan_->active) report(4, one->options().scan_response);
  }
  timers_.after(advertising_interval, [this, scan] { advertise(scan); });
}

void Controller::dial(const Octets& parameters) {
  dial_ = {.accept_list_only = parameters.size() > 4 && parameters[4] == 1, .to = part(parameters, 5, 7)};
  timers_.after(link_time, [this, dial = ++dials_] { try_links(dial); });
}

void Controller::stop_dialling() {
  dial_.reset();
  le_event(0x01, Put().u8(unknown_connection).zeros(17));
}

void Controller::try_links(int dial) {
  if (!dial_ || dial != dials_) return;
  for (Peripheral* one : peripherals_) {
    const Octets address = one->options().address.on_the_wire();
    const bool meant = dial_->accept_list_only ? accept_list_.contains(address) : dial_->to == address;
    if (meant && one->audible()) return link(*one);
  }
  timers_.after(advertising_interval, [this, dial] { try_links(dial); });
}

void Controller::link(Peripheral& peripheral) {
  dial_.reset();
  int handle = first_handle;
  while (links_.contains(handle)) ++handle;
  links_[handle] =
      std::make_unique<Connection>(handle, peripheral, to_host_, [this, handle](int reason) { ended(handle, reason); });
  constexpr int interval = 24, latency = 0, timeout = 400, central_clock = 0;  // 30 ms; 4 s
  le_event(0x01, Put()
                     .u8(0)
                     .u16(handle)
                     .u8(0)
                     .all(peripheral.options().address.on_the_wire())
                     .u16(interval)
                     .u16(latency)
                     .u16(timeout)
                     .u8(central_clock));
}

void Controller::hang_up(int handle) {
  const Connection* meant = links_.at(handle).get();
  timers_.after(link_time, [this, handle, meant] {
    const auto at = links_.find(handle);
    if (at != links_.end() && at->second.get() == meant) ended(handle, ended_by_host);
  });
}

/// handle16 | random64 | diversifier16 | key128
void Controller::encrypt(const Octets& parameters) {
  const int handle = u16_at(parameters, 0);
  const auto at = links_.find(handle);
  if (at == links_.end()) return;
  Key key{};
  std::copy_n(parameters.begin() + 12, key.size(), key.begin());
  timers_.after(link_time, [this, handle, key, diversifier = u16_at(parameters, 10), meant = at->second.get()] {
    const auto still = links_.find(handle);
    if (still == links_.end() || still->second.get() != meant) return;
    const bool on = meant->encrypt(key, diversifier);
    event(0x08, Put().u8(on ? 0 : key_missing).u16(handle).u8(on));
    meant->encrypted();
  });
}

void Controller::ended(int handle, int reason) {
  links_.at(handle)->let_go();
  links_.erase(handle);
  event(0x05, Put().u8(0).u16(handle).u8(reason));
}

void Controller::acl_data(const Octets& packet) {
  const int word = u16_at(packet, 1), handle = word & 0x0FFF;
  event(0x13, Put().u8(1).u16(handle).u16(1));  // it has left the buffer
  const auto at = links_.find(handle);
  if (at != links_.end())
    at->second->receive(word >> 12 & 3, part(packet, 5, static_cast<std::size_t>(u16_at(packet, 3))));
}

void Controller::event(int code, const Octets& parameters) {
  to_host_(Put().u8(0x04).u8(code).u8(static_cast<int>(parameters.size())).all(parameters));
}

void Controller::le_event(int subcode, const Octets& parameters) { event(0x3E, Put().u8(subcode).all(parameters)); }

void Controller::complete(int opcode, const Octets& values) { event(0x0E, Put().u8(1).u16(opcode).u8(0).all(values)); }

void Controller::refuse(int opcode, int why) { event(0x0E, Put().u8(1).u16(opcode).u8(why)); }

void Controller::accepted(int opcode, int status) { event(0x0F, Put().u8(status).u8(1).u16(opcode)); }

}  // namespace simulator::ble
