#pragma once
// t_s,pack_v,current_a,soc_pct,charge_on,discharge_on,balancing,temp_c,cell_1_v,...,cell_n_v in any order; columns may
// be missing, fields empty. Columns of other names are left alone.
#include "daemon/replay/recording.h"

namespace cellwarden {

struct CsvColumn {
  enum class Is { other, time, number, flag, temp, cell } is = Is::other;
  std::optional<double> Reading::*number = nullptr;
  std::optional<bool> Reading::*flag = nullptr;
  std::size_t cell = 0;  ///< from 0
};

/// What the header says. Throws NotARecording when it names no `t_s`, nothing that is measured, or a column twice.
struct CsvColumns {
  explicit CsvColumns(std::string_view header);
  std::vector<CsvColumn> columns;
  std::size_t cells = 0, temps = 0;
};

class CsvRecording : public Recording {
 public:
  CsvRecording(LineReader lines, CsvColumns columns) : Recording(std::move(lines)), columns_(std::move(columns)) {}
  bool next(Reading& into) override;

 private:
  bool read_row(std::string_view row, Reading& into) const;

  CsvColumns columns_;
};

}  // namespace cellwarden
