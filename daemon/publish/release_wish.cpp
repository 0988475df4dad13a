#include "daemon/publish/release_wish.h"

#include <spdlog/spdlog.h>

#include <charconv>

namespace cellwarden {

std::optional<ReleaseWish> release_wish(const Topics& topics, const MqttMessage& message) {
  const std::string begin = topics.base + "/", end = "/release";
  const std::string& topic = message.topic;
  if (topic.size() <= begin.size() + end.size() || !topic.starts_with(begin) || !topic.ends_with(end))
    return std::nullopt;
  ReleaseWish wish{topic.substr(begin.size(), topic.size() - begin.size() - end.size())};
  if (message.retained) return std::nullopt;
  const char* last = message.payload.data() + message.payload.size();
  const auto read = std::from_chars(message.payload.data(), last, wish.minutes);
  if (read.ec == std::errc() && read.ptr == last && wish.minutes >= 0 && wish.minutes <= longest_release_min) {
    return wish;
  }
  spdlog::warn("mqtt: {}: \"{}\" is not a number of minutes from 0 to {}; nothing is released", topic,
               message.payload.substr(0, 40), longest_release_min);
  return std::nullopt;
}

}  // namespace cellwarden
