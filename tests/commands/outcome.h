#pragma once
// What a run of the real binary came to.
#include <nlohmann/json.hpp>

#include <string>

namespace cellwarden::test {

struct Outcome {
  int exit_code;
  std::string out, err;
  nlohmann::json object() const { return nlohmann::json::parse(out, nullptr, false); }
};

}  // namespace cellwarden::test
