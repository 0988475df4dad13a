#pragma once
// The text of --pack or --faults, "cells=16,ah=280": values by key, each within its range, and no key that nobody
// knows.
#include <map>
#include <set>
#include <stdexcept>
#include <string>

namespace simulator {

/// Said in one line, exit code 2.
struct BadOption : std::runtime_error {
  using runtime_error::runtime_error;
};

class Keys {
 public:
  Keys(std::string option, const std::string& text);

  std::string text(const std::string& key, const std::string& otherwise);
  double number(const std::string& key, double otherwise, double least, double most);
  int whole(const std::string& key, int otherwise, int least, int most);
  bool flag(const std::string& key, bool otherwise);
  /// Throws for the first key that was never asked for.
  void all_known() const;
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  std::string where_;
  std::map<std::string, std::string> values_;
  std::set<std::string> asked_;
};

}  // namespace simulator
