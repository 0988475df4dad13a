#pragma once
// A report as text and HTML both show it: titles, sentences, charts.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cellwarden::report {

struct Bar {
  std::string label;             ///< "cell 7"
  std::optional<double> length;  ///< empty: not known
  std::string text;              ///< "3.1 Ah behind"
  bool open = false;             ///< it is at least so long
  bool marked = false;           ///< the one the sentences speak of
};
struct BarChart {
  std::string title;
  std::vector<Bar> bars;
};

/// One line per cell over the days; absent (NaN) where not known. Only HTML has the room for it.
struct DayChart {
  std::string title, unit;
  std::vector<std::chrono::sys_days> days;
  std::vector<std::vector<double>> cells;  ///< each as long as `days`
  std::vector<int> marked;                 ///< from 1; the others are drawn pale
};

struct Section {
  std::string title;
  std::vector<std::string> sentences;
  bool listed = false;  ///< each sentence stands for itself
  std::optional<BarChart> bars = {};
  std::optional<DayChart> over_days = {};
};

/// A figure for the eye, before all sentences.
struct Figure {
  std::string value, label;
};

struct Page {
  std::string title, subtitle;
  std::vector<std::string> in_short;
  std::vector<Figure> figures;
  std::vector<Section> sections;
};

}  // namespace cellwarden::report
