#pragma once
// Packs of a bank as a test needs them: fresh, 4 cells of 3.3 V, both switches on.
#include <doctest/doctest.h>

#include <list>

#include "daemon/banks/bank.h"

namespace cellwarden::test {

inline Member a_member(const std::string& id, double capacity_ah, double soc_pct, double current_a,
                       double pack_v = 13.2) {
  Member member;
  member.pack.id = id;
  member.pack.capacity_ah = capacity_ah;
  member.online = member.heard = true;
  Reading reading;
  reading.steady_s = 1000;
  reading.pack_v = pack_v, reading.current_a = current_a, reading.soc_pct = soc_pct;
  reading.remaining_ah = capacity_ah * soc_pct / 100, reading.full_ah = capacity_ah;
  reading.cells_v.assign(4, pack_v / 4);
  reading.charge_on = reading.discharge_on = true;
  member.reading = reading;
  return member;
}

/// A bank and its packs, "a", "b", ... in order.
struct Joint {
  Joint(Joined joined, std::list<Member> the_packs) : packs(std::move(the_packs)), bank(settings(joined)) {}

  BankState state() {
    Members members;
    for (const Member& pack : packs) members.push_back(&pack);
    return bank.join(members);
  }
  Member& operator[](std::size_t i) { return *std::next(packs.begin(), static_cast<std::ptrdiff_t>(i)); }
  Reading& reading(std::size_t i) { return *(*this)[i].reading; }
  /// Every fresh pack is read anew, so many seconds later.
  void after(double s) {
    for (Member& pack : packs)
      if (pack.fresh()) pack.reading->steady_s += s;
  }

  std::list<Member> packs;
  Bank bank;

 private:
  BankSettings settings(Joined joined) const {
    BankSettings made{"house", "House", {}, joined};
    for (const Member& pack : packs) made.packs.push_back(pack.pack.id);
    return made;
  }
};

inline auto about(double value) { return doctest::Approx(value).epsilon(1e-9); }

}  // namespace cellwarden::test
