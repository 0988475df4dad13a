// What to do, and how sure all of it is.
#include "daemon/alerts/wording.h"
#include "daemon/report/scene.h"
#include "daemon/report/words.h"

namespace cellwarden::report {

namespace {

std::string balance_time_text(const Insight& i) {
  if (i.balance_never.value.value_or(false)) {
    const std::string why = reason_words(i.balance_never.reason);
    return "The BMS's own balancer will not do it" + (why.empty() ? "." : ": " + why + ".");
  }
  if (!i.balance_days_least.value || !i.balance_days_most.value || *i.balance_days_most.value <= 0) return {};
  const double least = *i.balance_days_least.value, most = *i.balance_days_most.value;
  const std::string from = number_text(std::max(1.0, least), 0), to = number_text(std::max(1.0, most), 0);
  return "The BMS's own balancer needs " + (from == to ? "about " + days_text(most) : from + " to " + to + " days") +
         ", as it has worked so far.";
}

void say_balancing(const Scene& scene, std::vector<std::string>& say) {
  const Insight& i = scene.insight;
  if (i.equalise_first.value.value_or(false)) {
    std::string text = "First bring the cells to about the same charge: join them in parallel through a resistor";
    if (i.equalise_hours.value)
      text += ", which takes about " + number_text(*i.equalise_hours.value, 0, " hours") + " at 1 Ohm";
    say.push_back(text + ". They are too far apart to be joined directly.");
  }
  if (i.top_balance.value.value_or(false)) {
    say.push_back("Balance the cells at the top by hand once" +
                  (i.top_balance_voltage.value
                       ? ": hold them at " + number_text(*i.top_balance_voltage.value, 2, " V") +
                             " each until the current is nearly zero."
                       : std::string(".")));
  } else if (i.let_bms_balance.value.value_or(false)) {
    say.push_back("Leave the balancing to the BMS: hold the charger at its end voltage for some hours at a time.");
  } else if (i.top_balance.value) {
    say.push_back("The cells need no balancing by hand.");
  }
  const bool apart = i.top_balance.value.value_or(false) || i.let_bms_balance.value.value_or(false);
  if (apart)
    if (auto text = balance_time_text(i); !text.empty()) say.push_back(std::move(text));
  if (i.balancer_conflict.value.value_or(false))
    say.push_back(
        "The pack is balanced at the bottom and its BMS balances at the top: it will undo that. Switch its balancer "
        "off.");
}

void say_leaks(const Scene& scene, std::vector<std::string>& say) {
  std::vector<int> leaking;
  for (const int cell : drifting_cells(scene.insight)) {
    const auto& slope = scene.insight.drift_pp_day[static_cast<std::size_t>(cell) - 1].value;
    if (!slope || *slope > 0) leaking.push_back(cell);
  }
  if (leaking.empty()) return;
  const bool one = leaking.size() == 1;
  say.push_back("Watch " + cells_text(leaking) +
                ": what loses charge by itself must be balanced again and again, or "
                "replaced. First see that nothing is wired to " +
                (one ? "it" : "them") + " alone.");
}

void say_voltages(const Scene& scene, std::vector<std::string>& say) {
  const Insight& i = scene.insight;
  const auto add = [&](const Output<double>& voltage, const char* before, const char* after) {
    if (!voltage.value) return;
    const std::string volts = number_text(*voltage.value, 1, " V");
    if (i.advice.find(volts) == std::string::npos) say.push_back(before + volts + after);
  };
  add(i.recommended_charge_v, "With the charger at ", " the BMS stays out of the charge.");
  add(i.recommended_lvc_v, "With the load letting go at ", " the BMS stays out of the discharge.");
}

struct Question {
  std::string what;
  bool known;
  double confidence;
  Reason reason;
};
template <class T>
Question ask(const char* what, const Output<T>& output) {
  return {what, output.value.has_value(), output.confidence, output.reason};
}

/// Of a list: the cell that is known least, and those that are not.
Question ask_cells(const std::string& what, const PerCell<double>& cells) {
  Question all{what, !cells.empty(), 1, cells.empty() ? Reason::no_readings : Reason::none};
  std::vector<int> open;
  Reason why = Reason::none;
  for (std::size_t n = 0; n < cells.size(); ++n) {
    const auto& cell = cells[n];
    if (!cell.value)
      open.push_back(static_cast<int>(n) + 1), why = cell.reason;
    else if (cell.confidence < all.confidence)
      all.confidence = cell.confidence, all.reason = cell.reason;
  }
  if (open.empty()) return all;
  if (open.size() == cells.size()) return {what, false, 0, why};
  return {what + ", but for " + cells_text(open), true, all.confidence, why};
}

std::string answer(const Question& question) {
  const std::string why = reason_words(question.reason);
  if (question.known)
    return question.what + ": " + trust_words(question.confidence) + (why.empty() ? "." : " (" + why + ").");
  return question.what + ": not known" + (why.empty() ? "." : ", because " + why + ".");
}

}  // namespace

Section advice_section(const Scene& scene) {
  const Insight& i = scene.insight;
  Section section{.title = "What to do", .sentences = {}, .listed = true};
  auto& say = section.sentences;
  if (!i.advice.empty()) say.push_back(i.advice);
  say_leaks(scene, say);
  say_balancing(scene, say);
  say_voltages(scene, say);
  for (const auto& sentence : i.limit_audit) say.push_back(sentence);
  if (i.balancer_at_high_current.value.value_or(false))
    say.push_back(
        "The balancer works while the current is high, and then moves charge the wrong way: let it start at a higher "
        "cell voltage.");
  if (i.need_full_charge.value.value_or(false))
    say.push_back(
        "Charge the pack until it is full once: it was not for two weeks, and what is known of its balance grows old.");
  if (say.empty()) say.push_back("Nothing now.");
  return section;
}

Section trust_section(const Scene& scene) {
  const Insight& i = scene.insight;
  Section section{.title = "How sure this is", .sentences = {}, .listed = true};
  Question first = ask("Which cell is full first", i.first_full_cell);
  if (!first.known && first.reason == Reason::tie) first = {"That no cell is full alone", true, 1, Reason::none};
  for (const Question& question :
       {first, ask_cells("How far each cell is behind", i.offset_top_ah),
        ask("Who ends the next charge", i.charge_verdict), ask("What can be used", i.usable_ah),
        ask("Who ends a deep discharge", i.discharge_verdict), ask_cells("Each cell's resistance", i.r_mohm),
        ask_cells("Which cell loses charge", i.drift_pp_day), ask("How long balancing takes", i.balance_days)})
    section.sentences.push_back(answer(question));
  return section;
}

}  // namespace cellwarden::report
