floor(decode_command FOLDERS daemon/commands daemon/links protocols SOURCES decode.cpp BELOW capture vocabulary_json)
