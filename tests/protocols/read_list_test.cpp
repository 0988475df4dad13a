// All that leaves for a BMS that is asked for registers or blocks, or only listened to, against the "Allowed requests"
// of its protocol as literal bytes: in one long run of each adapter among good answers, refusals, silence and damage.
#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>
#include <string>

#include "tests/protocols/conversation.h"
#include "tests/protocols/daly_d2_board.h"
#include "tests/protocols/daly_hkms_board.h"
#include "tests/protocols/jk_pb_pack.h"
#include "tests/protocols/up_board.h"

using namespace cellwarden;

namespace {

constexpr std::size_t requests = 1500;

using Answer = std::function<Buffer(const Buffer& request)>;

struct Asked {
  std::string protocol;
  AdapterOptions options;
  Answer good;
  std::set<Buffer> allowed;
};

/// What a pack says to a trigger: data, and the word that says whose.
Buffer pulled(const Buffer& request) {
  using namespace jk_test;
  const int what = u16_be(request, 2);
  const Buffer data = what == cells ? cells_at(55) : what == settings ? settings_of(request[0]) : device_data();
  return data + done(request[0], what);
}

const std::vector<Asked>& asked_adapters() {
  const Answer jk = [](const Buffer& request) { return jk_test::Pack{}.answer(request); };
  const Answer d2 = [](const Buffer& request) { return d2_test::Board{}.answer(request); };
  const Answer hkms = [](const Buffer& request) { return hkms_test::Board{}.answer(request); };
  const Answer up = [](const Buffer& request) { return up_test::Unit{.packs = 2}.answer(request); };
  const std::set<Buffer> of_d2 = {from_hex("D2030000003ED7B9"), from_hex("D203003E0009F7A3"),
                                  from_hex("D20300800029965F"), from_hex("D20300A900208791")};
  const std::set<Buffer> of_hkms = {from_hex("8103000000405BFA"), from_hex("81030041003E8BCE"),
                                    from_hex("81030100001D9BFF"), from_hex("8103013000219BE1"),
                                    from_hex("81030178004A5A18")};
  static const std::vector<Asked> all = {
      {"jk-modbus",
       {.address = 1},
       jk,
       {from_hex("0103120000784090"), from_hex("010312F0000EC145"), from_hex("0103100000444139"),
        from_hex("0103140000144035"), from_hex("01031448000CC029")}},
      {"jk-modbus",
       {.address = 1, .jk_trigger = true},
       pulled,
       {from_hex("0110162000010200 00D6F1"), from_hex("0110161E00010200 00D22F"), from_hex("0110161C00010200 00D3CD")}},
      {"daly-modbus", {}, d2, of_d2},
      {"daly-modbus", {.over_ble = true}, d2, of_d2},
      {"daly-hkms", {.address = 1}, hkms, of_hkms},
      {"daly-hkms", {.over_ble = true}, hkms, of_hkms},
      {"jbd-up",
       {.address = 1},
       up,
       {from_hex("0178100010A000007FB2"), from_hex("01781800190000007D44"), from_hex("01781C001CA000007C2E"),
        from_hex("01782810283C00007787"), from_hex("0145000000540000D4D3")}}};
  return all;
}

/// Half of its answers are good.
class BadLine {
 public:
  enum Kind { good, silence, refusal, flipped, cut, echo, noise, late, kinds };

  explicit BadLine(Answer board) : board_(std::move(board)) {}

  std::vector<Buffer> operator()(const Buffer& request) {
    Buffer answer = board_(request);
    const Buffer before = std::exchange(last_, answer);
    const Kind kind = any(2) == 0 ? good : static_cast<Kind>(any(kinds));
    ++count[kind];
    switch (kind) {
      case silence:
        return {};
      case refusal:
        return {modbus_test::with_crc(
            {answer[0], static_cast<std::uint8_t>(request[1] | 0x80), static_cast<std::uint8_t>(1 + any(4))})};
      case flipped:
        answer[any(answer.size())] ^= static_cast<std::uint8_t>(1 << any(8));
        return {answer};
      case cut:
        answer.resize(any(answer.size()));
        return {answer};
      case echo:
        return {request, answer};
      case noise:
        for (auto& byte : answer) byte = static_cast<std::uint8_t>(any(256));
        return {answer};
      case late:
        return {before};
      default:
        return {answer};
    }
  }

  std::map<Kind, int> count;

 private:
  std::size_t any(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

  Answer board_;
  Buffer last_;
  std::mt19937 random_{6};
};

}  // namespace

TEST_CASE("what leaves is on the read-list, through refusals, silence and damage") {
  for (const Asked& asked : asked_adapters()) {
    CAPTURE(asked.protocol);
    CAPTURE(asked.options.over_ble);
    CAPTURE(asked.options.jk_trigger);
    BadLine line(asked.good);
    ScriptedLink link(std::ref(line), requests);
    const auto adapter = find_protocol(asked.protocol)->adapter(asked.options);
    test::Heard heard;
    std::set<test::End> ends;
    while (link.sent.size() < requests)
      ends.insert(test::run_to_its_end(*adapter, link, heard).how);  // and connects anew

    for (const Buffer& request : link.sent) CHECK(asked.allowed.contains(request));
    CHECK(std::set<Buffer>(link.sent.begin(), link.sent.end()) == asked.allowed);
    CHECK(line.count.size() == BadLine::kinds);
    CHECK(ends.contains(test::End::gave_up));
    CHECK(heard.readings.size() > 50);
    CHECK(!heard.rejected.empty());
  }
}

TEST_CASE("whoever only listens sends nothing, whatever is heard") {
  std::vector<std::string> listeners;
  for (const Protocol& protocol : catalog()) {
    if (!protocol.only_listens) continue;
    listeners.emplace_back(protocol.id);
    const auto adapter = protocol.adapter({});
    test::Heard heard;
    BadLine line([](const Buffer& request) { return request; });
    ScriptedLink link([](const Buffer&) { return std::vector<Buffer>{}; }, 1);
    for (int i = 0; i < 300; ++i) {
      for (const Buffer& said : line(jk_test::exchange_of(1 + i % 3, 50))) link.unasked.push_back(said);
    }
    while (!link.unasked.empty()) test::run_to_its_end(*adapter, link, heard);
    CHECK(link.sent.empty());
    CHECK(heard.readings.size() > 50);
    CHECK(!heard.rejected.empty());
  }
  CHECK(listeners == std::vector<std::string>{"jk-listen"});
}
