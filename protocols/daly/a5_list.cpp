#include "protocols/daly/a5_list.h"

#include <algorithm>

namespace cellwarden::daly {

Result<void> List::add(Bytes payload) {
  const std::size_t number = payload[0];
  if (number > most_frames) return FrameError::range;
  const Bytes bytes = payload.subspan(1, width_);
  const bool had = frames_[number].has_value();
  const bool alike = had && std::ranges::equal(*frames_[number], bytes);
  if (had) std::erase(order_, number);
  order_.push_back(number);
  if (alike) return FrameError::unexpected;
  replaced_ |= had;
  frames_[number] = Buffer(bytes.begin(), bytes.end());
  return {};
}

std::size_t List::longest() const {
  if (order_.empty()) return 0;
  return std::ranges::max(order_) + 1 - first();
}

std::vector<std::size_t> List::order_of(std::size_t needed) const {
  std::vector<std::size_t> order;
  std::ranges::copy_if(order_, std::back_inserter(order), [&](std::size_t n) { return n < first() + needed; });
  return order;
}

std::optional<Buffer> List::data(std::size_t needed, bool patient) const {
  const auto order = order_of(needed);
  if (needed == 0 || order.size() != needed) return std::nullopt;
  if (!std::ranges::is_sorted(order)) {
    const auto drop = std::ranges::is_sorted_until(order);
    const bool tail_then_head = std::is_sorted(drop, order.end()) && order.back() < order.front();
    if (!patient || replaced_ || tail_then_head) return std::nullopt;
  }
  Buffer all;
  for (std::size_t n = first(); n < first() + needed; ++n)
    all.insert(all.end(), frames_[n]->begin(), frames_[n]->end());
  return all;
}

bool List::is_torn(std::size_t needed) const {
  const auto order = order_of(needed);
  return !order.empty() && order.size() < needed && std::ranges::is_sorted(order) &&
         order.back() == first() + needed - 1;
}

}  // namespace cellwarden::daly
