#pragma once
// Follows a chain of JK packs whose first, DIP address 0, asks the others by itself (jk.md 3.5): every pack is heard in
// about 4.4 s. Nothing is ever sent; the port is opened read-only.
#include "protocols/jk/line_decoder.h"

namespace cellwarden::jk {

class ListenAdapter : public Adapter {
 public:
  explicit ListenAdapter(const AdapterOptions& options) : wanted_(options.addresses) {}
  Task<void> run(Link& link, Sink& sink) override;

 private:
  class Chosen;

  Task<void> follow(Link& link, Chosen& sink);

  std::vector<int> wanted_;  ///< empty: whoever is there
  ListenDecoder decoder_;
};

}  // namespace cellwarden::jk
