#pragma once
#include <iosfwd>
#include <string>

#include "config/config.h"

namespace cellwarden {

struct ReadOptions {
  bool follow = false, json = false;
  // Without --follow: how long to wait for the first reading; a radio link has to be found and made first.
  Seconds patience{15}, radio_patience{60};
};

/// `cellwarden read LINK --protocol P`: one reading, limits and identity; with `follow` a live table without service
/// and broker. Exit codes: 0 read, 1 nothing good came, 2 wrong usage, 3 the link could not
/// be opened.
int read_pack(const PackConfig& pack, const ReadOptions& options, std::ostream& out, std::ostream& err);

}  // namespace cellwarden
