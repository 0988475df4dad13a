floor(release_command FOLDERS daemon/commands daemon/publish config protocols SOURCES release.cpp BELOW publish)
