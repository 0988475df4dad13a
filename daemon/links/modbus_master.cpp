#include "daemon/links/modbus_master.h"

#include <modbus/modbus.h>

#include <cerrno>
#include <new>

#include "protocols/checksum.h"
#include "protocols/modbus_rtu.h"

namespace cellwarden {

namespace {

constexpr std::uint8_t read_holding = MODBUS_FC_READ_HOLDING_REGISTERS, refusal = 0x80;

/// Silence within an answer that ends it. 3.5 characters by the standard; USB adapters and gateways hold bytes back.
constexpr std::uint32_t between_bytes_us = 250'000;
/// Whoever holds the other end ends the waiting, much earlier.
constexpr std::uint32_t longest_wait_s = 10;

std::uint8_t answering(const RegisterRead& what) { return what.answers_as ? what.answers_as : what.unit; }

void append(Buffer& frame, std::uint16_t word) {
  frame.push_back(static_cast<std::uint8_t>(word >> 8));
  frame.push_back(static_cast<std::uint8_t>(word & 0xFF));
}

Buffer with_crc(Buffer frame) {
  const std::uint16_t crc = crc16(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  return frame;
}

/// Takes the socket back however the transaction ends: libmodbus closes what it still has.
struct Lent {
  modbus_t* context;
  ~Lent() { modbus_set_socket(context, -1); }
};

}  // namespace

ModbusMaster::ModbusMaster(ModbusFraming framing)
    : framing_(framing),
      // Neither is ever opened: the socket is lent.
      context_(framing == ModbusFraming::rtu ? modbus_new_rtu("/dev/null", 9600, 'N', 8, 1)
                                             : modbus_new_tcp("127.0.0.1", MODBUS_TCP_DEFAULT_PORT)) {
  if (!context_) throw std::bad_alloc();
  modbus_set_error_recovery(context_, MODBUS_ERROR_RECOVERY_NONE);
  modbus_set_byte_timeout(context_, 0, between_bytes_us);
  modbus_set_response_timeout(context_, longest_wait_s, 0);
}

ModbusMaster::~ModbusMaster() { modbus_free(context_); }

ModbusAnswer ModbusMaster::read(int socket, const RegisterRead& what) {
  modbus_set_socket(context_, socket);
  const Lent lent{context_};
  return framing_ == ModbusFraming::rtu ? read_rtu(what) : read_tcp(what);
}

/// The frame itself comes back, its CRC checked. `modbus_read_registers` would not have answers under another number,
/// nor say what it refused.
ModbusAnswer ModbusMaster::read_rtu(const RegisterRead& what) {
  Buffer request{what.unit, read_holding};
  append(request, what.first);
  append(request, what.count);
  modbus_set_slave(context_, what.unit);
  if (modbus_send_raw_request(context_, request.data(), static_cast<int>(request.size())) < 0) return {};

  modbus_set_slave(context_, answering(what));
  for (;;) {
    std::uint8_t frame[MODBUS_MAX_ADU_LENGTH];
    const int size = modbus_receive_confirmation(context_, frame);
    const bool is_ours = size > 0 && frame[0] == answering(what) && (frame[1] & ~refusal) == read_holding;
    if (is_ours) return {ModbusAnswer::whole, Buffer(frame, frame + size)};
    if (size >= 0) continue;  // another's answer, late or overheard: 0, its CRC unchecked
    if (errno == EMBBADCRC) return {ModbusAnswer::spoiled, {}, FrameError::checksum};
    if (errno == EMBBADDATA || errno == ETIMEDOUT) return {ModbusAnswer::spoiled, {}, FrameError::length};
    return {};
  }
}

/// Here the number of the request matters, which only `modbus_read_registers` compares.
ModbusAnswer ModbusMaster::read_tcp(const RegisterRead& what) {
  std::uint16_t registers[MODBUS_MAX_READ_REGISTERS];
  modbus_set_slave(context_, what.unit);
  const int count = modbus_read_registers(context_, what.first, what.count, registers);
  if (count >= 0) {
    Buffer frame{answering(what), read_holding, static_cast<std::uint8_t>(2 * count)};
    for (int i = 0; i < count; ++i) append(frame, registers[i]);
    return {ModbusAnswer::whole, with_crc(std::move(frame))};
  }
  switch (errno) {
    case EMBXILFUN:
    case EMBXILADD:
    case EMBXILVAL:
    case EMBXSFAIL:
    case EMBXNACK:
    case EMBXMEMPAR: {
      const auto code = static_cast<std::uint8_t>(errno - MODBUS_ENOBASE);
      return {ModbusAnswer::whole, with_crc({answering(what), read_holding | refusal, code})};
    }
    case EMBBADDATA:
    case EMBBADEXC:
      return {ModbusAnswer::spoiled, {}, FrameError::unexpected};
    default:
      return {};  // closed; or the gateway's own words: busy, no way there, nobody answers there
  }
}

}  // namespace cellwarden
