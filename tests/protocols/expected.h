#pragma once
// What the collection of captured frames expects, against what was decoded.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <optional>
#include <vector>

namespace cellwarden::test {

inline void check_number(const nlohmann::json& expect, const char* key, const std::optional<double>& value) {
  if (!expect.contains(key)) return;
  INFO(key);
  REQUIRE(value);
  CHECK(*value == doctest::Approx(expect[key].get<double>()).epsilon(1e-6));
}

/// A null is an absent value.
inline void check_list(const nlohmann::json& expect, const std::vector<std::optional<double>>& values) {
  REQUIRE(values.size() == expect.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i].has_value() == !expect[i].is_null());
    if (values[i] && !expect[i].is_null()) CHECK(*values[i] == doctest::Approx(expect[i].get<double>()));
  }
}

}  // namespace cellwarden::test
