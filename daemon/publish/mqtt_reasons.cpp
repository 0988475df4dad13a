#include "daemon/publish/mqtt_reasons.h"

namespace cellwarden {

std::string why_refused(const MqttRefusal& refusal) {
  // CONNACK: MQTT 3.1.1 counts 1..5, MQTT 5 has 0x80 and up.
  const int said = refusal.v5 ? (refusal.reason >= 0x80 ? refusal.reason : refusal.code) : refusal.code;
  switch (said) {
    case 1:
    case 0x84:
      return "the broker does not speak this version of MQTT; set version = 3 (or 5) under [mqtt]";
    case 2:
    case 0x85:
      return "the broker refuses the client id; set another client_id under [mqtt]";
    case 3:
    case 0x88:
    case 0x89:
      return "the broker says it is unavailable";
    case 4:
    case 0x86:
      return "the broker refuses user name or password; check username and password_file under [mqtt]";
    case 5:
    case 0x87:
      return "the broker does not let us in (not authorised); check username and password_file under [mqtt]";
    default:
      break;
  }
  if (refusal.tls)
    return "no TLS connection: the broker does not answer, or its certificate is not accepted; check that it runs, "
           "check "
           "ca_file under [mqtt], and that the certificate is made out to the name in `broker`";
  return "the broker does not answer; check that it runs, and `broker` under [mqtt]";
}

}  // namespace cellwarden
