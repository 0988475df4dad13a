floor(watch_command FOLDERS daemon/commands daemon/publish daemon/banks config protocols SOURCES watch.cpp
      BELOW publish bank_json pack_table vocabulary_json)
