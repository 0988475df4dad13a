#pragma once
// What the live tables print with.
#include <cstdarg>
#include <cstdio>
#include <optional>
#include <string>

namespace cellwarden {

inline std::string print(const char* format, ...) __attribute__((format(printf, 1, 2)));
inline std::string print(const char* format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

inline std::string number(const std::optional<double>& value, int digits, const char* unit) {
  return value ? print("%.*f%s", digits, *value, unit) : "-";
}

}  // namespace cellwarden
