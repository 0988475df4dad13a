#pragma once
// A sink that keeps what a decoder says.
#include <algorithm>
#include <map>

#include "protocols/jbd/jbd_decoder.h"

namespace cellwarden::test {

struct Heard : Sink {
  int good = 0;
  std::map<FrameError, int> rejected;
  std::optional<Reading> reading;
  std::vector<Reading> readings;
  Limits limits;
  Identity identity;

  void emit(Event event) override {
    if (auto* bad = std::get_if<Rejected>(&event.what)) ++rejected[bad->why];
    if (std::holds_alternative<GoodFrame>(event.what)) ++good;
    if (auto* r = std::get_if<Reading>(&event.what)) reading = *r, readings.push_back(*r);
    if (auto* l = std::get_if<Limits>(&event.what)) merge(limits, *l);
    if (auto* i = std::get_if<Identity>(&event.what)) merge(identity, *i);
  }
};

inline Heard hear(const Buffer& request, const Buffer& stream, std::size_t chunk) {
  Heard heard;
  jbd::JbdDecoder decoder;
  decoder.feed(Direction::to_bms, request, heard);
  for (std::size_t at = 0; at < stream.size(); at += chunk) {
    decoder.feed(Direction::from_bms, Bytes(stream).subspan(at, std::min(chunk, stream.size() - at)), heard);
  }
  decoder.finish(heard);
  return heard;
}

}  // namespace cellwarden::test
