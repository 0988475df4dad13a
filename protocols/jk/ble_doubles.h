#pragma once
// A second subscription to a characteristic brings every notification twice, and no frame of them is whole any more
// (jk.md 4). That two are alike proves nothing: a frame cut small has many zeros. That the beginning of a frame comes
// twice running does.
#include <algorithm>

#include "protocols/jk/ble_frames.h"

namespace cellwarden::jk {

class BleDoubles {
 public:
  /// The second of a pair, to be dropped.
  bool is_second(Bytes notification) {
    const bool alike = !first_.empty() && std::ranges::equal(notification, first_);
    if (alike && begins_ble_frame(notification) && notification.size() < ble_frame_size) doubled_ = true;
    if (alike && doubled_) {
      first_.clear();
      return true;
    }
    if (!first_.empty()) doubled_ = false;  // its second did not come
    first_.assign(notification.begin(), notification.end());
    return false;
  }

 private:
  Buffer first_;  ///< may have a second; empty when that has come
  bool doubled_ = false;
};

}  // namespace cellwarden::jk
