#include "daemon/publish/shapes.h"

#include <spdlog/spdlog.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace cellwarden {

std::map<std::string, Shape> load_shapes(const std::filesystem::path& state_dir) {
  std::ifstream in(state_dir / "shapes.json");
  if (!in) return {};
  try {
    return nlohmann::json::parse(in).get<std::map<std::string, Shape>>();
  } catch (const std::exception& what) {
    spdlog::warn("{}: cannot be read ({}); the packs' entities are learnt anew", (state_dir / "shapes.json").string(),
                 what.what());
    return {};
  }
}

void save_shapes(const std::filesystem::path& state_dir, const std::map<std::string, Shape>& shapes) {
  const auto file = state_dir / "shapes.json", beside = state_dir / "shapes.json.new";
  try {
    std::ofstream out(beside);
    out << nlohmann::json(shapes).dump() << '\n';
    out.close();
    if (!out) throw std::runtime_error("cannot be written");
    std::filesystem::rename(beside, file);
  } catch (const std::exception& what) {
    spdlog::warn("{}: {}; a pack that is away at the next start is shown without its values until it answers",
                 file.string(), what.what());
  }
}

}  // namespace cellwarden
