floor(check_command FOLDERS daemon/commands daemon/finding config protocols SOURCES check.cpp BELOW tries config)
