#pragma once
#include <cstdint>
#include <istream>
#include <string_view>
#include <vector>

namespace cellwarden {

/// Lines of a file by blocks, nothing allocated per line. The end of line may be LF or CRLF.
class LineReader {
 public:
  /// Longer than any line of a recording: what is longer comes as "?", which nobody can read.
  static constexpr std::size_t longest = std::size_t{64} * 1024;

  explicit LineReader(std::istream& in) : in_(in), buffer_(4 * longest) {}

  /// False at the end. `line` is good until the next call.
  bool next(std::string_view& line);
  /// The next call of `next` gives the last line again.
  void back() { again_ = true; }

  std::uint64_t line() const { return line_; }    ///< number of the last one, from 1
  std::uint64_t bytes() const { return bytes_; }  ///< of all lines given so far

 private:
  bool fill();
  std::string_view cut(std::size_t length, std::size_t with_end);

  std::istream& in_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, end_ = 0;
  std::string_view last_;
  bool again_ = false;
  std::uint64_t line_ = 0, bytes_ = 0;
};

}  // namespace cellwarden
