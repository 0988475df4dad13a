floor(check_command FOLDERS daemon/commands config protocols SOURCES check.cpp BELOW config)
