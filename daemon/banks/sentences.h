#pragma once
#include <string>
#include <vector>

namespace cellwarden {

/// An id is as long as its owner likes; Home Assistant's texts are not.
inline std::string within_255(std::string text) {
  if (text.size() > 255) text = text.substr(0, 252) + "...";
  return text;
}

/// "a", "a and b", "a, b and c"
inline std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) all += i + 1 == names.size() ? " and " : ", ";
    all += names[i];
  }
  return all;
}

}  // namespace cellwarden
