#pragma once
// A TOML table read key by key. A wrong value becomes a fault at its place and the reading goes on, so one pass finds
// every fault. Every key asked for is a known one; what is left at the end is refused with the nearest known name.
#include <toml++/toml.h>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace cellwarden {

/// Collects what is wrong, in the order of the file.
class Faults {
 public:
  explicit Faults(std::string file) : file_(std::move(file)) {}
  void add(const toml::source_region& at, std::string what);
  bool empty() const { return all_.empty(); }
  std::vector<ConfigFault> take();

 private:
  std::string file_;
  std::vector<ConfigFault> all_;
};

struct Range {
  double least, most;
  std::string_view unit;
};

/// The known name nearest to `wrong`; empty where none is near.
std::string_view nearest(std::string_view wrong, const std::vector<std::string_view>& known);
/// `; did you mean "x"?`, or `; known are a, b, c`.
std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& known);
/// 2.5 -> "2.5", without the zeros.
std::string plain(double number);

class Section {
 public:
  /// `name` as the owner writes it: "[mqtt]".
  Section(const toml::table& table, std::string name, Faults& faults)
      : table_(table), name_(std::move(name)), faults_(faults) {}

  // Each takes over the key's value where it is there and right, and says whether it did.
  template <class Into>
  bool text(std::string_view key, Into& into) {
    return take(text_at(key), into);
  }
  /// A list of texts.
  bool texts(std::string_view key, std::vector<std::string>& into);
  template <class Into>
  bool number(std::string_view key, Into& into, const Range& range) {
    return take(number_at(key, range), into);
  }
  template <class Into>
  bool whole(std::string_view key, Into& into, const Range& range) {
    return take(whole_at(key, range), into);
  }
  template <class Into>
  bool flag(std::string_view key, Into& into) {
    return take(flag_at(key), into);
  }
  template <class Into>
  bool duration(std::string_view key, Into& into, Seconds least, Seconds most) {
    return take(duration_at(key, least, most), into);
  }
  template <class Into>
  bool choice(std::string_view key, Into& into, const std::vector<std::string_view>& choices) {
    return take(choice_at(key, choices), into);
  }
  template <class Into>
  bool whole_choice(std::string_view key, Into& into, std::initializer_list<int> choices) {
    return take(whole_choice_at(key, choices), into);
  }

  /// The table under `key`; `shape` shows how it is written.
  const toml::table* table(std::string_view key, std::string_view shape);
  /// The array of tables under `key`, each a table; empty where it is none.
  std::vector<const toml::table*> tables(std::string_view key, std::string_view shape);

  bool has(std::string_view key);
  /// A fault at the key's value, or at the table where the key is missing.
  void fault(std::string_view key, std::string what);
  /// The key must not stand in the file at all: says why.
  void refuse(std::string_view key, std::string why);
  void require(std::string_view key, std::string_view example);
  /// Refuses every key that nobody asked for.
  void finish();

 private:
  template <class Value, class Into>
  static bool take(const std::optional<Value>& value, Into& into) {
    if (!value) return false;
    if constexpr (std::is_arithmetic_v<Into>) {
      into = static_cast<Into>(*value);
    } else {
      into = *value;
    }
    return true;
  }
  const toml::node* at(std::string_view key);
  std::optional<std::string> text_at(std::string_view key);
  std::optional<double> number_at(std::string_view key, const Range& range);
  std::optional<int> whole_at(std::string_view key, const Range& range);
  std::optional<bool> flag_at(std::string_view key);
  std::optional<Seconds> duration_at(std::string_view key, Seconds least, Seconds most);
  std::optional<std::string> choice_at(std::string_view key, const std::vector<std::string_view>& choices);
  std::optional<int> whole_choice_at(std::string_view key, std::initializer_list<int> choices);
  void wrong_type(std::string_view key, const toml::node& node, std::string_view right);

  const toml::table& table_;
  std::string name_;
  Faults& faults_;
  std::vector<std::string_view> known_, refused_;
};

}  // namespace cellwarden
