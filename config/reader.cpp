#include "config/reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cellwarden {
namespace {

/// Insertions, deletions, exchanges and swapped neighbours that make one word of the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string listed(const std::vector<std::string_view>& words) {
  std::string all;
  for (const auto word : words) all += (all.empty() ? "" : ", ") + std::string(word);
  return all;
}

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return "text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    default:
      return "a date or time";
  }
}

/// "2s", "500ms", "1.5h".
std::optional<Seconds> parse_duration(std::string_view text) {
  double count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  auto unit = std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  if (unit == "ms") return Seconds(count / 1000);
  if (unit == "s") return Seconds(count);
  if (unit == "m" || unit == "min") return Seconds(count * 60);
  if (unit == "h") return Seconds(count * 3600);
  return std::nullopt;
}

std::string shown(Seconds duration) {
  const double s = duration.count();
  if (!std::isfinite(s)) return plain(s);
  if (s >= 3600) return plain(s / 3600) + "h";
  if (s >= 60) return plain(s / 60) + "m";
  if (s >= 1 || s == 0) return plain(s) + "s";
  return plain(s * 1000) + "ms";
}

std::string shown(const Range& range) {
  const std::string unit = range.unit.empty() ? "" : " " + std::string(range.unit);
  return plain(range.least) + " to " + plain(range.most) + unit;
}

}  // namespace

void Faults::add(const toml::source_region& at, std::string what) {
  all_.push_back({file_, at.begin.line, at.begin.column, std::move(what)});
}

std::vector<ConfigFault> Faults::take() {
  std::ranges::stable_sort(all_, {}, [](const ConfigFault& f) { return std::pair(f.line, f.column); });
  return std::move(all_);
}

std::string_view nearest(std::string_view wrong, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, wrong.size() / 3) + 1;
  for (const auto candidate : known) {
    const auto distance = edit_distance(wrong.substr(0, 64), candidate);
    if (distance < least) least = distance, best = candidate;
  }
  return best;
}

std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& known) {
  const auto near = nearest(wrong, known);
  return near.empty() ? "; known are " + listed(known) : "; did you mean " + in_quotes(near) + "?";
}

std::string plain(double number) {
  char text[400];
  const auto [end, error] = std::to_chars(text, text + sizeof text, number, std::chars_format::fixed);
  return error == std::errc() ? std::string(text, end) : "?";
}

const toml::node* Section::at(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.push_back(key);
  return table_.get(key);
}

bool Section::has(std::string_view key) { return table_.contains(key); }

void Section::fault(std::string_view key, std::string what) {
  const auto* node = table_.get(key);
  faults_.add(node ? node->source() : table_.source(), std::move(what));
}

void Section::refuse(std::string_view key, std::string why) {
  refused_.push_back(key);
  const auto found = table_.find(key);
  if (found != table_.end()) faults_.add(found->first.source(), std::move(why));
}

void Section::require(std::string_view key, std::string_view example) {
  if (!at(key)) {
    faults_.add(table_.source(), name_ + " lacks " + in_quotes(key) + "; add for example: " + std::string(key) + " = " +
                                     std::string(example));
  }
}

void Section::finish() {
  for (const auto& [key, node] : table_) {
    if (std::ranges::find(known_, key.str()) != known_.end()) continue;
    if (std::ranges::find(refused_, key.str()) != refused_.end()) continue;
    faults_.add(key.source(), "unknown key " + in_quotes(key.str()) + " in " + name_ + suggestion(key.str(), known_));
  }
}

void Section::wrong_type(std::string_view key, const toml::node& node, std::string_view right) {
  faults_.add(node.source(),
              in_quotes(key) + " is " + std::string(kind_of(node)) + ", but must be " + std::string(right));
}

std::optional<std::string> Section::text_at(std::string_view key) {
  const auto* node = at(key);
  if (!node) return std::nullopt;
  const auto* text = node->as_string();
  if (!text) return wrong_type(key, *node, "text in quotes"), std::nullopt;
  if (std::ranges::any_of(text->get(), [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
    faults_.add(node->source(), in_quotes(key) + " holds a control character; write it in one line of plain text");
    return std::nullopt;
  }
  return text->get();
}

std::optional<double> Section::number_at(std::string_view key, const Range& range) {
  const auto* node = at(key);
  if (!node) return std::nullopt;
  if (!node->is_number()) return wrong_type(key, *node, "a number, " + shown(range)), std::nullopt;
  const double value = *node->value<double>();
  if (!(value >= range.least && value <= range.most)) {
    faults_.add(node->source(), in_quotes(key) + " is " + plain(value) + ", but must be " + shown(range));
    return std::nullopt;
  }
  return value;
}

std::optional<int> Section::whole_at(std::string_view key, const Range& range) {
  const auto* node = at(key);
  if (node && !node->is_integer()) {
    return wrong_type(key, *node, "a whole number, " + shown(range)), std::nullopt;
  }
  const auto value = number_at(key, range);
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::optional<bool> Section::flag_at(std::string_view key) {
  const auto* node = at(key);
  if (!node) return std::nullopt;
  if (!node->is_boolean()) return wrong_type(key, *node, "true or false, without quotes"), std::nullopt;
  return node->as_boolean()->get();
}

std::optional<Seconds> Section::duration_at(std::string_view key, Seconds least, Seconds most) {
  const auto* node = at(key);
  if (!node) return std::nullopt;
  std::optional<Seconds> value;
  if (const auto* text = node->as_string()) {
    value = parse_duration(text->get());
    if (!value) {
      faults_.add(node->source(), in_quotes(key) + " is " + in_quotes(text->get()) +
                                      ", but must be a time such as \"500ms\", \"2s\", \"5m\" or \"1h\"");
      return std::nullopt;
    }
  } else if (node->is_number()) {
    value = Seconds(*node->value<double>());
  } else {
    wrong_type(key, *node, "a time such as \"500ms\", \"2s\", \"5m\" or \"1h\", or a number of seconds");
    return std::nullopt;
  }
  if (!(*value >= least && *value <= most)) {
    faults_.add(node->source(),
                in_quotes(key) + " is " + shown(*value) + ", but must be " + shown(least) + " to " + shown(most));
    return std::nullopt;
  }
  return value;
}

std::optional<std::string> Section::choice_at(std::string_view key, const std::vector<std::string_view>& choices) {
  auto value = text_at(key);
  if (!value || std::ranges::find(choices, *value) != choices.end()) return value;
  fault(key, in_quotes(key) + " is " + in_quotes(*value) + suggestion(*value, choices));
  return std::nullopt;
}

std::optional<int> Section::whole_choice_at(std::string_view key, std::initializer_list<int> choices) {
  std::string all;
  for (const int choice : choices) all += (all.empty() ? "" : ", ") + std::to_string(choice);
  const auto* node = at(key);
  if (!node) return std::nullopt;
  if (!node->is_integer()) return wrong_type(key, *node, "one of " + all), std::nullopt;
  const auto value = node->as_integer()->get();
  for (const int choice : choices) {
    if (choice == value) return choice;
  }
  faults_.add(node->source(), in_quotes(key) + " is " + std::to_string(value) + ", but must be one of " + all);
  return std::nullopt;
}

bool Section::texts(std::string_view key, std::vector<std::string>& into) {
  const auto* node = at(key);
  if (!node) return false;
  std::vector<std::string> all;
  const auto* array = node->as_array();
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    const auto text = (*array)[i].value_exact<std::string>();
    if (!text || text->find('\0') != std::string::npos)
      array = nullptr;
    else
      all.push_back(*text);
  }
  if (!array) return wrong_type(key, *node, "a list of texts: [\"...\", \"...\"]"), false;
  into = std::move(all);
  return true;
}

const toml::table* Section::table(std::string_view key, std::string_view shape) {
  const auto* node = at(key);
  if (node && !node->is_table()) wrong_type(key, *node, "a table: " + std::string(shape));
  return node ? node->as_table() : nullptr;
}

std::vector<const toml::table*> Section::tables(std::string_view key, std::string_view shape) {
  std::vector<const toml::table*> all;
  const auto* node = at(key);
  if (!node) return all;
  const auto* array = node->as_array();
  if (!array) return wrong_type(key, *node, "a list of tables: " + std::string(shape)), all;
  for (const auto& element : *array) {
    if (const auto* table = element.as_table()) {
      all.push_back(table);
    } else {
      wrong_type(key, element, "a table: " + std::string(shape));
    }
  }
  return all;
}

}  // namespace cellwarden
