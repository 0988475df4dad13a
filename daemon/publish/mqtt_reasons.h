#pragma once
// Why a broker was not reached, in words for its owner: what happened and what to try. Pure.
#include <string>

namespace cellwarden {

struct MqttRefusal {
  int code = 0;    ///< Paho's return code; with MQTT 3 a positive one is the broker's own (CONNACK)
  int reason = 0;  ///< MQTT 5: the broker's reason code
  bool v5 = true;
  bool tls = false;  ///< Paho does not tell a refused certificate from no answer
};

std::string why_refused(const MqttRefusal& refusal);

}  // namespace cellwarden
