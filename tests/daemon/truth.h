#pragma once
// What the simulated boards really answered, and whether what was published is that: the same numbers, stamped when
// they were said, each once, and never older than what was published before.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using nlohmann::json;

class Truth {
 public:
  /// `pushes`: boards that talk unasked may have said more by the time a reading is whole.
  explicit Truth(const std::string& file, bool pushes = false) : pushes_(pushes) {
    std::ifstream lines(file);
    for (std::string text; std::getline(lines, text);) {
      const json line = json::parse(text);
      if (line.contains("faults")) {
        faults = line["faults"];
        continue;
      }
      packs_[line.at("pack")].said.push_back(
          {line.at("n"), line.at("t"), essence(line), line.value("charged_kwh", 0.0)});
    }
  }

  /// What is wrong with the next published state of this pack; empty when nothing is.
  std::string fault_of(const std::string& pack, const json& state) {
    Pack& known = packs_[pack];
    const std::string numbers = essence(state);
    const double taken_s = utc_s(state.at("taken_at"));
    if (taken_s == known.taken_s) return numbers == known.numbers ? "" : "other numbers under the same time";
    if (taken_s < known.taken_s) return "older than the state before it";

    // A poll ends with its stamp, and only then comes the next: what the board said last before it is what counts.
    const Line* source = nullptr;
    bool ever = false;
    for (const Line& line : known.said) {
      ever = ever || line.essence == numbers;
      if (line.t <= taken_s && (!pushes_ || line.essence == numbers)) source = &line;
    }
    if (!ever) return "the board never said this";
    if (source == nullptr || source->essence != numbers || source->n <= known.n) return "an old reading stamped anew";
    if (taken_s - source->t > longest_poll_s) return "stamped long after the board said it";
    known.n = source->n, known.taken_s = taken_s, known.numbers = numbers;
    return "";
  }

  /// Whether the board said this at any time.
  bool was_said(const std::string& pack, const json& reading) {
    return std::ranges::find(packs_[pack].said, essence(reading), &Line::essence) != packs_[pack].said.end();
  }

  static double utc_s(const std::string& text) {
    std::tm time{};
    double seconds = 0;
    if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%lfZ", &time.tm_year, &time.tm_mon, &time.tm_mday, &time.tm_hour,
                    &time.tm_min, &seconds) != 6)
      throw std::runtime_error("no time: " + text);
    time.tm_year -= 1900, time.tm_mon -= 1;
    return static_cast<double>(timegm(&time)) + seconds;
  }

  /// What the charger had put into this pack at that moment, between the two nearest things its board said.
  double charged_kwh(const std::string& pack, double t) const {
    const auto& said = packs_.at(pack).said;
    const auto after = std::ranges::find_if(said, [&](const Line& line) { return line.t > t; });
    if (after == said.begin() || after == said.end()) throw std::runtime_error("the board said nothing about then");
    const auto before = std::prev(after);
    return before->charged_kwh + (after->charged_kwh - before->charged_kwh) * (t - before->t) / (after->t - before->t);
  }

  json faults;  ///< how often each kind was made; null when the simulator did not end well

 private:
  struct Line {
    int n;
    double t;
    std::string essence;
    double charged_kwh;
  };
  struct Pack {
    std::vector<Line> said;
    int n = 0;  ///< of the last published state that was true, and its time and numbers
    double taken_s = 0;
    std::string numbers;
  };
  /// Between the board's words and the stamp lie the rest of the poll and one try more.
  static constexpr double longest_poll_s = 5;

  /// What must never be wrong of a reading, as one text: equal texts, equal readings.
  static std::string essence(const json& reading) {
    std::string text;
    const auto add = [&](const json& value, double resolution) {
      text += value.is_null() ? "null " : std::to_string(std::llround(value.get<double>() / resolution)) + " ";
    };
    for (const auto& cell : reading.at("cells_v")) add(cell, 0.001);
    json temps = reading.at("temps_c");
    while (!temps.empty() && temps.back().is_null()) temps.erase(temps.size() - 1);  // probes that nobody has
    for (const auto& temp : temps) add(temp, 0.1);
    add(reading.at("pack_v"), 0.01);
    add(reading.at("current_a"), 0.01);
    add(reading.at("soc_pct"), 1);
    add(reading.at("remaining_ah"), 0.01);
    return text;
  }
  std::map<std::string, Pack> packs_;
  bool pushes_;
};
