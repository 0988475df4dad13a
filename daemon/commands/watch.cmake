floor(watch_command FOLDERS daemon/commands daemon/publish config protocols SOURCES watch.cpp
      BELOW publish pack_table vocabulary_json)
