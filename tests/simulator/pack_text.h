#pragma once
// What --pack says of the battery itself; its board reads the rest of the keys.
#include <string>
#include <string_view>

#include "tests/simulator/keys.h"
#include "tests/simulator/pack_model.h"

namespace simulator {

extern const std::string_view pack_keys;  ///< for --help

PackOptions pack_options(Keys& keys, const std::string& default_name);

}  // namespace simulator
