#include "tests/simulator/keys.h"

#include <charconv>
#include <cmath>
#include <sstream>

namespace simulator {

namespace {

/// 0.5, 3, 1000: as one writes it.
std::string shown(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

}  // namespace

Keys::Keys(std::string option, const std::string& text) : where_(std::move(option) + " " + text + ": ") {
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto equals = part.find('=');
    if (equals == std::string::npos) refuse("\"" + part + "\" is not key=value");
    if (!values_.emplace(part.substr(0, equals), part.substr(equals + 1)).second)
      refuse(part.substr(0, equals) + " is there twice");
  }
}

void Keys::refuse(const std::string& why) const { throw BadOption(where_ + why); }

std::string Keys::text(const std::string& key, const std::string& otherwise) {
  asked_.insert(key);
  const auto found = values_.find(key);
  return found == values_.end() ? otherwise : found->second;
}

double Keys::number(const std::string& key, double otherwise, double least, double most) {
  const std::string value = text(key, "");
  if (!values_.contains(key)) return otherwise;
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  // Written so that "nan" is refused, too.
  if (error != std::errc{} || end != value.data() + value.size() || !(number >= least && number <= most))
    refuse(key + "=" + value + " must be a number from " + shown(least) + " to " + shown(most));
  return number;
}

int Keys::whole(const std::string& key, int otherwise, int least, int most) {
  const double value = number(key, otherwise, least, most);
  if (value != std::floor(value)) refuse(key + "=" + values_.at(key) + " must be a whole number");
  return static_cast<int>(value);
}

bool Keys::flag(const std::string& key, bool otherwise) { return whole(key, otherwise ? 1 : 0, 0, 1) == 1; }

void Keys::all_known() const {
  for (const auto& [key, value] : values_) {
    if (asked_.contains(key)) continue;
    std::string known;
    for (const auto& name : asked_) known += (known.empty() ? "" : ", ") + name;
    refuse("there is no \"" + key + "\"; there are " + known);
  }
}

}  // namespace simulator
