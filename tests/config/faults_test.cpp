// Wrong files: every fault in one go, each at its place and with what would be right.
#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include "config/config.h"

using namespace cellwarden;

namespace {

std::vector<std::string> faults_of(const std::string& text) {
  std::vector<std::string> lines;
  const auto read = parse_config(text, "c.toml");
  if (const auto* faults = std::get_if<1>(&read)) {
    for (const auto& fault : *faults) lines.push_back(fault.text());
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

/// Lines 1 to 4; what is wrong begins in line 5.
const std::string pack = "[[pack]]\nid = \"a\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/ttyUSB0\"\n";

struct Wrong {
  std::string text;
  std::vector<std::string> faults;
};

void check_all(const std::vector<Wrong>& table) {
  for (const auto& [text, faults] : table) {
    CAPTURE(text);
    CHECK(joined(faults_of(text)) == joined(faults));
  }
}

}  // namespace

TEST_CASE("faults: shape of the file") {
  check_all({
      {"", {"c.toml:1:1: there is no [[pack]], so nothing to read; add one for each battery"}},
      {pack + "[mqtz]\n", {"c.toml:5:2: unknown key \"mqtz\" in the file; did you mean \"mqtt\"?"}},
      {pack + "[xyzzy]\n",
       {"c.toml:5:2: unknown key \"xyzzy\" in the file; known are mqtt, home_assistant, pack, bank, bluetooth, "
        "service"}},
      {"pack = 3\n", {"c.toml:1:8: \"pack\" is a whole number, but must be a list of tables: [[pack]]"}},
      {"mqtt = true\n" + pack, {"c.toml:1:8: \"mqtt\" is true or false, but must be a table: [mqtt]"}},
      {"[[pack]]\n",
       {"c.toml:1:1: [[pack]] lacks \"id\"; add for example: id = \"house-1\"",
        "c.toml:1:1: [[pack]] lacks \"protocol\"; add for example: protocol = \"jbd\"",
        "c.toml:1:1: [[pack]] lacks \"link\"; add for example: link = \"serial:/dev/serial/by-id/...\""}},
  });
}

TEST_CASE("faults: not TOML at all") {
  const auto lines = faults_of("[[pack]]\nid = house-1\n");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("c.toml:2:"));
  CHECK(lines[0].find("not TOML: ") != std::string::npos);
  CHECK(faults_of(pack + "poll = 2\npoll = 3\n")[0].starts_with("c.toml:6:"));
}

TEST_CASE("faults: a pack") {
  check_all({
      {pack + "pol = \"2s\"\n", {"c.toml:5:1: unknown key \"pol\" in [[pack]]; did you mean \"poll\"?"}},
      {pack + "poll = \"2 sec\"\n",
       {"c.toml:5:8: \"poll\" is \"2 sec\", but must be a time such as \"500ms\", \"2s\", \"5m\" or \"1h\""}},
      {pack + "poll = \"100ms\"\n", {"c.toml:5:8: \"poll\" is 100ms, but must be 200ms to 1h"}},
      {pack + "poll = 7200\n", {"c.toml:5:8: \"poll\" is 2h, but must be 200ms to 1h"}},
      {pack + "poll = nan\n", {"c.toml:5:8: \"poll\" is nan, but must be 200ms to 1h"}},
      {pack + "poll = true\n",
       {"c.toml:5:8: \"poll\" is true or false, but must be a time such as \"500ms\", \"2s\", \"5m\" or \"1h\", or a "
        "number of seconds"}},
      {pack + "rs485 = \"yes\"\n", {"c.toml:5:9: \"rs485\" is text, but must be true or false, without quotes"}},
      {pack + "baud = 9601\n",
       {"c.toml:5:8: \"baud\" is 9601, but must be one of 0, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, "
        "230400, "
        "460800, 921600"}},
      {pack + "address = 256\n", {"c.toml:5:11: \"address\" is 256, but must be 0 to 255"}},
      {pack + "address = 1.5\n", {"c.toml:5:11: \"address\" is a number, but must be a whole number, 0 to 255"}},
      {pack + "address = 1\n", {"c.toml:5:11: protocol \"jbd\" has no addresses; remove \"address\""}},
      {"[[pack]]\nid = \"a\"\nprotocol = \"jk-modbus\"\nlink = \"serial:/dev/ttyUSB0\"\naddress = 16\n",
       {"c.toml:5:11: \"address\" is 16, but with protocol \"jk-modbus\" must be 1 to 15"}},
      {pack + "jk_trigger = true\n", {"c.toml:5:14: \"jk_trigger\" is for protocol \"jk-modbus\"; remove it"}},
      {pack + "jk_trigger = false\n", {}},
      {"[[pack]]\nid = \"a\"\nprotocol = \"jk-modbus\"\nlink = \"tcp:pi:502\"\njk_trigger = true\n",
       {"c.toml:5:14: what answers a trigger is no Modbus, which a tcp: gateway would not pass on; remove "
        "\"jk_trigger\", or use a gateway in transparent mode (rtu+tcp:)"}},
      {pack + "adapter = \"hci0\"\nmode = \"per-poll\"\npin = \"1\"\nble_password = \"x\"\n",
       {"c.toml:5:11: \"adapter\" is for ble: links; remove it", "c.toml:6:8: \"mode\" is for ble: links; remove it",
        "c.toml:7:7: \"pin\" is for ble: links; remove it",
        "c.toml:8:16: \"ble_password\" is for ble: links; remove it"}},
      {pack + "mode = \"poll\"\n", {"c.toml:5:8: \"mode\" is \"poll\"; known are keep, per-poll"}},
      {"[bluetooth]\nmax_links = 0\npower_cycle = \"often\"\n" + pack,
       {"c.toml:2:13: \"max_links\" is 0, but must be 1 to 20 links",
        "c.toml:3:15: \"power_cycle\" is \"often\"; known are alone, always, never"}},
      {pack + "name = 7\n", {"c.toml:5:8: \"name\" is a whole number, but must be text in quotes"}},
      {pack + "chemistry = \"lipo\"\n", {"c.toml:5:13: \"chemistry\" is \"lipo\"; known are lfp, nmc, lto"}},
      {pack + "chemistry = \"lfpo\"\n", {"c.toml:5:13: \"chemistry\" is \"lfpo\"; did you mean \"lfp\"?"}},
      {pack + "capacity_ah = 0\n", {"c.toml:5:15: \"capacity_ah\" is 0, but must be 0.1 to 100000 Ah"}},
      {pack + "limits = { cell_ovp = 3.6 }\n",
       {"c.toml:5:12: unknown key \"cell_ovp\" in [pack.limits]; did you mean \"cell_ovp_v\"?"}},
      {pack + "limits = { cell_ovp_v = 3650 }\n", {"c.toml:5:25: \"cell_ovp_v\" is 3650, but must be 1 to 5 V"}},
      {pack + "limits = { cell_ovp_v = 2.5, cell_uvp_v = 3.6 }\n",
       {"c.toml:5:43: \"cell_uvp_v\" is 3.6, but must be below \"cell_ovp_v\", which is 2.5"}},
      {pack + "limits = { pack_ovp_v = 58, pack_ovp_release_v = 59 }\n",
       {"c.toml:5:50: \"pack_ovp_release_v\" is 59, but must be at most \"pack_ovp_v\", which is 58"}},
      {pack + "charger = 56.0\n",
       {"c.toml:5:11: \"charger\" is a number, but must be a table: charger = { absorption_v = 56.0 }"}},
      {pack + "charger = { absorption_time = \"25h\" }\n",
       {"c.toml:5:31: \"absorption_time\" is 25h, but must be 0s to 24h"}},
      {pack + "load = { cutoff = 46 }\n",
       {"c.toml:5:10: unknown key \"cutoff\" in [pack.load]; did you mean \"cutoff_v\"?"}},
      {pack + "balancer = { kind = \"activ\" }\n", {"c.toml:5:21: \"kind\" is \"activ\"; did you mean \"active\"?"}},
  });
}

TEST_CASE("faults: id, protocol, link") {
  const auto with = [](const std::string& id, const std::string& protocol, const std::string& link) {
    return "[[pack]]\nid = \"" + id + "\"\nprotocol = \"" + protocol + "\"\nlink = \"" + link + "\"\n";
  };
  for (const std::string id : {"", "House", "-a", "a b", "a/b", "\xC3\xA9"}) {
    CAPTURE(id);
    CHECK(joined(faults_of(with(id, "jbd", "serial:/dev/x"))) ==
          "c.toml:2:6: \"id\" is \"" + id +
              "\", but must be lower-case letters, digits, - and _, beginning with a letter or digit, such as "
              "\"house-1\"\n");
  }
  CHECK(joined(faults_of(with("a", "jdb", "serial:/dev/x"))) ==
        "c.toml:3:12: \"protocol\" is \"jdb\"; did you mean \"jbd\"?\n");
  CHECK(joined(faults_of(with("a", "victron", "serial:/dev/x")))
            .starts_with("c.toml:3:12: \"protocol\" is \"victron\"; known are jbd"));
  CHECK(joined(faults_of(with("a", "jk-uart", "ble:AA:BB:CC:DD:EE:FF")))
            .starts_with("c.toml:4:8: protocol \"jk-uart\" is not spoken over Bluetooth"));
  const auto no_gateway = [](const std::string& scheme, const std::string& port) {
    return " needs the gateway's host and port, such as " + scheme + "192.168.1.20:" + port +
           "; an IPv6 address is written in brackets, " + scheme + "[fd00::20]:" + port;
  };
  const std::pair<std::string, std::string> links[] = {
      {"ble:", " needs a device: ble:AA:BB:CC:DD:EE:FF or ble:NAME; `cellwarden scan` shows them"},
      {"tcp:", no_gateway("tcp:", "502")},
      {"tcp:pi:0", no_gateway("tcp:", "502")},
      {"tcp:fd00::20:502", no_gateway("tcp:", "502")},
      {"rtu+tcp:pi", no_gateway("rtu+tcp:", "8899")},
      {"rtu+tcp:pi:65536", no_gateway("rtu+tcp:", "8899")},
      {"rtu+tcp:[fd00::20:8899", no_gateway("rtu+tcp:", "8899")},
      {"/dev/ttyUSB0", " does not say what it is; did you mean \"serial:/dev/ttyUSB0\"?"},
      {"usb0",
       " is not a link; write serial:/dev/serial/by-id/..., ble:AA:BB:CC:DD:EE:FF, tcp:HOST:PORT, rtu+tcp:HOST:PORT or "
       "capture:FILE"},
      {"serial:ttyUSB0", " needs the whole path of the port, such as serial:/dev/ttyUSB0"},
      {"capture:", " needs a file: capture:FILE"},
      {"capture:a.txt",
       " is a recording, and the service would show its values as fresh; give the BMS's own link (`cellwarden read "
       "capture:a.txt` reads a recording)"},
  };
  CHECK(joined(faults_of(with("a", "jk-ble", "serial:/dev/ttyUSB0"))) ==
        "c.toml:4:8: protocol \"jk-ble\" is not spoken on serial ports but over Bluetooth; write link = "
        "\"ble:AA:BB:CC:DD:EE:FF\", or protocol = \"jk-uart\", or protocol = \"jk-modbus\", or protocol = "
        "\"jk-listen\"\n");
  CHECK(joined(faults_of(with("a", "jk-ble", "tcp:pi:502"))) ==
        "c.toml:4:8: protocol \"jk-ble\" is not spoken on serial ports but over Bluetooth; write link = "
        "\"ble:AA:BB:CC:DD:EE:FF\", or protocol = \"jk-modbus\"\n");
  CHECK(joined(faults_of(with("a", "jbd", "tcp:pi:502"))) ==
        "c.toml:4:8: protocol \"jbd\" is not Modbus, and a tcp: gateway passes on nothing else; if yours has a "
        "transparent (raw) mode, set it to that and write link = \"rtu+tcp:HOST:PORT\"\n");
  CHECK(joined(faults_of(with("a", "jbd", "rtu+tcp:pi:8899"))) == "");
  CHECK(joined(faults_of(with("a", "daly-modbus", "tcp:pi") + "baud = 9600\nrs485 = true\n")) ==
        "c.toml:5:8: \"baud\" is for serial: links; the gateway has its own setting for that: remove it\n"
        "c.toml:6:9: \"rs485\" is for serial: links; the gateway has its own setting for that: remove it\n");
  for (const auto& [link, why] : links) {
    CHECK(joined(faults_of(with("a", "jbd", link))) == "c.toml:4:8: link \"" + link + "\"" + why + "\n");
  }
}

TEST_CASE("faults: the password of a JBD's Bluetooth module") {
  const auto jbd = [](const std::string& device, const std::string& password) {
    return "[[pack]]\nid = \"a\"\nprotocol = \"jbd\"\nlink = \"ble:" + device + "\"\nble_password = \"" + password +
           "\"\n";
  };
  const std::string address = "AA:BB:CC:DD:EE:FF";
  for (const auto* right : {"", "123456", "aB3 x#"}) CHECK(joined(faults_of(jbd(address, right))) == "");
  CHECK(joined(faults_of(jbd("JBD-SP04S", ""))) == "");
  check_all({
      {jbd(address, "12345"), {"c.toml:5:16: \"ble_password\" has 5 characters, but a JBD module's has six"}},
      {jbd(address, "1234567"), {"c.toml:5:16: \"ble_password\" has 7 characters, but a JBD module's has six"}},
      {jbd(address, "1"), {"c.toml:5:16: \"ble_password\" has 1 character, but a JBD module's has six"}},
      {jbd("JBD-SP04S", "123456"),
       {"c.toml:4:8: with \"ble_password\" the link needs the device's address, ble:AA:BB:CC:DD:EE:FF; `cellwarden "
        "scan` "
        "shows it"}},
  });
}

TEST_CASE("faults: packs that cannot live together") {
  const std::string other = "[[pack]]\nid = \"b\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/ttyUSB0\"\n";
  const std::string daly = "[[pack]]\nid = \"b\"\nprotocol = \"daly-a5\"\nlink = \"serial:/dev/ttyUSB0\"\n";
  const std::string elsewhere = "[[pack]]\nid = \"a\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/ttyUSB1\"\n";
  const std::string taken =
      "c.toml:8:8: this port is taken by pack \"a\" (line 1); of packs without an address only one can be on a port";
  check_all({
      {pack + elsewhere, {"c.toml:6:6: id \"a\" is already used in line 2; every pack needs its own"}},
      {pack + other, {taken}},
      {pack + other + "baud = 19200\nrs485 = true\n",
       {taken,
        "c.toml:9:8: baud rate 19200, but pack \"a\" (line 1) uses the same port at 9600; one port has one baud rate",
        "c.toml:10:9: rs485 is true, but pack \"a\" (line 1) uses the same port with rs485 = false; write the same for "
        "both"}},
      {pack + daly, {"c.toml:8:8: this port is taken by pack \"a\" (line 1); give each pack on it an \"address\""}},
  });
  // Boards with numbers beside one without: told apart on the wire.
  CHECK(std::holds_alternative<Config>(parse_config(pack + daly + "address = 2\n", "c.toml")));
}

TEST_CASE("faults: who can share a line with whom") {
  const auto on = [](const std::string& id, const std::string& protocol, const std::string& more = "",
                     const std::string& link = "serial:/dev/ttyUSB0") {
    return "[[pack]]\nid = \"" + id + "\"\nprotocol = \"" + protocol + "\"\nlink = \"" + link + "\"\n" + more;
  };
  const auto at = [](int address) { return "address = " + std::to_string(address) + "\n"; };
  const std::string slow = "baud = 9600\n";
  const auto is_right = [](const std::string& text) {
    CAPTURE(text);
    CHECK(joined(faults_of(text)) == "");
  };
  // Addresses are a protocol's own; a JBD, and a Daly that has one number for all, are told apart from all others.
  is_right(on("a", "jbd") + on("b", "daly-a5", at(1)) + on("c", "daly-a5", at(2)) + on("d", "daly-modbus") +
           on("e", "jk-modbus", at(1) + slow) + on("f", "daly-hkms", at(1)));
  is_right(on("a", "jk-listen") + on("b", "jk-listen", at(1)) + on("c", "jk-listen", at(2)));
  const std::string gateway = "rtu+tcp:gw:8899";
  is_right(on("a", "jbd", "", gateway) + on("b", "daly-a5", at(1), gateway) + on("c", "jk-modbus", at(1), gateway));
  // One that is looked for: beside others, and several where each has a number.
  is_right(on("a", "auto") + on("b", "daly-a5", at(1)) + on("c", "jbd"));
  is_right(on("a", "auto", at(1)) + on("b", "auto", at(2)));

  const std::string taken = "this port is taken by pack \"a\" (line 1); ";
  const std::string one = taken + "of packs without an address only one can be on a port";
  const std::string each = taken + "give each pack on it an \"address\"";
  check_all({
      {on("a", "daly-modbus") + on("b", "daly-modbus"), {"c.toml:8:8: " + one}},
      {on("a", "jbd", "", gateway) + on("b", "jbd", "", gateway), {"c.toml:8:8: " + one}},
      {on("a", "auto") + on("b", "auto"), {"c.toml:8:8: " + each}},
      {on("a", "auto", at(3)) + on("b", "auto", at(3)),
       {"c.toml:10:11: address 3 on this port belongs to pack \"a\" (line 1); give each pack its own"}},
      {on("a", "daly-a5", at(1)) + on("b", "jbd") + on("c", "daly-a5", at(1)),
       {"c.toml:14:11: address 1 on this port belongs to pack \"a\" (line 1); give each pack its own"}},
      {on("a", "jbd") + on("b", "daly-a5", at(1)) + on("c", "jbd"), {"c.toml:13:8: " + one}},
      {on("a", "jk-modbus", at(1) + slow) + on("b", "jbd-up", at(1)),
       {"c.toml:11:11: on this port pack \"a\" (line 1) has the same number 1 on the wire: \"jk-modbus\" and "
        "\"jbd-up\" count their boards together, as Modbus does; give one of them another address"}},
      {on("a", "jk-listen", at(1)) + on("b", "jk-modbus", at(2)),
       {"c.toml:8:12: this port is only listened to by pack \"a\" (line 1), for a chain talks there by itself, but "
        "\"jk-modbus\" asks; write the same protocol for both, or give one of them another port"}},
      {on("a", "auto") + on("b", "jk-listen", at(2)),
       {"c.toml:7:12: \"jk-listen\" only listens to a chain that talks by itself, but pack \"a\" (line 1) asks on the "
        "same port; write the same protocol for both, or give one of them another port"}},
      {on("a", "auto") + on("b", "jbd") + on("c", "jk-modbus", at(1)),
       {"c.toml:9:1: baud rate 115200, but pack \"b\" (line 5) uses the same port at 9600; one port has one baud "
        "rate"}},
      {on("a", "auto", "ble_password = \"123456\"\n", "ble:AA:BB:CC:DD:EE:FF"),
       {"c.toml:5:16: \"ble_password\" is for a device that is known: no password is sent to one that is only looked "
        "for. Write protocol = \"jbd\" beside it"}},
  });
}

TEST_CASE("faults: broker, Home Assistant, service") {
  const std::string broker =
      "\", but must be mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS; user and password have keys of their own";
  for (const std::string url : {"", "localhost", "tcp://a", "mqtt://", "mqtt://:1883", "mqtt://a:0", "mqtt://a:65536",
                                "mqtt://bob:x@a", "mqtt://a/b", "mqtt://[::1", "mqtts://a:"}) {
    CAPTURE(url);
    CHECK(joined(faults_of("[mqtt]\nbroker = \"" + url + "\"\n" + pack)) ==
          "c.toml:2:10: \"broker\" is \"" + url + broker + "\n");
  }
  const std::string topic = "\", but must be a topic without +, # and $, with no / at either end";
  check_all({
      {"[mqtt]\npassword = \"geheim\"\n" + pack,
       {"c.toml:2:1: a password does not belong in this file; write it into a file of its own that only the service "
        "can "
        "read, and name that file: password_file = \"/etc/cellwarden/mqtt-password\""}},
      {"[mqtt]\npassword_file = \"/p\"\n" + pack, {"c.toml:2:17: \"password_file\" needs \"username\" beside it"}},
      {"[mqtt]\nca_file = \"/ca\"\n" + pack,
       {"c.toml:2:11: \"ca_file\" is for TLS, but \"broker\" is mqtt://localhost:1883; write mqtts:// there or remove "
        "\"ca_file\""}},
      {"[mqtt]\ntopic = \"a/#\"\n" + pack, {"c.toml:2:9: \"topic\" is \"a/#" + topic}},
      {"[mqtt]\nversion = 4\n" + pack, {"c.toml:2:11: \"version\" is 4, but must be one of 5, 3"}},
      {"[mqtt]\npublish_min = \"2m\"\n" + pack,
       {"c.toml:2:15: \"publish_max\" (60 s) is shorter than \"publish_min\" (120 s)"}},
      {"[home_assistant]\ndiscovery = \"devices\"\n" + pack,
       {"c.toml:2:13: \"discovery\" is \"devices\"; did you mean \"device\"?"}},
      {"[service]\nstate_dir = \"lib\"\nlog_level = \"warning\"\noffline_after_polls = 0\n" + pack,
       {"c.toml:2:13: \"state_dir\" is \"lib\", but must be a whole path, such as \"/var/lib/cellwarden\"",
        "c.toml:3:13: \"log_level\" is \"warning\"; known are error, warn, info, debug",
        "c.toml:4:23: \"offline_after_polls\" is 0, but must be 1 to 100 polls"}},
  });
}

TEST_CASE("faults: all of them in one go, in the order of the file") {
  const auto lines =
      faults_of("[mqtt]\nbrokr = \"mqtt://a\"\nversion = \"5\"\n" + pack +
                "pol = 2\nlimits = { cell_ovp_v = \"3.6\", cell_uvp = 2 }\n[[pack]]\nid = \"a\"\n[servce]\n");
  CHECK(joined(lines) ==
        "c.toml:2:1: unknown key \"brokr\" in [mqtt]; did you mean \"broker\"?\n"
        "c.toml:3:11: \"version\" is text, but must be one of 5, 3\n"
        "c.toml:8:1: unknown key \"pol\" in [[pack]]; did you mean \"poll\"?\n"
        "c.toml:9:25: \"cell_ovp_v\" is text, but must be a number, 1 to 5 V\n"
        "c.toml:9:32: unknown key \"cell_uvp\" in [pack.limits]; did you mean \"cell_uvp_v\"?\n"
        "c.toml:10:1: [[pack]] lacks \"protocol\"; add for example: protocol = \"jbd\"\n"
        "c.toml:10:1: [[pack]] lacks \"link\"; add for example: link = \"serial:/dev/serial/by-id/...\"\n"
        "c.toml:11:6: id \"a\" is already used in line 5; every pack needs its own\n"
        "c.toml:12:2: unknown key \"servce\" in the file; did you mean \"service\"?\n");
}

TEST_CASE("faults: thresholds and the alert command") {
  const std::string service = pack + "[service]\n", alerts = pack + "[pack.alerts]\n";
  check_all({
      {alerts + "cell_delta_mv = 0\n", {"c.toml:6:17: \"cell_delta_mv\" is 0, but must be 1 to 2000 mV"}},
      {alerts + "cell_delta_where = \"top\"\n",
       {"c.toml:6:20: \"cell_delta_where\" is \"top\"; known are knee, rest, any"}},
      {alerts + "cell_near_ovp_mv = 60\n",
       {"c.toml:6:20: \"cell_near_ovp_mv\" is 60, but must be below \"cell_near_ovp_clear_mv\", which is 60"}},
      {alerts + "offset_top_alarm_pct = 3.5\n",
       {"c.toml:6:24: \"offset_top_alarm_clear_pct\" is 4, but must be below \"offset_top_alarm_pct\", which is 3.5"}},
      {pack + "[pack.analysis]\nbalanced_pp = 1.6\n",
       {"c.toml:6:15: \"balanced_pp\" (1.6) is above \"unbalanced_pp\" (1.5)"}},
      {service + "alert_command = \"/bin/true\"\n",
       {"c.toml:6:17: \"alert_command\" is text, but must be a list of texts: [\"...\", \"...\"]"}},
      {service + "alert_command = [\"/bin/true\", 1]\n",
       {"c.toml:6:17: \"alert_command\" is a list, but must be a list of texts: [\"...\", \"...\"]"}},
      {service + "alert_command = [\"on-alert\"]\n",
       {"c.toml:6:17: \"alert_command\" begins with \"on-alert\", but must begin with the whole path of a program, "
        "such "
        "as [\"/usr/local/bin/on-alert\", \"--loud\"]"}},
  });
}

TEST_CASE("faults: banks") {
  // Lines 1 to 8; what is wrong begins in line 9.
  const std::string packs = pack + "[[pack]]\nid = \"b\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/ttyUSB1\"\n";
  const std::string of_both = "packs = [\"a\", \"b\"]\njoined = \"parallel\"\n";
  check_all({
      {packs + "[[bank]]\nid = \"house\"\n" + of_both, {}},
      {packs + "[[bank]]\n",
       {"c.toml:9:1: [[bank]] lacks \"id\"; add for example: id = \"house\"",
        "c.toml:9:1: [[bank]] lacks \"packs\"; add for example: packs = [\"house-1\", \"house-2\"]",
        "c.toml:9:1: [[bank]] lacks \"joined\"; add for example: joined = \"parallel\""}},
      {packs + "[[bank]]\nid = \"a\"\n" + of_both,
       {"c.toml:10:6: id \"a\" belongs to a pack (line 1); a bank needs its own, for its topics"}},
      {packs + "[[bank]]\nid = \"My house\"\n" + of_both,
       {"c.toml:10:6: \"id\" is \"My house\", but must be lower-case letters, digits, - and _, beginning with a letter "
        "or "
        "digit, such as \"house\""}},
      {packs + "[[bank]]\nid = \"house\"\npacks = [\"a\", \"zebra\"]\njoined = \"paralel\"\n",
       {"c.toml:11:15: there is no [[pack]] with the id \"zebra\"; known are a, b",
        "c.toml:12:10: \"joined\" is \"paralel\"; did you mean \"parallel\"?"}},
      {packs + "[[bank]]\nid = \"house\"\npacks = [\"a\"]\njoined = \"series\"\n",
       {"c.toml:11:9: \"packs\" names only \"a\", but a bank joins two or more"}},
      {packs + "[[bank]]\nid = \"house\"\npacks = []\njoined = \"series\"\n",
       {"c.toml:11:9: \"packs\" names no pack, but a bank joins two or more"}},
      {packs + "[[bank]]\nid = \"house\"\npacks = \"a, b\"\njoined = \"series\"\n",
       {"c.toml:11:9: \"packs\" is text, but must be a list of texts: [\"...\", \"...\"]"}},
      {packs + "[[bank]]\nid = \"house\"\npacks = [\"a\", \"a\"]\njoined = \"series\"\n",
       {"c.toml:11:15: pack \"a\" is named twice; a bank holds each pack once"}},
      {packs + "[[bank]]\nid = \"house\"\n" + of_both + "[[bank]]\nid = \"house\"\n" + of_both,
       {"c.toml:14:6: id \"house\" is already used in line 10; every bank needs its own",
        "c.toml:15:10: pack \"a\" belongs to bank \"house\" (line 9); a pack can be in one bank only",
        "c.toml:15:15: pack \"b\" belongs to bank \"house\" (line 9); a pack can be in one bank only"}},
  });
  const auto with_cells = [&](const std::string& a, const std::string& b, const std::string& joined) {
    return pack + "limits = { cell_count = 16 }\n" + a + "[[pack]]\nid = \"b\"\nprotocol = \"jbd\"\n" +
           "link = \"serial:/dev/ttyUSB1\"\nlimits = { cell_count = 14 }\n" + b +
           "[[bank]]\nid = \"house\"\npacks = [\"a\", \"b\"]\njoined = \"" + joined + "\"\n";
  };
  check_all({
      {with_cells("", "", "parallel"),
       {"c.toml:13:15: pack \"b\" has 14 cells, but pack \"a\" has 16; packs in parallel need as many (in series: "
        "joined "
        "= \"series\")"}},
      {with_cells("", "", "series"), {}},
  });
  // Fewer cells of another chemistry make the same voltage: that is warned of, not refused.
  CHECK(faults_of(with_cells("chemistry = \"lfp\"\n", "chemistry = \"nmc\"\n", "parallel")).empty());
}
