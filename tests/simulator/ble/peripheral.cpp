#include "tests/simulator/ble/peripheral.h"

#include "tests/simulator/ble/little_endian.h"

namespace simulator::ble {

namespace {

/// Between two notifications of one answer.
constexpr Milliseconds notification_gap{5};
/// A module's buffer: what a board says while so many answers wait is lost.
constexpr std::size_t most_waiting = 16;

int chosen(int wanted, const AttServer& server, const std::vector<Service>& services, int properties) {
  if (wanted != 0) return wanted;
  for (const Service& service : services) {
    for (const Characteristic& one : service.characteristics) {
      if (const int handle = one.properties & properties ? server.find(one.uuid, properties) : 0) return handle;
    }
  }
  return 0;
}

}  // namespace

Peripheral::Peripheral(PeripheralOptions options, Timers& timers, Device& device, Respond respond)
    : options_(std::move(options)),
      timers_(timers),
      device_(device),
      respond_(std::move(respond)),
      server_(options_.services, options_.mtu) {
  options_.writes_to = chosen(options_.writes_to, server_, options_.services, writes | writes_command);
  options_.notifies_from = chosen(options_.notifies_from, server_, options_.services, notifies);
  if (!options_.pin.empty()) pairing_.emplace(options_.pin, options_.address);
  server_.on_write = [this](int handle, const Octets& value) {
    if (handle == options_.writes_to) written(value);
  };
  server_.on_subscribe = [this](int handle) {
    if (handle == options_.notifies_from) subscribed(handle);
  };
}

void Peripheral::linked(Link& link) {
  link_ = &link;
  ++links_;
  server_.forget_central();
  server_.shut(pairing_.has_value());
  if (pairing_) pairing_->link_opened();
  device_.link_opened();
  if (on_link) on_link(true);
}

void Peripheral::unlinked() {
  link_ = nullptr;
  ++links_;
  to_send_.clear();
  held_.clear();
  beats_ = sends_ = false;
  if (on_link) on_link(false);
}

Octets Peripheral::respond(const Octets& pdu) { return server_.respond(pdu); }

Octets Peripheral::pair(const Octets& pdu, const Octets& central) {
  constexpr int request = 0x01, failed = 0x05, not_supported = 0x05;
  if (pairing_) return pairing_->receive(pdu, central);
  return pdu[0] == request ? Put().u8(failed).u8(not_supported) : Octets{};
}

bool Peripheral::encrypts(const Key& key, int diversifier) {
  const bool trusted = pairing_ && pairing_->encrypts(key, diversifier);
  server_.shut(pairing_ && !trusted);
  return trusted;
}

std::vector<Octets> Peripheral::keys_to_tell() { return pairing_ ? pairing_->keys_to_tell() : std::vector<Octets>{}; }

void Peripheral::drop() {
  if (link_) link_->end(ended_by_peer);
}

void Peripheral::leave() {
  present_ = false;
  if (link_) link_->end(supervision_timeout);
}

void Peripheral::phone(Milliseconds length) {
  ++phones_;
  drop();
  timers_.after(length, [this] { --phones_; });
}

void Peripheral::silence(Milliseconds length) {
  ++silences_;
  to_send_.clear();
  timers_.after(length, [this] { --silences_; });
}

void Peripheral::written(const Octets& value) {
  if (silences_ > 0) return;
  for (Answer& answer : respond_(value)) queue(std::move(answer));
}

void Peripheral::subscribed(int) {
  const std::string& words = options_.greeting;
  if (!words.empty()) {
    timers_.after(notification_gap, [this, link = links_, bytes = Octets(words.begin(), words.end())] {
      if (link == links_) notify(bytes);
    });
  }
  if (!beats_) beat(links_);
  beats_ = true;
}

/// A board that talks by itself does so while somebody listens.
void Peripheral::beat(int link) {
  timers_.after(Device::beat, [this, link] {
    if (link != links_) return;
    for (Octets& bytes : device_.unasked()) {
      if (silences_ == 0) queue({{}, std::move(bytes), Milliseconds(0)});
    }
    beat(link);
  });
}

void Peripheral::queue(Answer answer) {
  if (answer.bytes.empty() || to_send_.size() == most_waiting) return;
  to_send_.push_back(std::move(answer));
  if (!sends_) send_next();
}

/// One after the other, as from the board's one serial line.
void Peripheral::send_next() {
  sends_ = !to_send_.empty();
  if (!sends_) return;
  timers_.after(to_send_.front().after, [this, link = links_] { send_chunks(link); });
}

void Peripheral::send_chunks(int link) {
  if (link != links_) return;
  if (to_send_.empty()) return send_next();  // fell silent
  Octets& bytes = to_send_.front().bytes;
  notify(part(bytes, 0, most()));
  bytes = part(bytes, most());
  if (!bytes.empty()) return timers_.after(notification_gap, [this, link] { send_chunks(link); });
  to_send_.pop_front();
  send_next();
}

std::size_t Peripheral::most() const {
  const std::size_t of_mtu = server_.mtu() - 3;
  return options_.chunk == 0 ? of_mtu : std::min(options_.chunk, of_mtu);
}

void Peripheral::notify(const Octets& chunk) {
  if (!server_.subscribed(options_.notifies_from)) return;
  if (to_lose_ > 0) {
    --to_lose_;
    return;
  }
  held_.insert(held_.end(), chunk.begin(), chunk.end());
  if (to_merge_ > 0) {
    --to_merge_;
    return;
  }
  while (link_ && !held_.empty()) {
    link_->send_attribute(server_.notification(options_.notifies_from, held_));
    held_ = part(held_, server_.mtu() - 3);
  }
}

}  // namespace simulator::ble
